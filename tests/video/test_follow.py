"""A plate is told from memory only while it hardly moves."""

import pytest

from platestream.core.boxes import box_corners
from platestream.core.types import Detection
from platestream.video.follow import Followed
from platestream.video.tracking import ExpectedPlate

WIDTH, HEIGHT = 100.0, 25.0


def followed(along: float, down: float, num_seen: int = 20, *, is_sure: bool = False) -> Followed:
    """One that is expected so many pixels further along and down."""
    seen = (200.0, 300.0, 200.0 + WIDTH, 300.0 + HEIGHT)
    box = (seen[0] + along, seen[1] + down, seen[2] + along, seen[3] + down)
    plate = ExpectedPlate(
        box, Detection(seen, 0.9, quad=box_corners(seen)), num_seen, is_sure=is_sure
    )
    return Followed(plate, (1280, 720), 0.5)


@pytest.mark.parametrize("move", [(0, 0), (8, 0), (-8, 0), (0, 2), (0, -2), (8, 2)])
def test_a_slow_plate_that_is_known_is_told_from_memory(move: tuple[float, float]) -> None:
    assert followed(*move).may_coast(again=False)
    assert not followed(*move, num_seen=3).may_coast(again=False), "its speed is not known yet"
    assert not followed(*move).may_coast(again=True), "it may be read still"
    assert followed(*move, is_sure=True).may_coast(again=True)


@pytest.mark.parametrize("move", [(16, 0), (-16, 0), (0, 5), (0, -5)])
def test_one_that_would_lie_beside_its_outline_is_looked_for(move: tuple[float, float]) -> None:
    # Five pixels are a twentieth of its width, and a fifth of its height.
    assert not followed(*move).may_coast(again=False)
    assert not followed(*move, is_sure=True).may_coast(again=False)


def test_from_memory_it_lies_where_it_is_expected() -> None:
    found = followed(4, 2).coasted()
    assert found.box_xyxy == pytest.approx((204, 302, 304, 327))
    assert found.score == 0.9
