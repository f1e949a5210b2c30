"""What `--profile` says is what was spent, and where."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from platestream.core.detector import WindowDetector
from platestream.video.engine import load_engine
from platestream.video.pipeline import Pipeline
from platestream.video.profile import STAGES, Profile
from platestream.video.videos import VideoSource

STREET = Path(__file__).parents[2] / "src/platestream/demo/street.mp4"


def spend(seconds: float) -> None:
    end_s = time.thread_time() + seconds
    while time.thread_time() < end_s:
        pass


def test_time_is_of_the_innermost_stage() -> None:
    profile = Profile()
    spend(0.02)
    with profile.stage("track"):
        spend(0.04)
        with profile.stage("read"):
            spend(0.08)
        spend(0.01)
    seconds = profile.seconds()
    assert seconds["track"] == pytest.approx(0.05, abs=0.01)
    assert seconds["read"] == pytest.approx(0.08, abs=0.01)
    assert seconds["score"] == seconds["write"] == 0


def test_a_run_on_the_watch_finds_the_same_and_counts_every_stage() -> None:
    engine, profile = load_engine(), Profile()
    timed = profile.engine(engine)
    assert isinstance(timed.detector, WindowDetector)
    source = VideoSource(STREET)
    plain = [plate.reading.text for step in Pipeline(engine).run(source) for plate in step.ended]
    with profile.stage("track"):
        steps = list(Pipeline(timed).run(profile.source(source)))
    assert [plate.reading.text for step in steps for plate in step.ended] == plain
    assert profile.num_frames == source.num_frames
    seconds = profile.seconds()
    assert tuple(seconds) == STAGES
    assert all(seconds[stage] > 0 for stage in STAGES if stage != "write")


def test_a_detector_of_whole_frames_stays_one() -> None:
    class Blind:
        def detect(self, rgb: object) -> list[object]:
            return []

    engine = replace(load_engine(), detector=Blind())  # type: ignore[arg-type]
    assert not isinstance(Profile().engine(engine).detector, WindowDetector)


def test_what_other_threads_do_is_not_on_the_watch() -> None:
    profile = Profile(is_alone=False)
    seen: dict[str, float] = {}

    def other() -> None:
        with profile.stage("read"):
            spend(0.05)
        seen.update(profile.seconds())

    with profile.stage("track"):
        spend(0.03)
        with profile.stage("write"):
            spend(0.01)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert seen["track"] == pytest.approx(0.03, abs=0.01), "as at the last change"
    seconds = profile.seconds()
    assert seconds["read"] == seconds["decode"] == 0
    assert seconds["write"] == pytest.approx(0.01, abs=0.008)
