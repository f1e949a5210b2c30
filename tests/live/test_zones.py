"""Looking in some zones only, and the way of a plate through them."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.geometry import Line, Point
from platestream.core.types import Detection, Rgb
from platestream.live.zones import Trajectory, ZonedDetector
from tests.detections import slanted

WIDTH, HEIGHT = 400, 200


class Spots:
    """Detects every white pixel as the centre of a plate 20 x 10, and notes what it was shown."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        self.shapes.append(rgb.shape)
        ys, xs = np.nonzero(rgb[:, :, 0])
        return [
            slanted((x - 10.0, y - 5.0, x + 10.0, y + 5.0))
            for x, y in zip(xs.tolist(), ys.tolist(), strict=True)
        ]


def street(*spots: tuple[int, int]) -> Rgb:
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for x, y in spots:
        rgb[y, x] = 255
    return rgb


LOWER_RIGHT = ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0))


def test_plates_outside_all_zones_are_not_seen() -> None:
    detector = ZonedDetector(Spots(), [LOWER_RIGHT])
    found = detector.detect(street((300, 150), (100, 150), (300, 50), (195, 150)))
    assert [detection.box_xyxy for detection in found] == [(290.0, 145.0, 310.0, 155.0)]


def test_no_more_is_looked_at_than_the_zones_and_a_margin() -> None:
    spots = Spots()
    ZonedDetector(spots, [LOWER_RIGHT]).detect(street())
    assert spots.shapes == [(110, 220, 3)]


def test_boxes_and_corners_are_of_the_whole_picture_whatever_was_cut() -> None:
    wide = ((0.3, 0.1), (0.9, 0.3), (0.6, 0.9))
    picture = street((250, 80))
    assert ZonedDetector(Spots(), [wide]).detect(picture) == Spots().detect(picture)


@given(st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)), max_size=5))
def test_two_zones_see_what_each_of_them_sees(spots: list[tuple[int, int]]) -> None:
    left = ((0.0, 0.2), (0.3, 0.2), (0.3, 0.6))
    picture = street(*spots)
    both = ZonedDetector(Spots(), [left, LOWER_RIGHT]).detect(picture)
    each = [ZonedDetector(Spots(), [zone]).detect(picture) for zone in (left, LOWER_RIGHT)]
    assert {d.box_xyxy for d in both} == {d.box_xyxy for found in each for d in found}


LINES = {"gate": Line((0.0, 0.5), (1.0, 0.5), "down")}
ZONES = {
    "upper": ((0, 0), (1, 0), (1, 0.5), (0, 0.5)),
    "lower": ((0, 0.5), (1, 0.5), (1, 1), (0, 1)),
}


def walk(*points: Point) -> Trajectory:
    trajectory = Trajectory()
    for point in points:
        trajectory.move(point, ZONES, LINES)
    return trajectory


def test_zones_are_named_once_in_the_order_they_were_entered() -> None:
    assert walk((0.5, 0.9), (0.5, 0.1), (0.5, 0.9)).zones == ["lower", "upper"]


def test_a_crossing_has_its_way() -> None:
    assert walk((0.5, 0.1), (0.5, 0.6)).directions() == ["gate:in"]
    assert walk((0.5, 0.6), (0.5, 0.1)).directions() == ["gate:out"]
    assert walk((0.5, 0.6), (0.5, 0.9)).directions() == []


def test_to_and_fro_is_no_crossing() -> None:
    up, down = (0.5, 0.4), (0.5, 0.6)
    assert walk(up, down, up).directions() == []
    assert walk(up, down, up, down).directions() == ["gate:in"]


def test_a_way_that_nobody_saw_between_two_tracks_crosses_too() -> None:
    trajectory = walk((0.5, 0.1), (0.5, 0.4))
    trajectory.join(walk((0.5, 0.7), (0.5, 0.9)), LINES)
    assert trajectory.directions() == ["gate:in"]
    assert trajectory.zones == ["upper", "lower"]
    assert (trajectory.first, trajectory.last) == ((0.5, 0.1), (0.5, 0.9))


points = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(st.lists(points, min_size=2, max_size=20), st.data())
def test_a_journey_in_two_parts_is_the_same_journey(path: list[Point], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(path) - 1))
    parts = walk(*path[:cut])
    parts.join(walk(*path[cut:]), LINES)
    assert parts == walk(*path)
