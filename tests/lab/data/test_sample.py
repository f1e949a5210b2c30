import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import ConfigError, DataError
from platestream.lab.data.sample import (
    Sample,
    box_around,
    box_from_xywh,
    select,
    sort_corners,
    split_from_folders,
)


def test_a_box_of_no_area_is_refused() -> None:
    assert box_from_xywh(10, 20, 30, 40) == (10, 20, 40, 60)
    for width, height in [(0, 5), (5, 0), (-1, 5)]:
        with pytest.raises(DataError, match="has no area"):
            box_from_xywh(10, 20, width, height)


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
    ("path", "split"),
    [
        ("data/training/track1/a.png", "train"),
        ("data/Validation/a.png", "dev"),
        ("data/train/test/a.png", "test"),
        ("data/a.png", "test"),
        ("data/other/train.png", "test"),
    ],
)
def test_folders_tell_the_split(path: str, split: str) -> None:
    assert split_from_folders(Path("/train/up/here") / path, Path("/train/up/here/data")) == split


def test_the_root_itself_may_tell_the_split() -> None:
    assert split_from_folders(Path("/data/training/t/a.png"), Path("/data/training")) == "train"


def test_select() -> None:
    samples = [Sample(Path("a"), "train", "A"), Sample(Path("b"), "dev", "B")]
    assert select(samples, None) == samples
    assert select(samples, "dev") == samples[1:]
    assert select(samples, "test") == []
    with pytest.raises(ConfigError, match="choose one of train, dev, test"):
        select(samples, "training")
