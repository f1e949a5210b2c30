"""Which plates the picture's edge may have cut."""

import cv2
import numpy as np
import pytest

from platestream.core.types import BoxXyxy, Detection, Frame, Rgb
from platestream.models.edge import goes_on, is_cut, is_cut_off


@pytest.mark.parametrize(
    ("box_xyxy", "is_cut"),
    [
        ((100, 100, 200, 130), False),
        ((0, 100, 100, 130), True),
        ((5, 100, 100, 130), True),
        ((7, 100, 100, 130), False),
        ((540, 100, 635, 130), True),
        ((540, 100, 633, 130), False),
        # Of a large plate the ends are less exact.
        ((14, 100, 514, 230), True),
        ((16, 100, 516, 230), False),
        # Rows are exact: a plate that stands on the picture's edge is whole.
        ((100, 1, 200, 30), False),
        ((100, 0, 200, 30), True),
        ((100, 450, 200, 480), True),
    ],
)
def test_a_plate_at_the_edge_may_be_cut(
    box_xyxy: tuple[float, float, float, float], is_cut: bool
) -> None:
    assert is_cut_off(box_xyxy, 640, 480) is is_cut
    # The same picture twice as large.
    x1, y1, x2, y2 = box_xyxy
    assert is_cut_off((2 * x1, 2 * y1, 2 * x2, 2 * y2), 1280, 960) is is_cut


PLATE = (400, 200, 600, 244)
"""Left, top, right and bottom of a plate that is drawn in a picture of 640x480."""


def _picture(body: tuple[int, int, int], ground: tuple[int, int, int], ink: int) -> Rgb:
    """A car, its plate, and six bars for characters."""
    rgb = np.full((480, 640, 3), body, np.uint8)
    left, top, right, bottom = PLATE
    rgb[top:bottom, left:right] = ground
    for x in range(left + 12, right - 20, 30):
        rgb[top + 6 : bottom - 6, x : x + 10] = ink
    return rgb


def _seen(rgb: Rgb, right: int, *, slope: float = 0.0, mirrored: bool = False) -> bool:
    """Whether a plate goes on that was found up to 16 px from the edge of what is left."""
    rest = np.ascontiguousarray(rgb[:, :right])
    x1, y1, x2, y2 = float(PLATE[0]), float(PLATE[1]), float(min(right - 16, PLATE[2])), 244.0
    drop = slope * (x2 - x1)
    quad = ((x1, y1), (x2, y1 + drop), (x2, y2 + drop), (x1, y2))
    box: BoxXyxy = (x1, min(y1, y1 + drop), x2, max(y2, y2 + drop))
    if mirrored:
        rest = np.ascontiguousarray(rest[:, ::-1])
        box = (right - x2, box[1], right - x1, box[3])
        a, b, c, d = ((right - x, y) for x, y in quad)
        quad = (b, a, d, c)
    found = Detection(box, 0.9, quad)
    assert is_cut(Frame(0, 0.0, rest), found) == goes_on(Frame(0, 0.0, rest), found)
    return goes_on(Frame(0, 0.0, rest), found)


YELLOW, BLUE, WHITE, DARK = (220, 170, 20), (20, 60, 160), (240, 240, 240), (40, 40, 45)


@pytest.mark.parametrize(("ground", "ink"), [(YELLOW, 20), (BLUE, 250), (WHITE, 10)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_plate_whose_ground_reaches_the_edge_is_cut(
    ground: tuple[int, int, int], ink: int, mirrored: bool
) -> None:
    rgb = _picture(DARK, ground, ink)
    assert _seen(rgb, 560, mirrored=mirrored)
    assert not _seen(rgb, 616, mirrored=mirrored)


def test_of_a_plate_as_white_as_its_car_nothing_is_known() -> None:
    assert not _seen(_picture(WHITE, WHITE, 10), 560)


def test_a_tilted_plate_is_followed_along_its_own_lines() -> None:
    slope = 0.3
    shear = np.float32([[1, 0, 0], [slope, 1, -slope * PLATE[0]]])
    for right, is_there in ((560, True), (616, False)):
        tilted = cv2.warpAffine(_picture(DARK, YELLOW, 20), shear, (640, 480), borderValue=DARK)
        assert _seen(np.asarray(tilted, np.uint8), right, slope=slope) is is_there


def test_far_from_the_edge_nothing_is_looked_at() -> None:
    found = Detection((200.0, 200.0, 300.0, 225.0), 0.9)
    assert not is_cut(Frame(0, 0.0, np.full((480, 640, 3), 255, np.uint8)), found)


def test_corners_that_make_no_plate_tell_nothing() -> None:
    point = (600.0, 210.0)
    found = Detection((560.0, 200.0, 630.0, 225.0), 0.9, (point, point, point, point))
    assert not goes_on(Frame(0, 0.0, np.zeros((480, 640, 3), np.uint8)), found)
