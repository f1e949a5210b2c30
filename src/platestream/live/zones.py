"""Where to look in a camera's picture, and which way what was seen there went."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from platestream.core.detector import Detector
from platestream.core.geometry import Line, Point, centre, contains
from platestream.core.types import Detection, Rgb

MARGIN = 0.05
"""Of the picture, looked at around the zones: a plate whose centre is in one may stick out."""


class ZonedDetector:
    """Another detector, with eyes for some zones only.

    It looks at no more of the picture than the rectangle around them, so that plates there are
    seen larger.

    Args:
        detector: Finds plates in pictures.
        zones: Polygons in shares of the picture; a plate counts when its centre is in one.
    """

    def __init__(self, detector: Detector, zones: Sequence[Sequence[Point]]) -> None:
        self._detector, self._zones = detector, zones
        xs, ys = zip(*(point for zone in zones for point in zone), strict=True)
        self._left, self._top = max(0.0, min(xs) - MARGIN), max(0.0, min(ys) - MARGIN)
        self._right, self._bottom = min(1.0, max(xs) + MARGIN), min(1.0, max(ys) + MARGIN)

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Plates in the zones, best first, in pixels of the whole picture."""
        height, width = rgb.shape[:2]
        left, top = int(self._left * width), int(self._top * height)
        seen = rgb[top : round(self._bottom * height), left : round(self._right * width)]
        found = (detection.shifted(left, top) for detection in self._detector.detect(seen))
        return [each for each in found if self._is_inside(each, width, height)]

    def _is_inside(self, detection: Detection, width: int, height: int) -> bool:
        point = centre(detection.box_xyxy, width, height)
        return any(contains(zone, point) for zone in self._zones)


@dataclass(slots=True)
class Trajectory:
    """The way of one plate through a picture.

    Attributes:
        zones: Names of those it was in, in that order.
        crossings: Line and way (``gate:in``) to how often.
        first: Where it was first seen.
        last: Where it was last seen.
    """

    zones: list[str] = field(default_factory=list)
    crossings: Counter[str] = field(default_factory=Counter)
    first: Point | None = None
    last: Point | None = None

    def move(
        self, point: Point, zones: Mapping[str, Sequence[Point]], lines: Mapping[str, Line]
    ) -> None:
        """Go on to a point."""
        self._enter(name for name, zone in zones.items() if contains(zone, point))
        self._cross(point, lines)
        self.first, self.last = self.first or point, point

    def join(self, later: "Trajectory", lines: Mapping[str, Line]) -> None:
        """Go on as another trajectory, whose beginning nobody saw the way to."""
        if later.first is None:
            return
        self._enter(later.zones)
        self._cross(later.first, lines)
        self.crossings += later.crossings
        self.first, self.last = self.first or later.first, later.last

    def directions(self) -> list[str]:
        """What it crossed in the end: going to and fro over a line is no crossing."""
        net = Counter(self.crossings)
        for crossed, num in self.crossings.items():
            name, _, way = crossed.rpartition(":")
            net[crossed] = num - self.crossings[f"{name}:{'out' if way == 'in' else 'in'}"]
        return [crossed for crossed, num in net.items() if num > 0]

    def _enter(self, names: Iterable[str]) -> None:
        self.zones += [name for name in names if name not in self.zones]

    def _cross(self, point: Point, lines: Mapping[str, Line]) -> None:
        if self.last is None:
            return
        for name, line in lines.items():
            if way := line.crossing(self.last, point):
                self.crossings[f"{name}:{way}"] += 1
