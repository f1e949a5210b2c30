"""Where points lie and which way they cross, by hand and by invariants."""

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.geometry import Heading, Line, Point, centre, contains

SQUARE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
# A "U" that is open above.
U = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.7), (0.7, 0.7), (0.7, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))

shares = st.floats(0, 1)
points = st.tuples(shares, shares)


@pytest.mark.parametrize(
    ("point", "is_inside"),
    [
        ((0.5, 0.5), True),
        ((0.21, 0.79), True),
        ((0.1, 0.5), False),
        ((0.9, 0.5), False),
        ((0.5, 0.1), False),
        ((0.5, 0.9), False),
    ],
)
def test_a_square_holds_what_is_between_its_sides(point: Point, is_inside: bool) -> None:
    assert contains(SQUARE, point) is is_inside


def test_the_hollow_of_a_u_is_outside() -> None:
    assert contains(U, (0.2, 0.3))
    assert contains(U, (0.8, 0.3))
    assert contains(U, (0.5, 0.8))
    assert not contains(U, (0.5, 0.3))


@given(points, st.floats(0.1, 0.9))
def test_two_halves_of_the_picture_share_no_point_and_miss_none(point: Point, cut: float) -> None:
    left = ((0.0, -1.0), (cut, -1.0), (cut, 2.0), (0.0, 2.0))
    right = ((cut, -1.0), (2.0, -1.0), (2.0, 2.0), (cut, 2.0))
    assert contains(left, point) + contains(right, point) == 1


@given(points, st.permutations(range(4)))
def test_where_a_polygon_begins_and_which_way_it_runs_is_no_matter(
    point: Point, order: list[int]
) -> None:
    turned = SQUARE[order[0] :] + SQUARE[: order[0]]
    assert contains(turned, point) == contains(SQUARE, point) == contains(SQUARE[::-1], point)


DOOR = Line((0.2, 0.5), (0.8, 0.5), inwards="down")


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ((0.5, 0.4), (0.5, 0.6), "in"),
        ((0.5, 0.6), (0.5, 0.4), "out"),
        ((0.5, 0.1), (0.5, 0.4), None),
        ((0.5, 0.6), (0.5, 0.9), None),
        ((0.1, 0.4), (0.1, 0.6), None),  # past its left end
        ((0.9, 0.6), (0.9, 0.4), None),  # past its right end
        ((0.0, 0.4), (0.9, 0.6), "in"),  # aslant, at x 0.45
        ((0.0, 0.49), (0.15, 0.9), None),  # aslant, past its end
        ((0.5, 0.4), (0.5, 0.5), "in"),  # stops on the line
        ((0.5, 0.5), (0.5, 0.6), None),  # and goes on
    ],
)
def test_a_door_tells_who_comes_in(before: Point, after: Point, way: str | None) -> None:
    assert DOOR.crossing(before, after) == way


@pytest.mark.parametrize(
    ("inwards", "before", "after"),
    [
        ("down", (0.3, 0.2), (0.3, 0.9)),
        ("up", (0.3, 0.9), (0.3, 0.2)),
        ("right", (0.1, 0.4), (0.9, 0.4)),
        ("left", (0.9, 0.4), (0.1, 0.4)),
    ],
)
def test_each_heading_is_as_seen_in_the_picture(
    inwards: Heading, before: Point, after: Point
) -> None:
    for ends in (((0.0, 0.0), (1.0, 1.0)), ((1.0, 1.0), (0.0, 0.0))):
        line = Line(*ends, inwards=inwards)
        assert line.crossing(before, after) == "in"
        assert line.crossing(after, before) == "out"


@given(points, points, points, points, st.sampled_from(get_args(Heading)))
def test_back_is_the_other_way(a: Point, b: Point, p: Point, q: Point, heading: Heading) -> None:
    line = Line(a, b, heading)
    there, back = line.crossing(p, q), line.crossing(q, p)
    assert {there, back} in ({None}, {"in", "out"})


@given(st.lists(points, min_size=2, max_size=30))
def test_ins_and_outs_over_an_endless_line_alternate(path: list[Point]) -> None:
    line = Line((-1e6, 0.5), (1e6, 0.5), "down")
    ways = [way for p, q in itertools.pairwise(path) if (way := line.crossing(p, q))]
    assert all(one != other for one, other in itertools.pairwise(ways))


def test_the_centre_of_a_box_is_a_share_of_the_picture() -> None:
    assert centre((100, 50, 300, 150), 800, 400) == (0.25, 0.25)
