"""Corrections as training data, read back by those who train."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from platestream.core.errors import StoreError
from platestream.lab.data.check import check_labels
from platestream.lab.data.labels_csv import read_labels
from platestream.store.store import EventStore, open_store
from platestream.store.training import write_corrections
from platestream.video.pictures import read_picture

from .events import new_event


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    yield store
    store.close()


def test_labels_are_as_the_lab_reads_them(store: EventStore, tmp_path: Path) -> None:
    store.add(new_event("AB1111"))
    event_id = store.add(new_event("AB1234"))
    store.correct(event_id, "京A12345", by="Anna")
    out = tmp_path / "training"
    assert write_corrections(store, out) == 3
    assert check_labels(out) == []
    samples = read_labels(out)
    assert {sample.text for sample in samples} == {"京A12345"}
    assert {sample.track for sample in samples} == {event_id}
    # The strip's frames, and the one that was read.
    assert [sample.frame_index for sample in samples] == [10, 11, 20]
    assert all(read_picture(sample.file).shape == (20, 60, 3) for sample in samples)


def test_a_frame_that_is_best_and_in_the_strip_comes_once(
    store: EventStore, tmp_path: Path
) -> None:
    new = new_event("AB1234")
    best = replace(new.event, best_frame=11)
    store.correct(store.add(replace(new, event=best)), "AB1284", by="Anna")
    assert write_corrections(store, tmp_path / "training") == 2


def test_a_plate_is_in_one_split_and_both_are_used(store: EventStore, tmp_path: Path) -> None:
    for i in range(40):
        event_id = store.add(new_event("AB1234", num_strip=0))
        store.correct(event_id, f"XY{i // 2}", by="Anna")
    write_corrections(store, tmp_path / "training")
    splits: dict[str, set[str]] = {}
    for sample in read_labels(tmp_path / "training"):
        splits.setdefault(sample.text, set()).add(sample.split)
    assert all(len(found) == 1 for found in splits.values())
    assert set().union(*splits.values()) == {"train", "dev"}


def test_pruned_pictures_are_left_out(store: EventStore, tmp_path: Path) -> None:
    store.correct(store.add(new_event("AB1234")), "AB1284", by="Anna")
    store.prune(max_bytes=0)
    assert write_corrections(store, tmp_path / "training") == 0


def test_a_folder_that_cannot_be_made_says_so(store: EventStore, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        write_corrections(store, tmp_path / "file")
