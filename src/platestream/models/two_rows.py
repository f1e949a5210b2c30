"""A plate of two rows, laid out as one.

The reader's patch is four times as wide as high: a plate of two rows has 16 of its pixels for the
height of a character, and twice as many once its rows stand side by side.
"""

from typing import Final

import cv2
import numpy as np

from platestream.core.types import Rgb
from platestream.models.preprocess import MIN_CROP_SIDE_PX

MAY_HAVE_TWO_BELOW: Final = 2.15
"""Width over height of an upright plate that may have two rows; US plates have 2 and one row."""

MOSTLY_TWO_BELOW: Final = 1.75
"""That of one that mostly has."""

UPPER: Final = 0.54
LOWER: Final = 0.4
"""Where the upper row ends and the lower one begins, as shares of the height. They overlap, for
China's upper row is small, and a sliver of the other row can be read past."""


def may_have_two_rows(upright: Rgb) -> bool:
    """Whether a plate ``(H, W, 3)``, cut out upright, is high enough for two rows."""
    return _is_below(MAY_HAVE_TWO_BELOW, upright)


def mostly_has_two_rows(crop: Rgb) -> bool:
    """Whether a crop ``(H, W, 3)`` is so high that it mostly shows a plate of two rows."""
    return _is_below(MOSTLY_TWO_BELOW, crop)


def _is_below(aspect: float, rgb: Rgb) -> bool:
    """Whether it is that high for its width, and has pixels enough for two halves."""
    height, width = rgb.shape[:2]
    return bool(width < aspect * height) and LOWER * height >= MIN_CROP_SIDE_PX


def side_by_side(upright: Rgb, shift: float = 0.0) -> Rgb:
    """Lay the lower half of a plate to the right of its upper half.

    Args:
        upright: ``(H, W, 3)`` uint8 RGB, cut out upright.
        shift: Moves both edges down, as a share of the height.

    Returns:
        ``(h, 2 W, 3)`` uint8 RGB.
    """
    height, width = upright.shape[:2]
    upper = upright[: round((UPPER + shift) * height)]
    lower = upright[round((LOWER + shift) * height) :]
    size = (width, max(len(upper), len(lower)))
    halves = [cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in (upper, lower)]
    return np.asarray(np.concatenate(halves, axis=1), np.uint8)
