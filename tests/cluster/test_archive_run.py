"""Runs over a folder of films: the same events whoever reads them, and whatever is killed."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from platestream.cluster.archive import find
from platestream.cluster.archive_run import Run
from platestream.cluster.executor import Outcome
from platestream.cluster.manifest import Manifest
from platestream.cluster.processes import Processes
from platestream.cluster.results import Results
from platestream.cluster.settings import ReadSettings
from platestream.core.errors import StoreError

from .drive import drive
from .readers import road_reader
from .road import photos


class Here:
    """An executor that reads in this very process."""

    num_workers = 1

    def run(self, units: Any, settings: ReadSettings) -> Any:
        read = road_reader(settings)
        return (Outcome(unit, read(unit)) for unit in units)


def events(out: Path) -> list[dict[str, Any]]:
    lines = (out / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def without_crops(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in event.items() if key != "crop"} for event in found]


@pytest.fixture(scope="module")
def uncut(films: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    out = tmp_path_factory.mktemp("uncut")
    drive(films, out, Here(), segment_s=0)
    found = events(out)
    assert len(found) > 10
    assert all((out / event["crop"]).is_file() for event in found)
    return without_crops(found)


@pytest.mark.skipif(sys.platform == "darwin", reason="no such names there")
def test_a_name_that_is_no_utf8_stops_no_other(films: Path, tmp_path: Path) -> None:
    copy = tmp_path / "films"
    shutil.copytree(films, copy)
    shutil.copy(copy / "north" / "1.mp4", os.fsdecode(os.fsencode(copy) + b"/\xff\xfe.mp4"))
    command = [str(Path(sys.executable).with_name("platestream")), "run", str(copy)]
    command += ["--jobs", "1", "--out", str(tmp_path / "out"), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, "Traceback" in result.stderr) == (3, False)
    assert "its name is no UTF-8; rename it" in result.stdout + result.stderr
    assert (tmp_path / "out" / "events.jsonl").is_file()


def test_processes_and_parts_give_the_same_events(
    films: Path, uncut: list[dict[str, Any]], tmp_path: Path
) -> None:
    progress = drive(films, tmp_path, Processes(2, road_reader))
    assert progress.num_done == progress.num_units == progress.num_read > 6
    found = events(tmp_path)
    assert without_crops(found) == uncut
    assert all((tmp_path / event["crop"]).is_file() for event in found)
    again = drive(films, tmp_path, Processes(2, road_reader))
    assert again.num_read == 0
    assert events(tmp_path) == found


@pytest.mark.parametrize("victim", ["driver", "worker"])
def test_a_run_goes_on_where_it_was_killed(
    films: Path, uncut: list[dict[str, Any]], tmp_path: Path, victim: str
) -> None:
    chance = random.Random(victim)
    command = [sys.executable, "-m", "tests.cluster.drive", films, tmp_path / "out", "processes"]
    for _ in range(3):
        run = subprocess.Popen(command)
        deadline_s = time.monotonic() + 1.5 + 2 * chance.random()
        while time.monotonic() < deadline_s and run.poll() is None:
            time.sleep(0.05)
        if victim == "driver":
            run.kill()
            run.wait()
        else:
            for worker in children(run.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
            assert run.wait() == 0
    assert subprocess.run(command, check=False).returncode == 0
    assert without_crops(events(tmp_path / "out")) == uncut


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def test_a_damaged_film_is_read_in_one_piece_and_named(
    films: Path, uncut: list[dict[str, Any]], tmp_path: Path
) -> None:
    copy = tmp_path / "films"
    shutil.copytree(films, copy)
    (copy / "north" / "nothing.mp4").write_text("no video")
    progress = drive(copy, tmp_path / "out", Here())
    (problem,) = progress.problems.values()
    assert "nothing.mp4: cannot be opened as a video" in problem[0]
    assert problem[1] == 3
    # Its id is made of its source, which has moved.
    moved = {"source": "", "id": ""}
    found = [event | moved for event in without_crops(events(tmp_path / "out"))]
    assert found == [event | moved for event in uncut]


def test_a_changed_film_is_read_again_and_a_new_one_too(films: Path, tmp_path: Path) -> None:
    copy = tmp_path / "films"
    shutil.copytree(films / "north", copy)
    drive(copy, tmp_path / "out", Here(), segment_s=0)
    shutil.copy(films / "south" / "day" / "1.mp4", copy / "1.mp4")
    shutil.copy(films / "north" / "2.mp4", copy / "3.mp4")
    assert drive(copy, tmp_path / "out", Here(), segment_s=0).num_read == 2


def test_a_full_disk_ends_the_run_and_keeps_what_is_done(films: Path, tmp_path: Path) -> None:
    class Full(Results):
        def keep(self, unit: Any, result: Any) -> None:
            if unit.source.endswith("2.mp4"):
                msg = "no room"
                raise StoreError(msg)
            super().keep(unit, result)

    settings = ReadSettings()
    with Manifest(tmp_path, settings.fingerprint()) as manifest:
        run = Run(manifest, Full(tmp_path, manifest), Here(), settings, 0)
        with pytest.raises(StoreError, match="no room"):
            run.run(find(str(films), photos))
    assert {Path(event["source"]).name for event in events(tmp_path)} == {"1.mp4"}
    assert drive(films, tmp_path, Here(), segment_s=0).num_read == 2
