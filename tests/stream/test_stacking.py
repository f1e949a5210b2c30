"""When the crops of a plate in doubt are read as one picture."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import Plate, PlateCrop, Reading, Rgb
from platestream.models import stacking as models_stacking
from platestream.stream import stacking
from platestream.stream.fusion import ProductProbs, by_trust
from platestream.stream.policy import SURE, Leap, first_frame
from platestream.stream.recognizer import PlateRecognizer
from platestream.stream.registry import POLICIES
from platestream.stream.rules import make_rule
from platestream.stream.stacking import PlateStack, StackRule


class FakeStack:
    """Takes what is bright enough; its picture tells how many it holds, and how sharp it is."""

    def __init__(self) -> None:
        self.num_frames = 0
        self.weights: list[float] = []

    def add(self, rgb: Rgb, weight: float) -> bool:
        if rgb[0, 0, 2]:
            return False
        self.num_frames += 1
        self.weights.append(weight)
        return True

    def picture(self, sharpness: float = 0.0) -> Rgb:
        return np.array([[[self.num_frames, round(10 * sharpness), 7]]], np.uint8)


def crop(frame: int, quality: float = 0.5, *, track: int = 1, agrees: bool = True) -> PlateCrop:
    rgb = np.array([[[round(quality * 100), frame, 0 if agrees else 1]]], np.uint8)
    return PlateCrop(track, frame, frame / 25, (0, 0, 1, 1), rgb)


def score(rgb: Rgb) -> float:
    return float(rgb[0, 0, 0]) / 100


def reading(text: str, sure: float) -> Reading:
    probs = np.full((NUM_STEPS, NUM_CLASSES), (1 - sure) / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode(text)] = sure
    return Reading.from_probs(probs)


class Reads:
    """Single crops say one thing, stacks another; how sure it is of a stack is given."""

    def __init__(self, stack_score: float = 0.6) -> None:
        self.stack_score = stack_score
        self.stacks: list[tuple[int, float]] = []

    def __call__(self, rgb: Rgb) -> Reading:
        if rgb[0, 0, 2] == 7:
            self.stacks.append((int(rgb[0, 0, 0]), rgb[0, 0, 1] / 10))
            return reading("RIGHT1", self.stack_score)
        return reading("WRONG2", 0.5)


def heart(read: Reads, rule: StackRule | None = None, *, kept: int = 0) -> PlateRecognizer:
    return PlateRecognizer(
        score,
        read,
        first_frame,
        ProductProbs(by_trust),
        read_at_end=kept,
        new_stack=FakeStack,
        stack_rule=rule,
    )


def run(recognizer: PlateRecognizer, num: int, qualities: Sequence[float] = (0.5,)) -> Plate:
    for index in range(num):
        recognizer.push(crop(index, qualities[index % len(qualities)]))
    return recognizer.end(1)


def test_a_stack_is_read_in_view_as_it_grows_and_at_the_end() -> None:
    read = Reads()
    plate = run(heart(read), 40)
    # At 8, and at the end sharpened and plain: from 8 on it is every other crop.
    assert read.stacks == [(8, 1.5), (24, 1.5), (24, 0.0)]
    assert plate.num_read == 1 + len(read.stacks)
    assert plate.reading.text == "RIGHT1"
    assert plate.stacked is not None
    assert plate.stacked.num_frames == 24
    np.testing.assert_array_equal(plate.stacked.rgb, [[[24, 0, 7]]])


def test_in_view_a_reading_of_the_stack_is_in_force_at_once() -> None:
    recognizer = heart(Reads())
    texts = [recognizer.push(crop(index)).reading.text for index in range(9)]
    assert texts == ["WRONG2"] * 7 + ["RIGHT1"] * 2


def test_a_stack_that_has_not_grown_is_not_read_again() -> None:
    read = Reads()
    run(heart(read), 8)
    assert read.stacks == [(8, 1.5), (8, 0.0)]


def test_nothing_more_is_read_of_a_plate_that_is_sure() -> None:
    read = Reads(stack_score=0.99)
    plate = run(heart(read, kept=3), 40)
    assert plate.confidence >= SURE
    assert read.stacks == [(8, 1.5)]
    assert plate.num_read == 2


def test_the_plate_keeps_what_the_stack_said_last_beside_its_crops() -> None:
    plate = run(heart(Reads()), 40)
    said = [(scored.reading.text, scored.looks) for scored in plate.all_readings]
    assert plate.readings == plate.all_readings[:1]
    assert sorted(said) == [("RIGHT1", 4.0), ("RIGHT1", 4.0), ("WRONG2", 1.0)]


def test_a_few_crops_are_not_worth_a_stack() -> None:
    read = Reads()
    plate = run(heart(read, kept=1), 2)
    assert read.stacks == []
    assert plate.stacked is None
    assert plate.num_read == 2


def test_crops_kept_for_the_end_are_read_where_the_stack_leaves_doubt() -> None:
    assert run(heart(Reads(stack_score=0.2), kept=2), 7).num_read == 1 + 2 + 2
    assert run(heart(Reads(stack_score=0.99), kept=2), 7).num_read == 1 + 1


def test_without_readings_at_the_end_no_stack_is_read() -> None:
    read = Reads()
    recognizer = heart(read)
    for index in range(5):
        recognizer.push(crop(index))
    assert recognizer.end(1, read_kept=False).stacked is None
    assert read.stacks == []


def test_poor_crops_stay_out_and_the_odds_of_quality_weigh() -> None:
    stack = FakeStack()
    plate = PlateStack(stack, StackRule())
    for index, quality in enumerate((0.5, 0.2, 0.9, 0.0, 1.0)):
        plate.add(crop(index, quality), quality)
    # 0.2 and 0 are under the mean of what came until then; nothing is beyond doubt.
    assert stack.weights == pytest.approx([1.0, 9.0, 999.0])


def test_a_stack_takes_no_more_than_it_needs() -> None:
    stack = FakeStack()
    plate = PlateStack(stack, StackRule(max_frames=5))
    for index in range(20):
        plate.add(crop(index), 0.5)
    assert stack.num_frames == 5


def test_it_counts_as_its_best_crop_and_as_several_looks() -> None:
    plate = PlateStack(FakeStack(), StackRule(most_looks=3.0))
    for index, quality in enumerate((0.5, 0.9, 0.7)):
        plate.add(crop(index, quality), quality)
    plate.add(crop(3, 1.0, agrees=False), 1.0)
    plate.read(Reads())
    (scored,) = plate.readings
    assert (scored.quality, scored.frame_index, scored.pts_s) == (0.9, 1, 1 / 25)
    assert scored.looks == 2  # 0.7 is under the mean of the three
    assert by_trust(scored) == pytest.approx(2 * 0.9 * scored.reading.score)


def test_a_reader_that_fails_leaves_the_track_live() -> None:
    class Failing(Reads):
        def __call__(self, rgb: Rgb) -> Reading:
            if rgb[0, 0, 2] == 7:
                msg = "no reader"
                raise OSError(msg)
            return super().__call__(rgb)

    recognizer = heart(Failing())
    for index in range(5):
        recognizer.push(crop(index))
    with pytest.raises(OSError, match="no reader"):
        recognizer.end(1)
    assert recognizer.end(1, read_kept=False).reading.text == "WRONG2"


def test_room_for_stacks_is_limited_and_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacking, "MAX_STACKS", 2)
    read = Reads()
    recognizer = heart(read)
    for index in range(5):
        for track in (1, 2, 3):
            recognizer.push(crop(index, track=track))
    stacked = [recognizer.end(track).stacked is not None for track in (1, 2, 3)]
    assert stacked == [True, True, False]
    assert run(recognizer, 5).stacked is not None


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 99)), max_size=60))
def test_the_paper_reads_no_stack_in_any_interleaving(pushes: list[tuple[int, int]]) -> None:
    read = Reads()
    plain = make_rule("paper").recognizer(score, Reads())
    given_one = make_rule("paper").recognizer(score, read, new_stack=FakeStack)
    for index, (track, quality) in enumerate(pushes):
        one, other = (h.push(crop(index, quality / 100, track=track)) for h in (plain, given_one))
        assert (one.reading.text, one.was_read) == (other.reading.text, other.was_read)
    assert read.stacks == []


def test_only_the_rules_that_say_so_read_stacks() -> None:
    for policy in POLICIES:
        read = Reads()
        recognizer = make_rule(policy, "product").recognizer(score, read, new_stack=FakeStack)
        run(recognizer, 12)
        assert bool(read.stacks) == POLICIES[policy].stacks, policy


def test_under_a_budget_stacks_wait_for_the_end() -> None:
    read = Reads()
    rule = make_rule("stacking", reads_per_s=1.0)
    recognizer = rule.recognizer(score, read, new_stack=FakeStack)
    for index in range(9):  # before it looks at a second crop
        recognizer.push(crop(index))
    assert read.stacks == []
    recognizer.end(1)
    assert read.stacks == [(9, 1.5), (9, 0.0)]


def test_ten_thousand_live_tracks_fit_into_400_mb() -> None:
    """However often those in doubt are read: each reading would be 76 MB more."""
    rgb = np.zeros((30, 100, 3), np.uint8)
    rule, probs = make_rule("stacking"), reading("AB12", 0.02).char_probs
    recognizer = rule.recognizer(
        lambda _: 0.5,
        lambda _: Reading("AB12", probs.copy(), 0.2),
        new_stack=models_stacking.Stack,
    )
    tracemalloc.start()
    for frame, pts_s in enumerate((0.0, 0.5, 1.5, 3.5)):
        for track in range(10_000):
            decision = recognizer.push(PlateCrop(track, frame, pts_s, (0, 0, 1, 1), rgb.copy()))
            assert decision.own_reading is not None
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 400e6
    assert len(recognizer.end(0).readings) == 2


def test_half_a_plate_at_the_edge_is_laid_on_no_stack() -> None:
    read = Reads()
    recognizer = heart(read)
    for index in range(9):
        recognizer.push(replace(crop(index), is_cut=index % 2 == 0))
    plate = recognizer.end(1)
    assert read.stacks == [(4, 1.5), (4, 0.0)]
    assert not plate.is_cut  # the stack shows it whole


def test_a_stack_of_poor_crops_does_not_outvote_a_far_better_crop() -> None:
    class Late(Reads):
        """Reads the last crop rightly, and says so of no stack."""

        def __call__(self, rgb: Rgb) -> Reading:
            if rgb[0, 0, 0] == 90 and rgb[0, 0, 2] == 0:
                return reading("RIGHT9", 0.5)
            return super().__call__(rgb)

    recognizer = PlateRecognizer(score, Late(), Leap(), ProductProbs(by_trust), new_stack=FakeStack)
    texts = [recognizer.push(crop(index, 0.3)).reading.text for index in range(9)]
    assert texts[-1] == "RIGHT1"
    assert recognizer.push(crop(9, 0.9)).reading.text == "RIGHT9"


def test_a_decision_shows_the_mean_while_that_counts() -> None:
    recognizer = make_rule("stacking").recognizer(score, Reads(), new_stack=FakeStack)
    in_view = [recognizer.push(crop(index)) for index in range(8)]
    assert in_view[0].stacked is None
    shown = in_view[-1].stacked
    assert shown is not None
    assert shown.num_frames == 8
    # A single crop that is so much better was read: what the poor ones showed together is over.
    assert recognizer.push(crop(9, 0.9)).was_read
    assert recognizer.push(crop(10, 0.5)).stacked is None
    assert recognizer.end(1).stacked is not None
