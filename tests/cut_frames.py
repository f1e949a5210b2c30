"""Labelled frames cut so that their edge cuts a plate: what is left of it must not read surely."""

from typing import Final, Literal

import numpy as np
from numpy.random import Generator

from platestream.core.types import BoxXyxy, Rgb

Side = Literal["left", "right", "top", "bottom"]

SHARES: Final = (0.12, 0.6)
"""Of a plate's width or height that is cut off."""

_SIDES: Final[tuple[Side, ...]] = ("left", "right", "left", "right", "top", "bottom")
"""Cars come and go at the sides, mostly."""


def cut_by_edge(rgb: Rgb, box: BoxXyxy, rng: Generator) -> tuple[Rgb, BoxXyxy]:
    """Cut a frame through one of its plates.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB.
        box: Of the plate.
        rng: Says from which side, and how much.

    Returns:
        The frame that is left, and the box of what is left of the plate in it.
    """
    side, share = _SIDES[int(rng.integers(len(_SIDES)))], rng.uniform(*SHARES)
    x1, y1, x2, y2 = box
    height, width = rgb.shape[:2]
    left = int(x1 + share * (x2 - x1)) if side == "left" else 0
    right = int(x2 - share * (x2 - x1)) if side == "right" else width
    top = int(y1 + share * (y2 - y1)) if side == "top" else 0
    bottom = int(y2 - share * (y2 - y1)) if side == "bottom" else height
    rest = np.ascontiguousarray(rgb[top:bottom, left:right])
    inside = (
        max(x1, left) - left, max(y1, top) - top, min(x2, right) - left, min(y2, bottom) - top
    )  # fmt: skip
    return rest, inside
