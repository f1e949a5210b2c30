"""A second opinion: what the detector doubts must read like a plate, and hints must even more."""

from collections.abc import Sequence

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.detector import WindowDetector
from platestream.core.types import Detection, Quad, Reading, Rgb
from platestream.models.bundle import load_detector, load_networks, second_opinion
from platestream.models.opinion import SecondOpinion, judged

FRAME = np.zeros((240, 320, 3), np.uint8)


def at(x: float, score: float, width: float = 60) -> Detection:
    """A find of its own brightness, by which the networks below know it."""
    return Detection((x, 100.0, x + width, 120.0), score)


class Finds:
    """A detector that finds what it was told."""

    def __init__(self, found: Sequence[Detection], hints: Sequence[Detection] = ()) -> None:
        self._found, self._hints = list(found), list(hints)

    def detect(self, rgb: Rgb) -> list[Detection]:
        return self.detect_with_hints(rgb)[0]

    def detect_with_hints(self, _: Rgb) -> tuple[list[Detection], list[Detection]]:
        return self._found, self._hints

    def scale(self, width_px: int, _: int) -> float:
        return 320 / width_px

    def look(self, _: Rgb) -> list[Detection]:
        return self._found


def reading(text: str, score: float) -> Reading:
    probs = np.zeros((NUM_STEPS, NUM_CLASSES), np.float32)
    probs[np.arange(len(text) + 1), encode(text)[: len(text) + 1]] = score
    return Reading(text, probs, score)


def opinion_of(
    found: Sequence[Detection],
    hints: Sequence[Detection] = (),
    *,
    says: str = "AB123",
    score: float = 0.5,
    quality: float = 0.5,
) -> SecondOpinion:
    return SecondOpinion(Finds(found, hints), lambda _: quality, lambda _: reading(says, score))


@pytest.mark.parametrize(
    ("detector", "score", "quality", "is_plate"),
    [
        (0.5, 0.9, 0.9, True),
        (0.5, 0.3, 0.5, True),
        # 0.69 + 2.36 log(0.5/0.5) + 0.74 quality + 1.06 log(score/(1 - score)) is -0.75 at
        # 0.145.
        (0.5, 0.15, 0.6, True),
        (0.5, 0.14, 0.6, False),
        (0.41, 0.12, 0.1, False),
        # What the detector is sure of needs to be no script that we read.
        (0.6, 0.01, 0.0, True),
    ],
)
def test_a_doubtful_find_is_refused_that_reads_like_nothing(
    detector: float, score: float, quality: float, is_plate: bool
) -> None:
    plate = at(10, detector)
    told = opinion_of([plate], score=score, quality=quality).judge(FRAME)
    assert (told.plates, told.refused) == (([plate], []) if is_plate else ([], [plate]))


def test_an_empty_reading_is_none_however_sure() -> None:
    told = opinion_of([at(10, 0.45)], says="", score=0.99).judge(FRAME)
    assert told.plates == []


@pytest.mark.parametrize("says", ["TAXI18", "TAX1WRR", "TAXLRR"])
def test_the_sign_of_a_taxi_is_no_plate_unless_it_is_found_surely(says: str) -> None:
    doubtful, sure = at(10, 0.59), at(100, 0.6)
    told = opinion_of([sure, doubtful], [at(200, 0.3)], says=says, score=0.99).judge(FRAME)
    assert (told.plates, told.refused) == ([sure], [doubtful])


@pytest.mark.parametrize(
    ("says", "score", "quality", "is_plate"),
    [
        ("82T1546", 0.8, 0.3, True),
        ("82T1546", 0.79, 0.9, False),
        ("82T1546", 0.99, 0.29, False),
        ("TOYOTA", 0.99, 0.9, False),
        ("821", 0.99, 0.9, False),
    ],
)
def test_a_hint_is_a_plate_where_it_reads_like_one(
    says: str, score: float, quality: float, is_plate: bool
) -> None:
    hint = at(10, 0.25)
    told = opinion_of([], [hint], says=says, score=score, quality=quality).judge(FRAME)
    assert (told.plates, told.refused) == ([hint] if is_plate else [], [])


def corners_of(box: tuple[float, float, float, float]) -> Quad:
    x1, y1, x2, y2 = box
    return (x1, y1), (x2, y1), (x2, y2), (x1, y2)


def test_a_hint_is_read_where_its_corners_lie() -> None:
    hint = at(100, 0.25)
    shapes: list[tuple[int, ...]] = []

    def read(crop: Rgb) -> Reading:
        shapes.append(crop.shape)
        return reading("82T1546", 0.9)

    # The hint is 60 x 20; grown by 0.4 its crop begins at 88, 96 and is 84 x 28.
    asked = SecondOpinion(
        Finds([], [hint]), lambda _: 0.5, read, lambda _: corners_of((2, 2, 82, 22))
    )
    (plate,) = asked.judge(FRAME).plates
    assert plate.box_xyxy == (90, 98, 170, 118)
    assert plate.quad == corners_of((90, 98, 170, 118))
    assert plate.score == hint.score
    assert shapes == [(22, 88, 3)], "with a margin of a tenth"


def test_a_hint_without_corners_is_read_as_it_lies() -> None:
    hint = at(100, 0.25)
    asked = SecondOpinion(
        Finds([], [hint]), lambda _: 0.5, lambda _: reading("82T1546", 0.9), lambda _: None
    )
    assert asked.judge(FRAME).plates == [hint]


def test_a_hint_whose_corners_are_those_of_a_found_plate_is_that_plate() -> None:
    found, hint = at(100, 0.9), at(165, 0.25, width=40)
    # Grown by 0.4 the hint's crop begins at 157, 96: the plate it sees is the one found before.
    asked = SecondOpinion(
        Finds([found], [hint]),
        lambda _: 0.5,
        lambda _: reading("82T1546", 0.9),
        lambda _: corners_of((-57, 4, 3, 24)),
    )
    assert asked.judge(FRAME).plates == [found]


def test_what_is_too_small_to_read_is_left_to_the_detector() -> None:
    tiny = at(10, 0.45, width=2)
    told = opinion_of([tiny], [at(100, 0.3, width=2)], score=0.01).judge(FRAME)
    assert (told.plates, told.refused) == ([tiny], [])


def test_parts_of_frames_are_seen_by_the_detector_alone() -> None:
    plate = at(10, 0.41)
    opinion = opinion_of([plate], says="", score=0.1)
    assert isinstance(opinion, WindowDetector)
    assert opinion.look(FRAME) == [plate]
    assert opinion.scale(640, 480) == 0.5
    assert opinion.detect(FRAME) == []


def test_what_any_detector_finds_can_be_asked_for_alike() -> None:
    plate = at(10, 0.41)
    assert judged(Finds([plate]), FRAME).plates == [plate]
    told = judged(opinion_of([plate], says="", score=0.1), FRAME)
    assert (told.plates, told.refused) == ([], [plate])


def test_only_our_detector_and_the_reader_it_was_fitted_for_are_asked() -> None:
    finds, networks = Finds([]), load_networks()
    assert second_opinion(finds, networks) is finds
    assert isinstance(second_opinion(load_detector(), networks), SecondOpinion)
    own = load_detector()
    assert second_opinion(own, load_networks("s")) is own
