"""Boxes and corners: moved, rounded, put in order and compared, by hand and for any."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.boxes import boxes
from tests.detections import slanted_quad

from platestream.core.boxes import (
    BoxXyxy,
    box_around,
    box_corners,
    clip_box,
    grow_box,
    iou,
    quad_from_numbers,
    round_box,
    round_quad,
    scale_box,
    scale_quad,
    shift_box,
    shift_quad,
    sort_corners,
)
from platestream.core.errors import DataError

BOX = (10.0, 20.0, 50.0, 30.0)
QUAD = ((10.0, 22.0), (50.0, 20.0), (50.0, 28.0), (10.0, 30.0))


def test_moves_by_hand() -> None:
    assert shift_box(BOX, 3, -4) == (13, 16, 53, 26)
    assert shift_quad(QUAD, 3, -4) == ((13, 18), (53, 16), (53, 24), (13, 26))
    assert scale_box(BOX, 2, 0.5) == (20, 10, 100, 15)
    assert scale_quad(QUAD, 2, 0.5) == ((20, 11), (100, 10), (100, 14), (20, 15))


def test_a_box_grows_by_half_on_either_side() -> None:
    assert grow_box(BOX, 0.1, 0.4) == (8, 18, 52, 32)
    assert grow_box(BOX, 0, 0) == BOX


def test_a_box_ends_at_the_picture() -> None:
    assert clip_box((-5, -1, 120, 30), 100, 20) == (0, 0, 100, 20)
    assert clip_box(BOX, 100, 60) == BOX
    assert clip_box(BOX, 10, 60) is None
    assert clip_box((-9, 0, 0, 5), 100, 60) is None


def test_rounding_by_hand() -> None:
    assert round_box((1.26, 2.24, 3.0, 4.96), 1) == (1.3, 2.2, 3.0, 5.0)
    corners = ((1.26, 2.24), (3.0, 4.96), (0.04, 0.06), (1.0, -0.26))
    assert round_quad(corners, 1) == ((1.3, 2.2), (3.0, 5.0), (0.0, 0.1), (1.0, -0.3))


def test_corners_of_a_box_are_in_our_order() -> None:
    assert box_corners(BOX) == ((10, 20), (50, 20), (50, 30), (10, 30))
    assert quad_from_numbers([10, 22, 50, 20, 50, 28, 10, 30]) == QUAD
    with pytest.raises(ValueError, match="unpack"):
        quad_from_numbers([1, 2, 3])


@given(boxes())
def test_corners_and_the_box_around_them(box: BoxXyxy) -> None:
    for quad in (box_corners(box), slanted_quad(box)):
        assert box_around(quad) == pytest.approx(box)
    assert sort_corners(box_corners(box)[::-1]) == box_corners(box)


@given(boxes(), st.integers(-99, 99), st.integers(-99, 99), st.sampled_from([0.25, 0.5, 2.0]))
def test_a_box_moves_as_its_corners_do(box: BoxXyxy, dx: int, dy: int, scale: float) -> None:
    assert box_corners(shift_box(box, dx, dy)) == shift_quad(box_corners(box), dx, dy)
    assert box_corners(scale_box(box, scale, 2)) == scale_quad(box_corners(box), scale, 2)
    assert shift_box(shift_box(box, dx, dy), -dx, -dy) == box
    assert scale_box(scale_box(box, scale, 2), 1 / scale, 0.5) == box


@given(
    st.floats(-44, 44),
    st.tuples(st.floats(20, 300), st.floats(20, 300)),
    st.permutations(range(4)),
)
def test_corners_come_back_in_order(
    turn_deg: float, size: tuple[float, float], order: list[int]
) -> None:
    turn, (w, h) = math.radians(turn_deg), size
    upright = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)]
    cos, sin = math.cos(turn), math.sin(turn)
    right = [(500 + x * cos - y * sin, 500 + x * sin + y * cos) for x, y in upright]
    assert sort_corners([right[i] for i in order]) == tuple(right)


def test_a_real_slanted_plate_is_sorted() -> None:
    corners = ((205.0, 255.0), (345.0, 295.0), (340.0, 325.0), (192.0, 285.0))
    for points in itertools.permutations(corners):
        assert sort_corners(list(points)) == corners
    assert box_around(corners) == (192, 255, 345, 325)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0), (1, 1), (2, 2), (3, 3)],
        [(0, 0), (0, 0), (4, 4), (0, 4)],
        [(0, 0), (9, 0), (3, 3), (0, 9)],
    ],
)
def test_what_is_no_plate_shape_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(DataError, match="enclose no convex shape"):
        sort_corners(points)


def test_a_quad_has_four_corners() -> None:
    with pytest.raises(DataError, match="4 corners, got 3"):
        sort_corners([(0, 0), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("a", "b", "value"),
    [
        ((0, 0, 10, 10), (0, 0, 10, 10), 1),
        ((0, 0, 10, 10), (5, 0, 15, 10), 1 / 3),
        ((0, 0, 10, 10), (2, 3, 4, 8), 0.1),
        ((0, 0, 10, 10), (10, 0, 20, 10), 0),
        ((0, 0, 10, 10), (20, 20, 30, 30), 0),
        ((0, 0, 3, 2), (1.5, 1, 4.5, 3), 1.5 / 10.5),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0),
    ],
)
def test_iou_by_hand(a: BoxXyxy, b: BoxXyxy, value: float) -> None:
    assert iou(a, b) == pytest.approx(value)


def test_iou_of_many_with_many() -> None:
    boxes_a = np.array([[0, 0, 4, 2], [4, 0, 6, 2]], np.float32)
    others = np.array([[0, 0, 4, 2], [2, 0, 6, 2], [1, 0, 3, 1]], np.float32)
    shares = iou(boxes_a, others)
    assert shares.tolist() == [pytest.approx([1, 4 / 12, 2 / 8]), pytest.approx([0, 4 / 8, 0])]
    assert shares.dtype == np.float32
    assert iou([], others).shape == (0, 3)
    assert iou(others, []).shape == (3, 0)


@given(boxes(), boxes())
def test_iou_is_symmetric_and_a_share(a: BoxXyxy, b: BoxXyxy) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0 <= iou(a, b) <= 1
    assert (iou(a, b) == 1) == (a == b)


@given(boxes(), boxes())
def test_iou_is_that_of_counted_pixels(a: BoxXyxy, b: BoxXyxy) -> None:
    def pixels(box: BoxXyxy) -> set[tuple[int, int]]:
        x1, y1, x2, y2 = map(int, box)
        return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}

    shared, either = pixels(a) & pixels(b), pixels(a) | pixels(b)
    assert iou(a, b) == pytest.approx(len(shared) / len(either))
