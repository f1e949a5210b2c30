"""What is done stays done; two runs, other settings and full disks are said in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from platestream.cluster.manifest import LOCK_FILE, Manifest
from platestream.cluster.units import Passage, Unit, UnitResult
from platestream.core.errors import ConfigError, StoreError
from platestream.core.plate_event import PlateEvent
from platestream.video.segments import KeyFrame, Segment

SEGMENT = Segment(KeyFrame(0, 7), 7, 0, 100)
PARTS = [Unit("a.mp4", "1", part, 2, SEGMENT) for part in range(2)]
EVENT = PlateEvent(
    plate="AB123",
    plate_masked="AB12?",
    confidence=0.9,
    candidates=(("AB123", 0.9), ("AB128", 0.1)),
    regions=(("NL", 0.9),),
    quality=0.5,
    track_id=1,
    continued=(3,),
    source="a.mp4",
    first_pts_s=0.0,
    last_pts_s=1.0,
    best_pts_s=0.5,
    first_frame=0,
    last_frame=25,
    best_frame=12,
    box_xyxy=(1.0, 2.0, 3.0, 4.0),
    num_frames=26,
    num_scored=26,
    num_read=3,
    crop="",
    quad=((1.0, 2.0), (3.0, 2.0), (3.0, 4.0), (1.0, 4.0)),
)
RESULT = UnitResult(
    (Passage((1, 3), EVENT, b"", 90), Passage((2,), None, b"", None)),
    {1: (0, 0), 2: (0, 1), 3: (20, 0)},
    num_frames=100,
    video_s=4.0,
)


def test_what_is_done_is_there_the_next_time(tmp_path: Path) -> None:
    with Manifest(tmp_path, {"arch": "nano"}) as manifest:
        manifest.plan([*PARTS, Unit("b.mp4", "1")])
        assert manifest.to_do(["b.mp4", "a.mp4"]) == [Unit("b.mp4", "1"), *PARTS]
        manifest.done(PARTS[1], RESULT)
    with Manifest(tmp_path, {"arch": "nano"}) as manifest:
        assert manifest.to_do(["a.mp4"]) == PARTS[:1]
        assert manifest.results("a.mp4") == []
        manifest.done(PARTS[0], UnitResult())
        assert manifest.results("a.mp4") == [(PARTS[0], UnitResult()), (PARTS[1], RESULT)]
        assert manifest.num_units(["a.mp4", "b.mp4", "never seen"]) == 3


def test_planning_a_source_again_forgets_it(tmp_path: Path) -> None:
    with Manifest(tmp_path, {}) as manifest:
        manifest.plan(PARTS)
        manifest.done(PARTS[0], RESULT)
        manifest.mark_stored("x", "a.mp4")
        manifest.plan([Unit("a.mp4", "2")])
        assert manifest.to_do(["a.mp4"]) == [Unit("a.mp4", "2")]
        assert manifest.stored("x") == set()
        manifest.done(PARTS[0], RESULT)  # of the file as it was
        assert manifest.to_do(["a.mp4"]) == [Unit("a.mp4", "2")]


def test_other_settings_are_refused_unless_begun_again(tmp_path: Path) -> None:
    with Manifest(tmp_path, {"arch": "nano", "policy": "sparing"}) as manifest:
        manifest.plan(PARTS)
    with pytest.raises(ConfigError, match=r"made with arch nano, now it is s; .*--restart"):
        Manifest(tmp_path, {"arch": "s", "policy": "sparing"})
    with Manifest(tmp_path, {"arch": "s"}, restart=True) as manifest:
        assert manifest.versions() == {}


def test_two_runs_on_one_folder_are_refused(tmp_path: Path) -> None:
    with Manifest(tmp_path, {}), pytest.raises(ConfigError, match="another run is writing here"):
        Manifest(tmp_path, {})
    with Manifest(tmp_path, {}):
        pass


def test_a_run_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from platestream.cluster.manifest import Manifest;"
        "m = Manifest(pathlib.Path(sys.argv[1]), {}); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path], check=False).returncode == -9
    assert (tmp_path / LOCK_FILE).exists()
    with Manifest(tmp_path, {}):
        pass


def test_a_damaged_manifest_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.db").write_bytes(os.urandom(9000))
    with pytest.raises(StoreError, match=r"manifest\.db"):
        Manifest(tmp_path, {})


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="choose another folder"):
        Manifest(tmp_path / "file" / "out", {})
