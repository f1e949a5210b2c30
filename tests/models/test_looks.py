"""Which of two looks is believed of a plate."""

import pytest

from platestream.core.types import BoxXyxy, Detection
from platestream.models.looks import coarse_size, fine_size, merge

SIDE_PX = 1000


def plate(box_xyxy: BoxXyxy, score: float = 0.6) -> Detection:
    return Detection(box_xyxy, score)


SMALL = plate((100, 100, 180, 120), 0.7)
HALF_OF_LARGE = plate((300, 300, 560, 420), 0.9)
LARGE = plate((300, 300, 800, 420))


def test_a_large_plate_is_the_coarse_looks() -> None:
    assert merge([SMALL], [LARGE], SIDE_PX) == [SMALL, LARGE]
    # Also where the fine look is surer of a half of it.
    assert merge([HALF_OF_LARGE], [LARGE], SIDE_PX) == [LARGE]


def test_a_small_plate_is_the_fine_looks() -> None:
    nearly = plate((98, 98, 184, 124), 0.9)
    assert merge([SMALL], [nearly], SIDE_PX) == [SMALL]
    # Nor is it found anew: a small plate in a small picture is seen best where it is larger.
    assert merge([], [nearly], SIDE_PX) == []


def test_of_middling_plates_the_coarse_look_only_adds() -> None:
    box = (300.0, 300.0, 600.0, 360.0)  # three tenths of the picture
    assert merge([], [plate(box)], SIDE_PX) == [plate(box)]
    fine = plate((305, 300, 600, 360))
    assert merge([fine], [plate(box, 0.9)], SIDE_PX) == [fine]


def test_what_lies_around_surer_plates_is_none() -> None:
    van = plate((50, 50, 500, 400), 0.5)
    assert merge([SMALL], [van], SIDE_PX) == [SMALL]
    # A badge on a large plate gives way to it.
    badge = plate((320, 320, 360, 340), 0.45)
    assert merge([badge], [LARGE], SIDE_PX) == [LARGE]


@pytest.mark.parametrize(
    ("frame_px", "fine_px"),
    [(320, 640), (1280, 640), (1920, 640), (2880, 960), (3840, 1280), (9000, 1280)],
)
def test_large_frames_are_seen_larger(frame_px: int, fine_px: int) -> None:
    assert fine_size(frame_px, 640) == fine_px


def test_a_small_picture_is_looked_at_once() -> None:
    assert coarse_size(640, 640) == 224
    assert coarse_size(300, 640) == 224
    assert coarse_size(224, 640) is None
    # However small `--detector-size` is, the coarse picture has room for a plate.
    assert coarse_size(320, 320) == 224
