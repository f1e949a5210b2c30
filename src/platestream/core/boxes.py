"""Boxes and quads in pixels: the one place that moves, rounds and compares them.

A plate has a box and, where they are known, four corners. Whoever moves one and forgets the other
cuts the wrong pixels: `Detection` moves both, with what stands here.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from platestream.core.errors import DataError

BoxXyxy: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the frame; right and bottom are exclusive."""

Point: TypeAlias = tuple[float, float]

Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Top-left, top-right, bottom-right, bottom-left corner of a plate, in pixels."""


def box_size(box: BoxXyxy) -> tuple[float, float]:
    """Width and height of a box."""
    x1, y1, x2, y2 = box
    return x2 - x1, y2 - y1


def box_around(quad: Quad) -> BoxXyxy:
    """The smallest upright box that holds four corners."""
    xs, ys = zip(*quad, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def box_corners(box: BoxXyxy) -> Quad:
    """The corners of a box: what stands for a plate's own where nobody knows them."""
    x1, y1, x2, y2 = box
    return (x1, y1), (x2, y1), (x2, y2), (x1, y2)


def shift_box(box: BoxXyxy, dx: float, dy: float) -> BoxXyxy:
    """Move a box to the right and down."""
    x1, y1, x2, y2 = box
    return x1 + dx, y1 + dy, x2 + dx, y2 + dy


def scale_box(box: BoxXyxy, x: float, y: float) -> BoxXyxy:
    """Multiply a box's coordinates: where it lies in the same picture at another size."""
    x1, y1, x2, y2 = box
    return x1 * x, y1 * y, x2 * x, y2 * y


def grow_box(box: BoxXyxy, x: float, y: float) -> BoxXyxy:
    """Widen a box by shares of its own width and height, half of it on either side."""
    x1, y1, x2, y2 = box
    grow_x, grow_y = (x2 - x1) * x / 2, (y2 - y1) * y / 2
    return x1 - grow_x, y1 - grow_y, x2 + grow_x, y2 + grow_y


def clip_box(box: BoxXyxy, width_px: int, height_px: int) -> BoxXyxy | None:
    """The part of a box that lies in a picture; None where there is none."""
    x1, y1, x2, y2 = box
    left, top = max(0.0, x1), max(0.0, y1)
    right, bottom = min(float(width_px), x2), min(float(height_px), y2)
    return (left, top, right, bottom) if right > left and bottom > top else None


def round_box(box: BoxXyxy, digits: int) -> BoxXyxy:
    """Round a box to so many digits after the point."""
    x1, y1, x2, y2 = (round(value, digits) for value in box)
    return x1, y1, x2, y2


def shift_quad(quad: Quad, dx: float, dy: float) -> Quad:
    """Move corners to the right and down."""
    a, b, c, d = ((x + dx, y + dy) for x, y in quad)
    return a, b, c, d


def scale_quad(quad: Quad, x: float, y: float) -> Quad:
    """Multiply corners' coordinates: where they lie in the same picture at another size."""
    a, b, c, d = ((px * x, py * y) for px, py in quad)
    return a, b, c, d


def round_quad(quad: Quad, digits: int) -> Quad:
    """Round corners to so many digits after the point."""
    a, b, c, d = ((round(x, digits), round(y, digits)) for x, y in quad)
    return a, b, c, d


def quad_from_numbers(numbers: Sequence[float]) -> Quad:
    """Corners from x and y of each in turn, as networks and labels write them, in our order."""
    x1, y1, x2, y2, x3, y3, x4, y4 = numbers
    return (x1, y1), (x2, y2), (x3, y3), (x4, y4)


def sort_corners(points: Sequence[Point]) -> Quad:
    """Put four corners in our order, whichever order the data set has them in.

    Right for plates turned by less than 45 degrees.

    Raises:
        DataError: the points are not the corners of a convex shape with an area.
    """
    if len(points) != 4:
        msg = f"a quad has 4 corners, got {len(points)}"
        raise DataError(msg)
    top_left, *rest = sorted(points, key=sum)
    for a, b, c in permutations(rest):
        if _is_convex_clockwise((top_left, a, b, c)):
            return (top_left, a, b, c)
    msg = f"the corners {list(points)} enclose no convex shape; correct them or leave them empty"
    raise DataError(msg)


def iou(boxes: ArrayLike, others: ArrayLike) -> NDArray[np.floating]:
    """Intersection over union of each of many boxes with each of many others.

    Args:
        boxes: ``(N, 4)`` xyxy; floats of 32 or 64 bits, which the answer keeps.
        others: ``(M, 4)``.

    Returns:
        ``(N, M)`` in 0..1; 0 where two do not touch, or neither has an area.
    """
    a, b = (np.reshape(each, (-1, 4)) for each in (boxes, others))
    overlap = np.minimum(a[:, None, 2:], b[:, 2:]) - np.maximum(a[:, None, :2], b[:, :2])
    shared = overlap.clip(0).prod(axis=2)
    area_a, area_b = ((each[:, 2:] - each[:, :2]).prod(axis=1) for each in (a, b))
    union = area_a[:, None] + area_b - shared
    return np.asarray(shared / np.maximum(union, 1e-9))


def _is_convex_clockwise(quad: Quad) -> bool:
    for i in range(4):
        (ax, ay), (bx, by), (cx, cy) = quad[i], quad[(i + 1) % 4], quad[(i + 2) % 4]
        if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) <= 0:
            return False
    return True
