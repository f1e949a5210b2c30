"""Detections as the shipped detector gives them, for detectors that are plain functions."""

from platestream.core.boxes import BoxXyxy, Quad, box_size
from platestream.core.types import Detection

SLANT = 0.2
"""How far a plate's right end lies above its left one, in heights of the box around it."""


def slanted(box: BoxXyxy, score: float = 0.9) -> Detection:
    """A plate that rises to the right within its box: corners that no box can stand for."""
    return Detection(box, score, slanted_quad(box))


def slanted_quad(box: BoxXyxy) -> Quad:
    """The corners of that plate; the box around them is `box`."""
    x1, y1, x2, y2 = box
    rise = SLANT * box_size(box)[1]
    return (x1, y1 + rise), (x2, y1), (x2, y2 - rise), (x1, y2)
