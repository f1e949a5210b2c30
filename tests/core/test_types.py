import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.alphabet import CHARACTERS, MAX_PLATE_CHARS, NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import Detection, Frame, PlateCrop, Reading


def char_probs(text: str, probs: list[float]) -> np.ndarray:
    """``(T, C)``: `probs[k]` on character k of the text and then on the end, the rest spread."""
    best = np.full(NUM_STEPS, 0.9, np.float32)
    best[: len(probs)] = probs
    rest = (1 - best) / (NUM_CLASSES - 1)
    table = np.repeat(rest[:, None], NUM_CLASSES, axis=1)
    table[np.arange(NUM_STEPS), encode(text)] = best
    return table


def test_the_score_is_that_of_the_least_confident_character() -> None:
    reading = Reading.from_probs(char_probs("AB1", [0.9, 0.6, 0.8, 0.95]))
    assert reading.text == "AB1"
    assert reading.score == pytest.approx(0.6)


def test_the_end_symbol_counts() -> None:
    assert Reading.from_probs(char_probs("AB", [0.9, 0.8, 0.5])).score == pytest.approx(0.5)
    assert Reading.from_probs(char_probs("", [0.3])).score == pytest.approx(0.3)


def test_what_comes_after_the_end_does_not_count() -> None:
    probs = [0.9, 0.8, 0.7, 0.1]
    assert Reading.from_probs(char_probs("AB", probs)).score == pytest.approx(0.7)


def test_a_reading_without_end_uses_every_step() -> None:
    table = char_probs("A" * MAX_PLATE_CHARS, [0.9] * MAX_PLATE_CHARS + [0.9])
    table[-1] = table[0]
    table[-1, :] = 0.4 / (NUM_CLASSES - 1)
    table[-1, 1] = 0.6
    reading = Reading.from_probs(table)
    assert reading.text == "A" * MAX_PLATE_CHARS
    assert reading.score == pytest.approx(0.6)


@given(
    st.text(st.sampled_from(CHARACTERS), max_size=MAX_PLATE_CHARS),
    st.lists(st.floats(0.1, 1), min_size=NUM_STEPS, max_size=NUM_STEPS),
)
def test_text_and_score_of_any_plate(text: str, probs: list[float]) -> None:
    reading = Reading.from_probs(char_probs(text, probs))
    assert reading.text == text
    assert reading.score == pytest.approx(min(probs[: len(text) + 1]), rel=1e-6)


def test_values_are_frozen() -> None:
    detection = Detection((0, 0, 1, 1), 0.5)
    with pytest.raises(dataclasses.FrozenInstanceError):
        detection.score = 1.0  # type: ignore[misc]
    assert detection == Detection((0, 0, 1, 1), 0.5)


def test_a_detection_moves_with_its_corners() -> None:
    box, quad = (10.0, 20.0, 50.0, 30.0), ((10.0, 22.0), (50.0, 20.0), (50.0, 28.0), (10.0, 30.0))
    found = Detection(box, 0.5, quad)
    shifted = ((13.0, 18.0), (53.0, 16.0), (53.0, 24.0), (13.0, 26.0))
    assert found.shifted(3, -4) == Detection((13, 16, 53, 26), 0.5, shifted)
    scaled = ((20.0, 11.0), (100.0, 10.0), (100.0, 14.0), (20.0, 15.0))
    assert found.scaled(2, 0.5) == Detection((20, 10, 100, 15), 0.5, scaled)


def test_without_corners_those_of_the_box_stand_for_them() -> None:
    box = (10.0, 20.0, 50.0, 30.0)
    upright = ((10, 20), (50, 20), (50, 30), (10, 30))
    found = Detection(box, 0.5)
    assert found.corners == upright
    assert found.shifted(1, 1).quad is found.scaled(2, 2).quad is None
    crop = PlateCrop(1, 0, 0.0, box, np.zeros((2, 2, 3), np.uint8))
    assert crop.corners == upright
    slanted = ((10.0, 22.0), (50.0, 20.0), (50.0, 28.0), (10.0, 30.0))
    assert dataclasses.replace(found, quad=slanted).corners == slanted
    assert dataclasses.replace(crop, quad=slanted).corners == slanted


def test_what_holds_pixels_compares_by_identity() -> None:
    frame = Frame(0, 0.0, np.zeros((2, 2, 3), np.uint8))
    assert frame == frame
    assert frame != dataclasses.replace(frame)
