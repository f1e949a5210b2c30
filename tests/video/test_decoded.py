"""A part of a decoded picture is the same as that part of the whole."""

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from platestream.models.preprocess import shrink_to
from platestream.video.decoded import DecodedPicture, upright_rgb

WIDTH, HEIGHT = 62, 38


def decoded(colorspace: int = 2, color_range: int = 0, pixels: str = "yuv420p") -> VideoFrame:
    rng = np.random.default_rng(3)
    planes = rng.integers(0, 256, (HEIGHT * 3 // 2, WIDTH), np.uint8)
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    if pixels != "yuv420p":
        frame = frame.reformat(format=pixels)
    frame.colorspace, frame.color_range = colorspace, color_range
    return frame


@pytest.mark.parametrize("colorspace", [1, 2, 5, 6])
@pytest.mark.parametrize("color_range", [0, 1, 2])
def test_parts_are_libswscale_s_own(colorspace: int, color_range: int) -> None:
    frame = decoded(colorspace, color_range)
    whole = upright_rgb(frame).astype(int)
    for box in [(0, 0, WIDTH, HEIGHT), (1, 1, 2, 2), (11, 7, 22, 18), (60, 36, 62, 38)]:
        left, top, right, bottom = box
        part = DecodedPicture(frame).part(left, top, right, bottom)
        # Equal on x86; elsewhere the sums may be rounded another way.
        assert np.abs(part - whole[top:bottom, left:right]).max(initial=0) <= 2


@given(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.data())
def test_parts_are_as_large_as_was_asked_for(left: int, top: int, data: st.DataObject) -> None:
    right, bottom = (data.draw(st.integers(a + 1, b)) for a, b in ((left, WIDTH), (top, HEIGHT)))
    part = DecodedPicture(decoded()).part(left, top, right, bottom)
    assert part.shape == (bottom - top, right - left, 3)


def test_luma_is_the_plane_that_was_coded() -> None:
    frame = decoded()
    coded = frame.to_ndarray(format="yuv420p")[:HEIGHT]
    assert (DecodedPicture(frame).luma() == coded).all()


@pytest.mark.parametrize("pixels", ["yuv422p", "yuv420p10le", "rgb24"])
def test_other_formats_are_converted_as_a_whole(pixels: str) -> None:
    frame = decoded(pixels=pixels)
    picture, whole = DecodedPicture(frame), upright_rgb(frame)
    assert (picture.part(3, 5, 20, 30) == whole[5:30, 3:20]).all()
    assert (picture.luma() == whole[..., 1]).all()
    assert picture.size == (WIDTH, HEIGHT)


def test_what_hardware_decodes_is_converted_in_parts_too() -> None:
    soft = decoded(colorspace=1, color_range=1)
    hard = soft.reformat(format="nv12")
    picture = DecodedPicture(hard)
    assert (picture.luma() == soft.to_ndarray(format="yuv420p")[:HEIGHT]).all()
    assert (picture.part(11, 7, 22, 18) == DecodedPicture(soft).part(11, 7, 22, 18)).all()


@pytest.mark.parametrize("scale", [1.0, 0.8, 0.5, 0.3])
@pytest.mark.parametrize("box", [(0, 0, WIDTH, HEIGHT), (11, 7, 51, 31), (12, 8, 52, 32)])
def test_a_small_part_is_the_part_shrunk(box: tuple[int, int, int, int], scale: float) -> None:
    # Smooth, as what is left of a picture that is shrunk: of noise any two ways make two things.
    ramp = np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)).astype(np.uint8) * 2
    colour = np.add.outer(np.arange(HEIGHT // 2), np.arange(WIDTH // 2)).astype(np.uint8)
    planes = np.concatenate([ramp.ravel(), 110 + colour.ravel(), 140 - colour.ravel()])
    frame = VideoFrame.from_ndarray(planes.reshape(-1, WIDTH), format="yuv420p")
    left, top, right, bottom = box
    wanted = shrink_to(upright_rgb(frame)[top:bottom, left:right], scale).astype(int)
    small = DecodedPicture(frame).small_part(*box, scale)
    assert small.shape == wanted.shape
    assert np.abs(small - wanted)[1:-1, 1:-1].max(initial=0) <= 6


@pytest.mark.parametrize("colorspace", [1, 2])
@pytest.mark.parametrize("color_range", [1, 2])
def test_a_small_part_is_as_bright_as_the_part(colorspace: int, color_range: int) -> None:
    rng = np.random.default_rng(5)
    # In the middle of the range, where nothing is cut off at black or white.
    planes = rng.integers(110, 146, (HEIGHT * 3 // 2, WIDTH), np.uint8)
    frame = VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.colorspace, frame.color_range = colorspace, color_range
    wanted = shrink_to(upright_rgb(frame), 0.5).astype(int)
    apart = DecodedPicture(frame).small_part(0, 0, WIDTH, HEIGHT, 0.5) - wanted
    assert np.abs(apart.mean(axis=(0, 1))).max() < 0.4
    assert np.abs(apart).max() <= 2


@pytest.mark.parametrize("pixels", ["yuv422p", "rgb24"])
def test_small_parts_of_other_formats_are_cut_from_the_whole(pixels: str) -> None:
    frame = decoded(pixels=pixels)
    wanted = shrink_to(upright_rgb(frame)[4:36, 2:60], 0.5)
    assert (DecodedPicture(frame).small_part(2, 4, 60, 36, 0.5) == wanted).all()
