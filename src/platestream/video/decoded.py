"""What a decoder gives, made RGB only where somebody looks.

A whole frame of 1280x720 takes a third of a millisecond to convert, a plate in it a hundredth.
"""

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from platestream.core.types import Luma, Rgb
from platestream.models.preprocess import shrink_to
from platestream.video.decoders import planar

_PLANAR: Final = ("yuv420p", "yuvj420p")
"""Formats whose parts are converted here; of any other the whole frame is."""

_KR_KB: Final = {
    1: (0.2126, 0.0722),  # ITU-R BT.709
    2: (0.299, 0.114),  # not said: what FFmpeg takes it for
    5: (0.299, 0.114),  # ITU-R BT.601, 625 lines
    6: (0.299, 0.114),  # ITU-R BT.601, 525 lines
}
"""Shares of red and blue in luma by FFmpeg's number of a colour space."""

_FULL_RANGE: Final = 2

_LARGE_SHARE: Final = 0.06
"""Of the frame: for larger parts libswscale is faster with the whole than we are with the part."""


class DecodedPicture:
    """A picture as the decoder left it; see `Picture`.

    Args:
        frame: Turned upright, as its display matrix says, in all that is given.
    """

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame = planar(frame)
        self._rgb: Rgb | None = None
        matrix = _display_matrix(frame)
        self._is_lying = matrix is not None and _is_lying(matrix)
        is_simple = frame.format.name in _PLANAR and matrix is None
        self._planes = [_plane(frame, index) for index in range(3)] if is_simple else []
        is_known = is_simple and frame.colorspace in _KR_KB
        is_full = frame.color_range == _FULL_RANGE or frame.format.name == "yuvj420p"
        self._tables = _tables(int(frame.colorspace), is_full=is_full) if is_known else ()
        self._matrix = _matrix(int(frame.colorspace), is_full=is_full) if is_known else None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        width, height = self._frame.width, self._frame.height
        return (height, width) if self._is_lying else (width, height)

    def rgb(self) -> Rgb:
        """All of it, ``(H, W, 3)`` uint8."""
        if self._rgb is None:
            self._rgb = upright_rgb(self._frame)
        return self._rgb

    def part(self, left: int, top: int, right: int, bottom: int) -> Rgb:
        """Some columns and rows of it; right and bottom are exclusive."""
        share = (right - left) * (bottom - top) / (self._frame.width * self._frame.height)
        if self._rgb is not None or not self._tables or share > _LARGE_SHARE:
            return self.rgb()[top:bottom, left:right]
        # Colours are of two by two pixels: begin at an even one.
        x, y = left // 2, top // 2
        grey = cv2.LUT(self._planes[0][2 * y : bottom, 2 * x : right], self._tables[0])
        height, width = grey.shape
        u, v = self._colours(x, y, right, bottom)
        red, green_v = (cv2.LUT(v, table) for table in self._tables[1:3])
        blue, green_u = (cv2.LUT(u, table) for table in self._tables[3:5])
        colours = [
            cv2.add(grey, _doubled(colour)[:height, :width], dtype=cv2.CV_8U)
            for colour in (red, cv2.add(green_u, green_v), blue)
        ]
        return np.asarray(cv2.merge(colours), np.uint8)[top - 2 * y :, left - 2 * x :]

    def small_part(self, left: int, top: int, right: int, bottom: int, scale: float) -> Rgb:
        """The same, shrunk: to a level, for the planes are shrunk, and not RGB."""
        if scale >= 1.0 or self._matrix is None or self._rgb is not None:
            return shrink_to(self.part(left, top, right, bottom), scale)
        size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
        # Colours of an odd first column begin half a pixel early, which nobody sees.
        luma = self._planes[0][top:bottom, left:right]
        colours = self._colours(left // 2, top // 2, right - left % 2, bottom - top % 2)
        planes = [_resized(plane, size) for plane in (luma, *colours)]
        # Sums of fractions are a quarter of the work of whole numbers like libswscale's.
        return np.asarray(cv2.transform(cv2.merge(planes), self._matrix), np.uint8)

    def _colours(self, x: int, y: int, right: int, bottom: int) -> list[NDArray[np.uint8]]:
        """U and V from their own column `x` and row `y` to where the picture's part ends."""
        return [plane[y : (bottom + 1) // 2, x : (right + 1) // 2] for plane in self._planes[1:]]

    def luma(self) -> Luma:
        """Brightness, as the camera coded it; green where it is no plane of its own."""
        return self._planes[0] if self._planes else self.rgb()[..., 1]


def upright_rgb(picture: VideoFrame) -> Rgb:
    """Pixels of a decoded picture, turned or mirrored as its display matrix says."""
    # One thread: starting others for each picture costs five times the work.
    rgb = np.asarray(picture.to_ndarray(format="rgb24", threads=1), np.uint8)
    matrix = _display_matrix(picture)
    return np.ascontiguousarray(rgb if matrix is None else oriented(rgb, matrix))


def oriented(rgb: Rgb, matrix: NDArray[np.int32]) -> Rgb:
    """Lay a picture as a display matrix says; it turns by quarters, the nearest to the matrix.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB.
        matrix: ``(9,)`` as FFmpeg has it (libavutil/display.h): a pixel (x, y) is shown at
            (a x + c y, b x + d y), where a, b are the first two numbers, c, d the fourth and fifth.
    """
    a, b, c, d = (int(matrix[index]) for index in (0, 1, 3, 4))
    if _is_lying(matrix):
        rgb, a, d = rgb.transpose(1, 0, 2), c, b
    return rgb[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]


def _display_matrix(picture: VideoFrame) -> NDArray[np.int32] | None:
    side_data: Any = picture.side_data  # its stub knows motion vectors alone
    if "DISPLAYMATRIX" not in side_data:
        return None
    return np.frombuffer(side_data["DISPLAYMATRIX"], np.int32)


def _is_lying(matrix: NDArray[np.int32]) -> bool:
    """Whether rows become columns."""
    a, b, c, d = (abs(int(matrix[index])) for index in (0, 1, 3, 4))
    return b + c > a + d


def _plane(frame: VideoFrame, index: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return lines[: plane.height, : plane.width]


def _doubled(plane: NDArray[Any]) -> NDArray[np.int16]:
    return np.asarray(
        cv2.resize(plane, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST), np.int16
    )


def _resized(plane: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    # Averaging two by two is fast, over any other area it is slow.
    while plane.shape[1] >= 2 * size[0] and plane.shape[0] >= 2 * size[1]:
        half = plane.shape[1] // 2, plane.shape[0] // 2
        even = plane[: 2 * half[1], : 2 * half[0]]
        plane = np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)
    if plane.shape == size[::-1]:
        return plane
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.uint8)


@cache
def _factors(colorspace: int, *, is_full: bool) -> tuple[tuple[int, float], ...]:
    """Zero and factor of what luma adds, V to red and green, U to blue and green.

    ITU-R BT.601 and BT.709, section 3.
    """
    red, blue = _KR_KB[colorspace]
    green = 1 - red - blue
    black, luma_range, chroma_range = (0, 255, 255) if is_full else (16, 219, 224)
    return (
        (black, 255 / luma_range),
        (128, 2 * (1 - red) * 255 / chroma_range),
        (128, -2 * red * (1 - red) / green * 255 / chroma_range),
        (128, 2 * (1 - blue) * 255 / chroma_range),
        (128, -2 * blue * (1 - blue) / green * 255 / chroma_range),
    )


@cache
def _matrix(colorspace: int, *, is_full: bool) -> NDArray[np.float32]:
    """``(3, 4)``: red, green and blue of Y, U, V and 1."""
    (black, luma), (_, red_v), (_, green_v), (_, blue_u), (_, green_u) = _factors(
        colorspace, is_full=is_full
    )
    rows = ((luma, 0.0, red_v), (luma, green_u, green_v), (luma, blue_u, 0.0))
    # libswscale cuts off what is after the point of each term: half a level less on average.
    cut_off = [sum(factor % 1 != 0 for factor in row) / 2 for row in rows]
    zeros = [black * row[0] + 128 * (row[1] + row[2]) for row in rows]
    offsets = [-zero - less for zero, less in zip(zeros, cut_off, strict=True)]
    return np.array([(*row, at) for row, at in zip(rows, offsets, strict=True)], np.float32)


@cache
def _tables(colorspace: int, *, is_full: bool) -> tuple[NDArray[np.int16], ...]:
    """What each byte of a plane adds, in the order of `_factors`.

    In the very integers of libswscale's `yuv_2_rgb.asm`, so that a part of a frame is the same
    whether the whole frame was converted or not.
    """
    levels = np.arange(256)
    return tuple(
        ((levels - zero) * 8 * round(factor * 2**13) // 2**16).astype(np.int16)
        for zero, factor in _factors(colorspace, is_full=is_full)
    )
