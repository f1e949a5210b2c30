"""A single picture in which nothing is found is looked at again: darker, and from either side.

At night headlamps drown a plate, and it is seen once the picture is darker. Pictures of phones lie
on their side where the note of how they were held got lost. In films neither is looked at: there
most frames have no plate in them, and a camera is turned once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from platestream.core.boxes import box_size
from platestream.core.types import Detection, Quad, Rgb
from platestream.models.opinion import HINT_READING, may_be_plate
from platestream.models.preprocess import MIN_CROP_SIDE_PX, cut_plate
from platestream.stream.recognizer import Reader

DARKER: Final = 2.5
"""Gamma: what is bright keeps its contrast, and haze around lamps goes."""

QUARTERS: Final = (0, 1, 3)
"""Turns against the clock that are tried, the darker look first; pictures upside down are rare."""

_LEVELS: Final = np.rint(np.linspace(0, 1, 256) ** DARKER * 255).astype(np.uint8)


def look_again(
    rgb: Rgb, detect: Callable[[Rgb], Sequence[Detection]], read: Reader
) -> list[Detection]:
    """The plates of a picture in which none was found; none where none reads like a plate.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB.
        detect: Finds plates.
        read: The reader. Lettering of all kinds is found in changed pictures: what counts is the
            look at which a plate is read surely.

    Returns:
        Best first, with corners in the plate's own order, so that it is cut out upright.
    """
    best, best_score = list[Detection](), 0.0
    for quarters in QUARTERS:
        turned = np.ascontiguousarray(np.rot90(rgb, quarters))
        picture = turned if quarters else np.asarray(cv2.LUT(rgb, _LEVELS), np.uint8)
        plates = [(plate, _score(read, picture, plate)) for plate in detect(picture)]
        sure = [(plate, score) for plate, score in plates if score >= HINT_READING]
        if sure and max(score for _, score in sure) > best_score:
            best_score = max(score for _, score in sure)
            best = [_turned_back(plate, quarters, rgb.shape) for plate, _ in sure]
    return best


def _score(read: Reader, rgb: Rgb, plate: Detection) -> float:
    """How surely a plate is read; 0 where it reads like none."""
    if min(box_size(plate.box_xyxy)) < MIN_CROP_SIDE_PX:
        return 0.0
    reading = read(cut_plate(rgb, plate))
    return reading.score if may_be_plate(reading.text) else 0.0


def _turned_back(plate: Detection, quarters: int, shape: tuple[int, ...]) -> Detection:
    """A find in a picture turned by `np.rot90`, in pixels of the one of `shape` before."""
    if not quarters:
        return plate
    height, width = shape[:2]

    def back(x: float, y: float) -> tuple[float, float]:
        # Against the clock the right edge comes to the top; with it, the left one does.
        return (width - y, x) if quarters == 1 else (y, height - x)

    x1, y1, x2, y2 = plate.box_xyxy
    (ax, ay), (bx, by) = back(x1, y1), back(x2, y2)
    a, b, c, d = (back(x, y) for x, y in plate.corners)
    quad: Quad = (a, b, c, d)
    return replace(plate, box_xyxy=(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), quad=quad)
