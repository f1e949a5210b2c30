"""Replaying a rule gives what running it gives."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import PlateCrop, Reading, Rgb
from platestream.lab.data.sample import Sample
from platestream.lab.replay import (
    READ_ALL,
    RecordedTrack,
    TrackRecord,
    record_samples,
    replay,
    replay_track,
)
from platestream.stream.registry import POLICIES
from platestream.stream.rules import make_rule
from platestream.video.pictures import write_picture


def reading(text: str, sure: float = 0.9) -> Reading:
    probs = np.full((NUM_STEPS, NUM_CLASSES), (1 - sure) / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = sure
    return Reading.from_probs(probs)


def numbered(index: int) -> PlateCrop:
    """A crop whose picture is the number of its frame."""
    rgb = np.full((1, 1, 3), index, np.uint8)
    return PlateCrop(1, index, index / 25, (0, 0, 1, 1), rgb)


def score(rgb: Rgb) -> float:
    return float(rgb[0, 0, 0]) / 255


def read(rgb: Rgb) -> Reading:
    return reading(f"AB{rgb[0, 0, 1]}")


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    found = []
    for index, (quality, number) in enumerate([(100, 10), (50, 11), (200, 12), (120, 12)]):
        rgb = np.zeros((16, 40, 3), np.uint8)
        rgb[...] = (quality, number, 0)
        write_picture(tmp_path / f"{index}.png", rgb)
        found.append(Sample(tmp_path / f"{index}.png", "dev", "AB12", None, None, "t", index))
    return found[::-1]


def test_what_is_recorded_lazily_is_read_when_a_rule_asks_for_it(samples: list[Sample]) -> None:
    asked: list[int] = []

    def counting(rgb: Rgb) -> Reading:
        asked.append(int(rgb[0, 0, 1]))
        return read(rgb)

    (lazy,) = record_samples(samples, score, counting, lambda: None, lazily=True)
    (whole,) = record_samples(samples, score, read, lambda: None)
    assert asked == []
    for _ in range(2):
        for policy in ("paper", "first"):
            rule = make_rule(policy)
            assert replay([lazy], rule) == replay([whole], rule)
    assert asked == [10, 12], "the records, once"
    assert [r.text for r in lazy.readings[1:]] == ["AB11", "AB12", "AB12"]
    assert len(lazy.readings) == 4


def test_a_record_holds_every_frame_in_order(samples: list[Sample]) -> None:
    (track,) = record_samples(samples, score, read, lambda: None)
    assert track.text == "AB12"
    assert [r.text for r in track.readings] == ["AB10", "AB11", "AB12", "AB12"]
    assert track.qualities == pytest.approx([q / 255 for q in (100, 50, 200, 120)])


def test_the_papers_rule_by_hand(samples: list[Sample]) -> None:
    outcome = replay(record_samples(samples, score, read, lambda: None), make_rule("paper"))
    assert outcome.carried == [["AB10", "AB10", "AB12", "AB12"]]
    assert (outcome.plates, outcome.num_reads, outcome.num_frames) == (["AB12"], [2], [4])
    assert outcome.frame_accuracy(["AB12"]) == 0.5
    assert outcome.right(["AB12"]).tolist() == [True]


@pytest.mark.parametrize("policy", POLICIES)
def test_replaying_is_running(policy: str) -> None:
    rng = np.random.default_rng(3)
    texts = [f"AB{rng.integers(10, 13)}" for _ in range(20)]
    readings = [
        reading(text, float(sure))
        for text, sure in zip(texts, rng.uniform(0.2, 1, 20), strict=True)
    ]
    qualities = rng.uniform(0, 1, 20).tolist()
    track = RecordedTrack("AB12", [j / 25 for j in range(20)], qualities, readings)
    decisions, plate = replay_track(track, make_rule(policy))
    live = make_rule(policy).recognizer(
        lambda rgb: qualities[int(rgb[0, 0, 0])], lambda rgb: readings[int(rgb[0, 0, 0])]
    )
    again = [live.push(numbered(index)) for index in range(20)]
    assert [d.was_read for d in again] == [d.was_read for d in decisions]
    assert live.end(1).reading.text == plate.reading.text


def test_decisions_of_a_recording_heart_become_tracks() -> None:
    heart = READ_ALL.recognizer(lambda _: 0.5, lambda rgb: reading(f"AB{rgb[0, 0, 0]}"))
    record = TrackRecord()
    for index in range(3):
        record.add([heart.push(numbered(index))])
    (recorded,) = record.tracks()
    assert [r.text for r in recorded.readings] == ["AB0", "AB1", "AB2"]
    assert recorded.pts_s == [0.0, 1 / 25, 2 / 25]
    assert recorded.text == ""
