"""Where things lie and which way they go.

All in shares of the picture, the same at any resolution: (0, 0) is top left, (1, 1) bottom right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from platestream.core.types import BoxXyxy

Point: TypeAlias = tuple[float, float]
"""x and y; y grows downwards."""

Way: TypeAlias = Literal["in", "out"]

Heading: TypeAlias = Literal["up", "down", "left", "right"]

_HEADINGS: dict[Heading, Point] = {
    "up": (0.0, -1.0),
    "down": (0.0, 1.0),
    "left": (-1.0, 0.0),
    "right": (1.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line with two ends that things cross.

    Attributes:
        start: One end.
        end: The other.
        inwards: Where a thing that crosses it ``in`` is heading.
    """

    start: Point
    end: Point
    inwards: Heading

    def crossing(self, before: Point, after: Point) -> Way | None:
        """Which way a move crosses the line; None when it does not.

        A point on the line counts as on its inner side, so a thing that stops there and goes on
        has crossed once.
        """
        was_inside, is_inside = self._is_inside(before), self._is_inside(after)
        if was_inside == is_inside:
            return None
        # They differ, so the move meets the endless line; is it between the two ends? Its points in
        # one order, whichever way it goes: both ways must be rounded alike.
        one, other = sorted((before, after))
        if _side(one, other, self.start) * _side(one, other, self.end) > 0:
            return None
        return "in" if is_inside else "out"

    def _is_inside(self, point: Point) -> bool:
        heading_x, heading_y = _HEADINGS[self.inwards]
        (x1, y1), (x2, y2) = self.start, self.end
        # The side that the heading points to, as seen walking from start to end.
        inner = (x2 - x1) * heading_y - (y2 - y1) * heading_x
        return _side(self.start, self.end, point) * inner >= 0


def contains(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a point lies in a polygon, by counting the edges to its right.

    Of two polygons that share an edge, a point on that edge lies in exactly one.
    """
    x, y = point
    is_inside = False
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            is_inside = not is_inside
    return is_inside


def centre(box_xyxy: BoxXyxy, width_px: int, height_px: int) -> Point:
    """Centre of a box, as shares of its picture."""
    x1, y1, x2, y2 = box_xyxy
    return (x1 + x2) / 2 / width_px, (y1 + y2) / 2 / height_px


def _side(start: Point, end: Point, point: Point) -> float:
    """Positive right of the way from start to end (as y grows downwards), negative left."""
    (x1, y1), (x2, y2), (x, y) = start, end, point
    return (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
