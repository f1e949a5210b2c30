"""Looks again: the plate comes back where it lies, with corners to cut it upright by."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.boxes import BoxXyxy, box_corners
from platestream.core.types import Detection, Reading, Rgb
from platestream.models.again import look_again
from platestream.models.preprocess import cut_plate

Detect = Callable[[Rgb], Sequence[Detection]]


def upright_plate(box: BoxXyxy, score: float) -> Detection:
    return Detection(box, score, quad=box_corners(box))


def street() -> Rgb:
    """Upright: 90 wide, 60 high, with a plate of 40 x 10 whose left half is red, its right blue."""
    rgb = np.zeros((60, 90, 3), np.uint8)
    rgb[20:30, 10:30, 0] = 255
    rgb[20:30, 30:50, 2] = 255
    return rgb


def seen_upright(rgb: Rgb) -> list[Detection]:
    """Finds the plate where the picture lies as `street` does."""
    is_upright = rgb.shape == (60, 90, 3) and bool(rgb[25, 15, 0])
    return [upright_plate((10.0, 20.0, 50.0, 30.0), 0.8)] if is_upright else []


def says(text: str, score: float) -> Callable[[Rgb], Reading]:
    return lambda _: Reading(text, np.zeros((NUM_STEPS, NUM_CLASSES), np.float32), score)


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_plate_is_found_from_the_side_and_cut_upright(quarters: int) -> None:
    lying = np.ascontiguousarray(np.rot90(street(), quarters))
    (plate,) = look_again(lying, seen_upright, says("AB123", 0.9))
    x1, y1, x2, y2 = (round(v) for v in plate.box_xyxy)
    assert (x2 - x1, y2 - y1) == (10, 40)
    assert lying[y1:y2, x1:x2].max(axis=2).min() == 255
    crop = cut_plate(lying, plate)
    assert crop.shape == (11, 44, 3)
    assert crop[5, 10].tolist() == [255, 0, 0]
    assert crop[5, 34].tolist() == [0, 0, 255]


@pytest.mark.parametrize(("text", "score"), [("AB123", 0.79), ("HOTEL", 0.99), ("A12", 0.99)])
def test_what_does_not_read_like_a_plate_is_none(text: str, score: float) -> None:
    lying = np.ascontiguousarray(np.rot90(street()))
    assert look_again(lying, seen_upright, says(text, score)) == []


def test_a_plate_that_is_drowned_in_light_is_found_in_a_darker_picture() -> None:
    plate = upright_plate((10.0, 20.0, 50.0, 30.0), 0.45)
    haze = np.full((60, 90, 3), 160, np.uint8)

    def detect(rgb: Rgb) -> list[Detection]:
        # 255 * (160 / 255) ** 2.5 is 79.5.
        return [plate] if rgb.shape == haze.shape and 78 < rgb.mean() < 81 else []

    assert look_again(haze, detect, says("AB123", 0.9)) == [plate]
    assert haze.min() == 160, "the picture itself stays as it was"


def test_what_is_too_small_to_read_is_none() -> None:
    tiny = upright_plate((0.0, 0.0, 20.0, 2.0), 0.9)
    assert look_again(street(), lambda _: [tiny], says("AB123", 0.99)) == []


def test_the_side_that_reads_surer_counts() -> None:
    from_left = upright_plate((0.0, 0.0, 20.0, 8.0), 0.9)
    from_right = upright_plate((30.0, 40.0, 60.0, 50.0), 0.5)
    picture = street()
    picture[0, 0] = 255

    def detect(rgb: Rgb) -> list[Detection]:
        if rgb.shape == picture.shape:
            return []
        return [from_left] if rgb[-1, 0].all() else [from_right]

    def read(crop: Rgb) -> Reading:
        return says("AB123", 0.85 if crop.shape[1] < 30 else 0.95)(crop)

    (plate,) = look_again(picture, detect, read)
    assert plate.score == from_right.score
    # Turned with the clock, the picture is 60 wide: its (x, y) is (y, 60 - x) of the one that lies.
    assert plate.box_xyxy == (40, 0, 50, 30)
