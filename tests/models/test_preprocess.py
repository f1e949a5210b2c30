import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.detections import slanted

from platestream.core.errors import FrameDecodeError, ShapeError
from platestream.core.types import BoxXyxy, Detection, Frame
from platestream.models.preprocess import (
    MAX_SIDE_PX,
    MIN_CROP_SIDE_PX,
    PATCH_HEIGHT_PX,
    PATCH_WIDTH_PX,
    check_picture,
    cut,
    cut_from,
    cut_plate,
    cut_upright,
    make_patch,
    make_patches,
)

COORDINATES = st.floats(-50, 150)


def numbered(height: int, width: int) -> np.ndarray:
    """Each pixel says where it is: red its column, green its row."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = np.arange(width)
    rgb[..., 1] = np.arange(height)[:, None]
    return rgb


def test_a_patch_of_the_right_size_is_the_crop() -> None:
    crop = np.random.default_rng(0).integers(0, 255, (32, 128, 3), np.uint8)
    assert np.array_equal(make_patch(crop), crop)


def test_shrinking_averages() -> None:
    # Each pixel of the patch covers 2x2 of the crop: three of value 0 and one of 100.
    crop = np.zeros((64, 256, 3), np.uint8)
    crop[::2, ::2] = 100
    assert np.array_equal(make_patch(crop), np.full((32, 128, 3), 25))


def test_growing_interpolates() -> None:
    crop = np.zeros((16, 64, 3), np.uint8)
    crop[:, 32:] = 100
    patch = make_patch(crop)
    # Doubled, the edge between columns 31 and 32 is met at a quarter and three quarters.
    assert patch[16, [62, 63, 64, 65], 0].tolist() == [0, 25, 75, 100]


@given(st.integers(MIN_CROP_SIDE_PX, 200), st.integers(MIN_CROP_SIDE_PX, 300), st.integers(0, 255))
def test_any_plain_crop_makes_a_plain_patch(height: int, width: int, grey: int) -> None:
    patch = make_patch(np.full((height, width, 3), grey, np.uint8))
    assert patch.dtype == np.uint8
    assert np.array_equal(patch, np.full((PATCH_HEIGHT_PX, PATCH_WIDTH_PX, 3), grey))


def test_channels_stay_in_place() -> None:
    crop = np.zeros((20, 50, 3), np.uint8)
    crop[..., 0], crop[..., 2] = 200, 50
    assert make_patch(crop)[3, 3].tolist() == [200, 0, 50]


def test_another_size_can_be_asked_for() -> None:
    assert make_patch(numbered(20, 50), 64, 96).shape == (64, 96, 3)
    assert make_patches([numbered(20, 50)] * 2, 64, 96).shape == (2, 64, 96, 3)


def test_patches_are_stacked_in_order() -> None:
    crops = [np.full((8, 8 + i, 3), i, np.uint8) for i in range(3)]
    patches = make_patches(crops)
    assert patches.shape == (3, PATCH_HEIGHT_PX, PATCH_WIDTH_PX, 3)
    assert patches[:, 0, 0, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 90), (90, 3)])
def test_crops_too_small_are_refused(height: int, width: int) -> None:
    with pytest.raises(FrameDecodeError, match=f"crop: {width}x{height} pixels is too small"):
        make_patch(np.zeros((height, width, 3), np.uint8))


def test_pictures_too_large_are_refused() -> None:
    check_picture(np.zeros((4, MAX_SIDE_PX, 3), np.uint8), "a.png", 4)
    with pytest.raises(FrameDecodeError, match=r"a\.png: 20000x4 pixels is too large"):
        check_picture(np.zeros((4, 20_000, 3), np.uint8), "a.png", 4)


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((9, 9), np.uint8),
        np.zeros((9, 9, 4), np.uint8),
        np.zeros((9, 9, 3), np.float32),
        np.zeros((1, 9, 9, 3), np.uint8),
    ],
)
def test_what_is_no_colour_picture_is_refused(picture: np.ndarray) -> None:
    with pytest.raises(ShapeError, match=r"a\.png: expected \(H, W, 3\) uint8, got"):
        check_picture(picture, "a.png", 4)


def test_cut_by_hand() -> None:
    frame = numbered(100, 100)
    exact = cut(frame, (20, 30, 60, 40), margin=0)
    assert exact.shape == (10, 40, 3)
    assert exact[0, 0].tolist() == [20, 30, 0]
    # A margin of 0.2 adds 0.1 of the size on each side: 4 pixels across, 1 down.
    grown = cut(frame, (20, 30, 60, 40), margin=0.2)
    assert grown.shape == (12, 48, 3)
    assert grown[0, 0].tolist() == [16, 29, 0]


def test_cut_takes_every_pixel_that_the_box_touches() -> None:
    part = cut(numbered(100, 100), (10.9, 20.1, 12.1, 21.0), margin=0)
    assert part[..., 0].tolist() == [[10, 11, 12]]
    assert part[..., 1].tolist() == [[20, 20, 20]]


def test_cut_is_clipped_and_a_copy() -> None:
    frame = numbered(50, 50)
    corner = cut(frame, (-10, -10, 5, 5), margin=0.5)
    assert corner[0, 0].tolist() == [0, 0, 0]
    assert corner.shape == (9, 9, 3)
    corner[:] = 255
    assert frame[0, 0].tolist() == [0, 0, 0]


@given(COORDINATES, COORDINATES, COORDINATES, COORDINATES, st.floats(0, 1))
def test_any_cut_has_a_pixel_of_the_frame(
    x1: float, y1: float, x2: float, y2: float, margin: float
) -> None:
    frame = numbered(60, 100)
    box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
    part = cut(frame, box, margin)
    height, width = part.shape[:2]
    assert 1 <= height <= 60
    assert 1 <= width <= 100
    # The cut is a window of the frame: columns and rows count up by one from its corner.
    left, top = int(part[0, 0, 0]), int(part[0, 0, 1])
    assert np.array_equal(part, frame[top : top + height, left : left + width])


def test_an_upright_plate_is_cut_as_it_is() -> None:
    frame = numbered(100, 100)
    upright = cut_upright(frame, ((20, 30), (60, 30), (60, 40), (20, 40)), margin=0)
    assert np.array_equal(upright, cut(frame, (20, 30, 60, 40), margin=0))


def test_the_margin_lies_around_the_plate() -> None:
    frame = numbered(100, 100)
    grown = cut_upright(frame, ((20, 30), (60, 30), (60, 40), (20, 40)), margin=0.2)
    assert grown.shape == (12, 48, 3)
    assert grown[0, 0].tolist() == [16, 29, 0]
    assert grown[-1, -1].tolist() == [63, 40, 0]


def test_a_turned_plate_is_cut_upright() -> None:
    # A plate of 60 x 20 on a grey wall, its four quarters of different colours, turned by 30 deg.
    plate = np.zeros((20, 60, 3), np.uint8)
    plate[:10, :30], plate[:10, 30:] = (255, 0, 0), (0, 255, 0)
    plate[10:, :30], plate[10:, 30:] = (0, 0, 255), (255, 255, 255)
    corners = np.array([(-30, -10), (30, -10), (30, 10), (-30, 10)], np.float32)
    angle = np.deg2rad(30)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    quad = (corners @ turn + 60).astype(np.float32)
    source = np.array([(0, 0), (60, 0), (60, 20), (0, 20)], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, quad - np.float32(0.5))
    frame = np.full((120, 120, 3), 128, np.uint8)
    cv2.warpPerspective(plate, matrix, (120, 120), frame, borderMode=cv2.BORDER_TRANSPARENT)

    found = Detection((0, 0, 120, 120), 0.9, tuple((float(x), float(y)) for x, y in quad))
    upright = cut_plate(frame, found)
    assert upright.shape == (22, 66, 3)
    inner = upright[2:-2, 4:-4].astype(int)
    assert np.abs(inner[:7, :26] - (255, 0, 0)).max() < 60
    assert np.abs(inner[:7, -26:] - (0, 255, 0)).max() < 60
    assert np.abs(inner[-7:, :26] - (0, 0, 255)).max() < 60
    assert np.abs(inner[-7:, -26:] - 255).max() < 60


def test_beyond_the_frame_the_rim_goes_on() -> None:
    upright = cut_upright(numbered(50, 50), ((-10, 0), (10, 0), (10, 10), (-10, 10)), margin=0)
    assert upright.shape == (10, 20, 3)
    assert upright[3, :, 0].tolist() == [0] * 10 + list(range(10))


def test_without_corners_the_box_is_cut() -> None:
    frame = numbered(100, 100)
    box = (20.0, 30.0, 60.0, 40.0)
    assert np.array_equal(cut_plate(frame, Detection(box, 0.9)), cut(frame, box))


def test_corners_too_near_together_leave_the_box() -> None:
    frame = numbered(100, 100)
    box = (20.0, 30.0, 60.0, 40.0)
    for quad in (
        ((20.0, 30.0), (60.0, 37.0), (60.0, 40.0), (20.0, 33.0)),  # 3 px high
        ((20.0, 30.0), (60_000.0, 30.0), (60_000.0, 40.0), (20.0, 40.0)),
    ):
        assert np.array_equal(cut_plate(frame, Detection(box, 0.9, quad)), cut(frame, box))


@pytest.mark.parametrize(
    "box", [(40.0, 30.0, 90.0, 50.0), (0.0, 0.0, 60.0, 14.0), (150.0, 90.0, 200.0, 110.0)]
)
@pytest.mark.parametrize("has_corners", [False, True])
def test_a_plate_cut_from_a_frame_is_cut_as_from_its_pixels(
    box: BoxXyxy, has_corners: bool
) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (110, 200, 3), np.uint8)
    plate = slanted(box) if has_corners else Detection(box, 0.9)
    cut = cut_from(Frame(0, 0.0, rgb), plate).astype(int)
    # Corners are moved in floats, so that an interpolated pixel may be rounded the other way.
    assert np.abs(cut - cut_plate(rgb, plate)).max() <= 2
