"""Rows of a plate side by side."""

import numpy as np
import pytest

from platestream.models.two_rows import LOWER, UPPER, may_have_two_rows, side_by_side


def two_rows(height: int, width: int) -> np.ndarray:
    """The upper row is red, the lower one green."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, :, 0] = 255
    rgb[height // 2 :, :, 1] = 255
    return rgb


@pytest.mark.parametrize("height", [10, 40, 41, 199])
@pytest.mark.parametrize("shift", [-0.04, 0.0, 0.04])
def test_the_upper_row_stands_left_and_the_lower_one_right(height: int, shift: float) -> None:
    laid_out = side_by_side(two_rows(height, 60), shift)
    assert laid_out.shape[1:] == (120, 3)
    assert laid_out.shape[0] == max(
        round((UPPER + shift) * height), round((1 - LOWER - shift) * height)
    )
    left, right = laid_out[:, :60].mean((0, 1)), laid_out[:, 60:].mean((0, 1))
    assert left[0] > 200 > 60 > left[1]
    assert right[1] > 180 > 80 > right[0]


def test_nothing_of_a_plate_is_left_out() -> None:
    rows = np.arange(100, dtype=np.uint8).repeat(50).reshape(100, 50)
    laid_out = side_by_side(np.dstack([rows] * 3))
    left, right = laid_out[:, :50], laid_out[:, 50:]
    assert (left.min(), left.max()) == (0, 53)
    assert set(np.unique(right)) == set(range(40, 100))


def test_long_plates_have_one_row() -> None:
    assert not may_have_two_rows(two_rows(40, 90))
    assert may_have_two_rows(two_rows(40, 80))
    assert not may_have_two_rows(two_rows(8, 12)), "too few pixels for halves"
