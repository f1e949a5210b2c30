"""When to read: each rule on streams small enough to follow by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.types import PlateCrop, Reading, Rgb
from platestream.stream.doubt import WhileInDoubt
from platestream.stream.policy import (
    Budget,
    EveryKth,
    Leap,
    Policy,
    UntilSure,
    Worthwhile,
    every_frame,
    first_frame,
    record_breaking,
)
from platestream.stream.recognizer import PlateRecognizer

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)


def make_crop(track_id: int, frame: int, quality: int, score: int = 128) -> PlateCrop:
    """Pixels tell quality and the score of the reading; ten frames a second."""
    rgb = np.array([[[quality, score, 0]]], np.uint8)
    return PlateCrop(track_id, frame, frame / 10, (0, 0, 1, 1), rgb)


def recognizer_with(policy: Policy) -> PlateRecognizer:
    def read(rgb: Rgb) -> Reading:
        return Reading("AB1", PROBS, int(rgb[0, 0, 1]) / 255)

    return PlateRecognizer(lambda rgb: int(rgb[0, 0, 0]) / 255, read, policy)


def reads(policy: Policy, qualities: Sequence[int], scores: Sequence[int] = ()) -> list[int]:
    """Frames of one stream that were read."""
    recognizer = recognizer_with(policy)
    decisions = [
        recognizer.push(make_crop(1, j, q, scores[j] if scores else 128))
        for j, q in enumerate(qualities)
    ]
    return [d.crop.frame_index for d in decisions if d.was_read]


@pytest.mark.parametrize(
    ("policy", "read"),
    [
        (record_breaking, [0, 2, 4]),
        (every_frame, [0, 1, 2, 3, 4, 5]),
        (first_frame, [0]),
        (EveryKth(2), [0, 2, 4]),
        (EveryKth(4), [0, 4]),
        (EveryKth(1), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_simple_rules(policy: Policy, read: list[int]) -> None:
    assert reads(policy, [100, 50, 120, 120, 200, 10]) == read


def test_a_sure_stream_is_read_no_more() -> None:
    qualities, scores = [50, 100, 150, 200], [100, 240, 10, 10]
    assert reads(UntilSure(every_frame, 0.9), qualities, scores) == [0, 1]
    assert reads(UntilSure(record_breaking, 1.0), qualities, scores) == [0, 1, 2, 3]


def test_worthwhile_wants_doubt_quality_and_a_fresh_look() -> None:
    policy = Worthwhile(min_gain=0.2, gap=2)
    # Score 0.5 and quality 0.6 leave 0.3 at best: worth it when freshness is above two thirds,
    # that is from the third crop after a reading on.
    assert reads(policy, [153] * 8, [128] * 8) == [0, 3, 6]
    # Where the reading is sure nothing is worth it; nor is a poor crop.
    assert reads(policy, [153] * 8, [250] * 8) == [0]
    assert reads(policy, [60] * 8, [0] * 8) == [0, 4]


def test_a_leap_is_measured_from_the_best_crop_that_was_read() -> None:
    # Steps of 0.08 (20 of 255) are no leap, but two of them are.
    assert reads(Leap(0.1), [100, 120, 140, 160, 90, 200]) == [0, 2, 5]


def test_a_better_crop_than_ever_is_fresh() -> None:
    assert reads(Worthwhile(min_gain=0.2, gap=100), [100, 150, 140, 200], [50] * 4) == [0, 1, 3]


def test_a_budget_holds_over_all_streams() -> None:
    recognizer = recognizer_with(Budget(every_frame, reads_per_s=2, burst=4))
    count = 0
    for frame in range(100):  # ten seconds
        for track in (1, 2, 3):
            count += recognizer.push(make_crop(track, frame, 100)).was_read
    assert count == pytest.approx(4 + 2 * 9.9, abs=1)


def test_a_record_refused_for_lack_of_budget_is_made_up_for() -> None:
    qualities = [50, 230] + [200] * 30
    # One reading in the purse, one more a second: the record of frame 1 cannot be paid.
    assert reads(Budget(record_breaking, 1, 1), qualities) == [0, 10]


def test_a_stream_that_opens_without_budget_is_read_all_the_same() -> None:
    recognizer = recognizer_with(Budget(every_frame, reads_per_s=0.001, burst=1))
    assert [recognizer.push(make_crop(track, 0, 9)).was_read for track in range(5)] == [True] * 5
    assert not recognizer.push(make_crop(0, 1, 200)).was_read


@given(
    st.lists(st.integers(0, 255), min_size=1, max_size=30),
    st.sampled_from([record_breaking, every_frame, Worthwhile(), EveryKth(3)]),
)
def test_wrapping_never_reads_more(qualities: list[int], policy: Policy) -> None:
    plain = reads(policy, qualities)
    assert set(reads(Budget(policy, 1000, 1000), qualities)) == set(plain)
    assert len(reads(UntilSure(policy, 0.4), qualities)) <= len(plain)


def test_doubt_makes_another_look_worth_it_after_a_pause_that_grows() -> None:
    # No crop is better than the first: a leap would never read again.
    doubtful = WhileInDoubt(pause_s=0.5, growth=2, longest_s=2, confidence=2.0)
    assert reads(Leap(), [200] * 60) == [0]
    # At ten crops a second after 0.5, 1, 2 and again 2 seconds, whatever the frame rate is.
    assert reads(doubtful, [200] * 60) == [0, 5, 15, 35, 55]


def test_a_new_look_waits_for_a_fair_crop_and_ends_with_the_doubt() -> None:
    doubtful = WhileInDoubt(pause_s=0.3, growth=1, confidence=2.0)
    assert reads(doubtful, [200, 200, 200, 50, 50, 190]) == [0, 5]
    assert reads(WhileInDoubt(pause_s=0.3, growth=1, confidence=0.1), [200] * 20) == [0]


def test_a_leap_is_read_at_once_in_doubt() -> None:
    assert reads(WhileInDoubt(margin=0.1, confidence=2.0), [100, 120, 140]) == [0, 2]
