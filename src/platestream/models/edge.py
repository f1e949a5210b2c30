"""Plates that the picture's edge cuts off: what is left of them reads as surely as a whole one."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from platestream.core.boxes import BoxXyxy
from platestream.core.types import Detection, Frame, Quad

SEEN_PX: Final = 640.0
"""Longer side of the picture in which the detector's boxes are as exact as `SLACK_PX` says."""

SLACK_PX: Final = 6.0
"""A plate whose left or right end comes so near to the picture's edge is taken for cut: less than
a cell of the detector's map, in pixels of a picture of `SEEN_PX`."""

SLACK_SHARE: Final = 0.03
"""The same as a share of the plate's width: the ends of large plates are less exact."""

SLACK_ROWS_PX: Final = 0.5
"""The same for top and bottom, which boxes of cut plates always reach."""

REACH_SHARE: Final = 0.12
"""Where a character ends, boxes end too, so far inside the picture at most: within this share of
the plate's width it is looked whether the plate goes on, see `goes_on`."""

_GROUND_SHARE: Final = 0.35
"""Of the pixels at the picture's edge that have the colour of the plate's ground, where it goes on:
of cut plates 0.55 and more were measured."""

_EDGE_COLUMNS: Final = 2
_MAX_COLUMNS: Final = 64
_ROWS: Final = (0.25, 0.75)
"""Of a plate's height, for its holder and its rim have other colours."""

_AROUND: Final = ((-0.6, -0.2), (1.2, 1.6))
"""Above and below it: where a car is as white as its plate, nothing is known."""


def is_cut(frame: Frame, plate: Detection) -> bool:
    """Whether a part of a plate may lie outside the frame it was found in."""
    return is_cut_off(plate.box_xyxy, *frame.size) or goes_on(frame, plate)


def is_cut_off(box_xyxy: BoxXyxy, width_px: int, height_px: int) -> bool:
    """Whether the edge of a picture may cut off a part of a plate, by its box alone.

    Args:
        box_xyxy: Of the plate, in pixels of the picture.
        width_px: Of the picture.
        height_px: The same.
    """
    scale = max(1.0, max(width_px, height_px) / SEEN_PX)
    x1, y1, x2, y2 = box_xyxy
    ends, rows = min(x1, width_px - x2), min(y1, height_px - y2)
    slack_px = max(SLACK_PX * scale, SLACK_SHARE * (x2 - x1))
    return ends < slack_px or rows < SLACK_ROWS_PX * scale


def goes_on(frame: Frame, plate: Detection) -> bool:
    """Whether the ground of a plate, on which its characters stand, reaches the frame's edge.

    Of a plate that is cut between two characters nothing is left to be read beyond its box, but
    its ground is seen there; a whole one ends before the edge.
    """
    width, height = frame.size
    x1, y1, x2, y2 = plate.box_xyxy
    reach_px = REACH_SHARE * (x2 - x1)
    at_left, at_right = x1 < reach_px, width - x2 < reach_px
    (ax, _), (bx, _), (cx, _), (dx, _) = plate.corners
    if not (at_left or at_right) or min(bx - ax, cx - dx) < _MAX_COLUMNS / 8:
        return False
    left, right = 0 if at_left else int(x1), width if at_right else int(x2)
    # A tilted plate's rows beyond its box lie higher or lower than those in it.
    top, bottom = max(0, int(2 * y1 - y2)), min(height, int(2 * y2 - y1) + 1)
    part = frame.part(left, top, right, bottom)
    moved = plate.shifted(-left, -top).corners
    step = max(1, round((x2 - x1) / _MAX_COLUMNS))
    inside = _pixels(part, moved, range(int(x1) - left, int(x2) - left, step))
    edges = [range(_EDGE_COLUMNS)] if at_left else []
    edges += [range(right - left - _EDGE_COLUMNS, right - left)] if at_right else []
    return any(_is_ground(inside, part, moved, edge) for edge in edges)


def _is_ground(
    inside: NDArray[np.float32], part: NDArray[np.uint8], quad: Quad, columns: range
) -> bool:
    """Whether a plate's ground is seen in some columns, and not above and below it too."""
    here = _ground_share(inside, _pixels(part, quad, columns))
    around = [_ground_share(inside, _pixels(part, quad, columns, rows)) for rows in _AROUND]
    return here >= _GROUND_SHARE and max(around) < here / 2


def _ground_share(inside: NDArray[np.float32], beyond: NDArray[np.float32]) -> float:
    """Share of pixels ``(M, 3)`` in the colour that most of a plate's ``(N, 3)`` have."""
    if not len(inside) or not len(beyond):
        return 0.0
    luma = inside.mean(axis=1)
    is_bright = luma > (np.percentile(luma, 10) + np.percentile(luma, 90)) / 2
    if is_bright.all() or not is_bright.any():
        return 0.0
    bright, dark = (np.median(inside[each], axis=0) for each in (is_bright, ~is_bright))
    ground = bright if 2 * is_bright.sum() >= len(inside) else dark
    nearest = np.linalg.norm(bright - dark) / 3
    return float((np.linalg.norm(beyond - ground, axis=1) < nearest).mean())


def _pixels(
    part: NDArray[np.uint8], quad: Quad, columns: range, rows: tuple[float, float] = _ROWS
) -> NDArray[np.float32]:
    """Some rows of a plate in some columns, on its own lines also beyond its ends: ``(N, 3)``."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    found = []
    for x in columns:
        top = ay + (by - ay) * (x + 0.5 - ax) / (bx - ax)
        bottom = dy + (cy - dy) * (x + 0.5 - dx) / (cx - dx)
        first, last = (round(top + share * (bottom - top)) for share in rows)
        found.append(part[max(0, first) : max(0, last), x])
    return np.concatenate(found).astype(np.float32)
