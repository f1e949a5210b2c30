"""A picture that nobody turned upright: where no plate is found, it is looked at from either side.

Of single pictures alone: a camera that lies on its side does so in every frame, and is turned once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from platestream.core.boxes import box_size
from platestream.core.types import Detection, Quad, Rgb
from platestream.models.opinion import HINT_LENGTH, HINT_READING
from platestream.models.preprocess import MIN_CROP_SIDE_PX, cut_plate
from platestream.stream.recognizer import Reader

QUARTERS: Final = (1, 3)
"""Turns against the clock that are tried; pictures upside down are rare."""


def found_on_side(
    rgb: Rgb, detect: Callable[[Rgb], Sequence[Detection]], read: Reader
) -> list[Detection]:
    """The plates of a picture that lies on its side; none where none reads like a plate.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB, in which nothing was found as it lies.
        detect: Finds plates.
        read: The reader. Lettering of all kinds is found in turned pictures: what counts is the
            side from which a plate is read surely.

    Returns:
        Best first, with corners in the plate's own order, so that it is cut out upright.
    """
    sides: list[tuple[float, list[Detection]]] = []
    for quarters in QUARTERS:
        turned = np.ascontiguousarray(np.rot90(rgb, quarters))
        sure = [
            (score, plate)
            for plate in detect(turned)
            if (score := _score(read, turned, plate)) >= HINT_READING
        ]
        if sure:
            plates = [_turned_back(plate, quarters, rgb.shape) for _, plate in sure]
            sides.append((max(score for score, _ in sure), plates))
    return max(sides, key=lambda side: side[0])[1] if sides else []


def _score(read: Reader, rgb: Rgb, plate: Detection) -> float:
    """How surely a plate is read; 0 where it reads like none."""
    if min(box_size(plate.box_xyxy)) < MIN_CROP_SIDE_PX:
        return 0.0
    reading = read(cut_plate(rgb, plate))
    is_plate = len(reading.text) >= HINT_LENGTH and any(c.isdigit() for c in reading.text)
    return reading.score if is_plate else 0.0


def _turned_back(plate: Detection, quarters: int, shape: tuple[int, ...]) -> Detection:
    """A find in a picture turned by `np.rot90`, in pixels of the one of `shape` before."""
    height, width = shape[:2]
    # Against the clock the right edge comes to the top; with it, the left one does.
    back = {1: lambda x, y: (width - y, x), 3: lambda x, y: (y, height - x)}[quarters]
    a, b, c, d = (back(x, y) for x, y in plate.corners)
    (x1, y1), (x2, y2) = (back(*plate.box_xyxy[i : i + 2]) for i in (0, 2))
    box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    quad: Quad = (a, b, c, d)
    return replace(plate, box_xyxy=box, quad=quad)
