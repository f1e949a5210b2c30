"""`platestream run` over an archive, with the shipped networks: to files, Parquet and a store."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from platestream.store.records import Query
from platestream.store.store import open_store

from .conftest import Cli


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, demo_clip: Path) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    day = folder / "gate" / "2026-02-03"
    day.mkdir(parents=True)
    shutil.copy(demo_clip, day / "2026-02-03_04-05-06.mp4")
    (day / "2026-02-03_05-00-00.mp4").write_text("no video")
    return folder


def events(out: Path) -> list[dict[str, Any]]:
    lines = (out / "events.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    # Archives number their pictures otherwise; all of them are there.
    files = [event[name] for event in found for name in ("crop", "stack") if event[name]]
    assert all((out / file).is_file() for file in files)
    return [event | {"crop": "", "stack": bool(event["stack"])} for event in found]


def test_one_command_and_the_same_again(cli: Cli, archive: Path, tmp_path: Path) -> None:
    clip = next(archive.rglob("*06.mp4"))
    assert cli("run", clip, "--out", tmp_path / "plain").code == 0
    command = ["run", archive, "--out", tmp_path / "out", "--parquet", "--camera", "gate"]
    command += ["--store", tmp_path / "events.db", "--time-zone", "UTC"]
    command += ["--time-from", "%Y-%m-%d_%H-%M-%S", "--json"]
    first = cli(*command)
    assert first.code == 3
    answer = json.loads(first.out)
    (problem,) = answer["errors"]
    assert "05-00-00.mp4: cannot be opened as a video" in problem
    assert events(tmp_path / "out") == events(tmp_path / "plain")
    assert len(events(tmp_path / "out")) == answer["num_events"] > 0

    again = json.loads(cli(*command).out)
    assert again["num_read"] == 1  # the damaged one: it may have been mended
    assert again["num_events"] == answer["num_events"]

    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    kept = store.find(Query(camera="gate")).events
    assert sorted(e.event.plate for e in kept) == sorted(
        e["plate"] for e in events(tmp_path / "out")
    )
    assert {e.started_at.isoformat()[:16] for e in kept} == {"2026-02-03T04:05"}
    assert all(store.picture(e.crop_file).is_file() for e in kept)
    store.close()
    table = pq.read_table(tmp_path / "out" / "events.parquet")
    assert sorted(table["id"].to_pylist()) == sorted(e.id for e in kept)
    made = [path for name in ("plain", "out") for path in (tmp_path / name).rglob("*")]
    assert [path for path in made if path.stat().st_mode & 0o077] == [], "for their owner alone"


def test_a_name_without_a_time_is_one_line_and_loses_nothing(
    cli: Cli, archive: Path, tmp_path: Path
) -> None:
    clip = tmp_path / "gate.mp4"
    shutil.copy(next(archive.rglob("*06.mp4")), clip)
    command = ["run", clip, "--out", tmp_path / "out", "--store", tmp_path / "events.db"]
    wrong = cli(*command, "--time-from", "%Y-%m-%d")
    assert wrong.code == 5
    assert "gate.mp4: the name has no time like %Y-%m-%d" in wrong.err
    assert events(tmp_path / "out")
    right = cli(*command, "--json")
    assert (right.code, json.loads(right.out)["num_read"]) == (0, 0)
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    assert len(store.find(Query()).events) == len(events(tmp_path / "out"))
    store.close()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--ray", "nonsense://127.0.0.1:1"], 2, "cannot be reached"),
        (["--jobs", "1", "--arch", "s"], 2, "made with arch nano, now it is s"),
        (["--store", "postgresql://nobody@127.0.0.1:1/x"], 2, "--pictures"),
        (["--store", "x.db", "--time-from", "%Q"], 2, "--time-from"),
        (["--store", "x.db", "--plates", "some"], 2, "choose keep, hash or listed"),
        (["--store", "x.db", "--plates", "hash"], 2, "set PLATESTREAM__STORE__HASH_KEY"),
        (["--jobs", "1", "--plates", "hash"], 2, "--plates: only for an event store"),
        (["--jobs", "1", "--pictures", "x"], 2, "--pictures: only for an event store"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    cli: Cli, archive: Path, tmp_path: Path, options: list[str], code: int, words: str
) -> None:
    bad = next(archive.rglob("*00.mp4"))
    cli("run", bad, "--out", tmp_path, "--jobs", "1")
    result = cli("run", bad, "--out", tmp_path, *options)
    assert result.code == code
    assert words in result.err
    assert len(result.err.strip().splitlines()) == 1


@pytest.mark.parametrize(("first", "second"), [((), ("--jobs", "1")), (("--jobs", "1"), ())])
def test_results_of_both_kinds_do_not_get_mixed_up(
    cli: Cli, archive: Path, tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    clip = next(archive.rglob("*06.mp4"))
    assert cli("run", clip, "--out", tmp_path, *first).code == 0
    before = sorted((path, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())
    result = cli("run", clip, "--out", tmp_path, *second)
    assert result.code == 2
    assert f"{'with' if first else 'without'} --jobs, --ray, --store or --parquet" in result.err
    after = sorted((path, path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())
    assert after == before
    assert cli("run", clip, "--out", tmp_path, *first).code == 0, "the same again is"


def test_a_store_of_hashes_gets_hashes(
    cli: Cli, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = next(archive.rglob("*06.mp4"))
    command = ["run", clip, "--out", tmp_path / "out", "--store", tmp_path / "events.db"]
    monkeypatch.setenv("PLATESTREAM__STORE__HASH_KEY", "0123456789abcdef")
    assert cli(*command, "--plates", "hash").code == 0
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    kept = store.find(Query()).events
    store.close()
    assert kept
    assert all(e.plate_hash and not e.event.plate and not e.crop_file for e in kept)
    plates = {event["plate"] for event in events(tmp_path / "out")}
    assert not [p for p in plates if p.encode() in (tmp_path / "events.db").read_bytes()]
    refused = cli(*command)
    assert refused.code == 2
    assert "keeps plates as hashes; add --plates hash" in refused.err
