import contextlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platestream.core.errors import StoreError
from platestream.sinks.jsonl import EventWriter

FULL_DISK = Path("/dev/full")


def test_a_line_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a" / "b") as writer:
        writer.write({"plate": "京A88731", "score": 0.5, "box": (1, 2)})
        text = writer.path.read_text(encoding="utf-8")
        assert text == '{"plate":"京A88731","score":0.5,"box":[1,2]}\n'
        writer.write({"plate": None})
    assert writer.path == tmp_path / "a" / "b" / "events.jsonl"
    assert writer.path.read_text(encoding="utf-8").splitlines()[1:] == ['{"plate":null}']
    assert writer.num_events == 2


def test_a_new_run_replaces_an_older_file(tmp_path: Path) -> None:
    for plate in ("OLD1", "NEW1"):
        with EventWriter(tmp_path) as writer:
            writer.write({"plate": plate})
    assert json.loads(writer.path.read_text(encoding="utf-8")) == {"plate": "NEW1"}


def test_a_run_without_events_leaves_an_empty_file(tmp_path: Path) -> None:
    with EventWriter(tmp_path) as writer:
        pass
    assert writer.path.read_bytes() == b""


def test_an_error_inside_keeps_the_lines_before_it(tmp_path: Path) -> None:
    with contextlib.suppress(KeyError), EventWriter(tmp_path) as writer:
        writer.write({"plate": "KEPT1"})
        raise KeyError
    assert json.loads(writer.path.read_text(encoding="utf-8")) == {"plate": "KEPT1"}


@settings(max_examples=25)
@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), max_size=5))
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, events: list[dict[str, object]]
) -> None:
    with EventWriter(tmp_path_factory.mktemp("events")) as writer:
        for event in events:
            writer.write(event)
    lines = writer.path.read_bytes().decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == events
    assert lines[-1] == ""


def test_a_file_name_that_is_not_utf8_is_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.mp4")
    with EventWriter(tmp_path) as writer:
        writer.write({"source": name})
    assert json.loads(writer.path.read_text(encoding="utf-8")) == {"source": name}


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"events\.jsonl: cannot be written"):
        EventWriter(tmp_path / "file" / "out")


@pytest.mark.skipif(not FULL_DISK.exists(), reason="needs Linux's always-full device")
def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").symlink_to(FULL_DISK)
    with (
        EventWriter(tmp_path) as writer,
        pytest.raises(StoreError, match=r"events\.jsonl: cannot write event 1 \(No space left"),
    ):
        writer.write({"plate": "LOST1"})
    assert writer.num_events == 0
