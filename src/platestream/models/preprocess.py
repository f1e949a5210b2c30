"""From pixels to network input: the same functions in training and at run time.

Networks take uint8 RGB patches; scaling and greying happen inside the network, so there is
nothing to get wrong out here but the size.
"""

from collections.abc import Sequence
from math import dist

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.boxes import box_around, grow_box
from platestream.core.errors import FrameDecodeError, ShapeError
from platestream.core.types import BoxXyxy, Detection, Frame, Quad, Rgb

PATCH_HEIGHT_PX = 32
PATCH_WIDTH_PX = 128

MIN_CROP_SIDE_PX = 4
"""A plate of fewer pixels a side holds nothing to read."""

CROP_MARGIN = 0.1
"""How much a box grows before it is cut, in training as at run time."""

_RIM_PX = 4
"""More than interpolation reaches."""

_NEARLY_WHOLE = 0.66
"""Scale above which a picture is shrunk by interpolation."""

MAX_SIDE_PX = 16_384
"""A picture with a longer side is refused: it costs gigabytes and no camera makes it."""


def make_patch(
    crop: Rgb, height_px: int = PATCH_HEIGHT_PX, width_px: int = PATCH_WIDTH_PX
) -> NDArray[np.uint8]:
    """Resize one crop to the fixed size that reader and quality network take.

    Args:
        crop: ``(H, W, 3)`` uint8 RGB, any size.
        height_px: Of the patch.
        width_px: Of the patch.

    Returns:
        ``(height_px, width_px, 3)`` uint8 RGB.

    Raises:
        ShapeError: `crop` is not a colour picture.
        FrameDecodeError: it is too small to hold a plate, or too large.
    """
    check_picture(crop, "crop", min_side_px=MIN_CROP_SIDE_PX)
    # Area averaging keeps thin strokes when shrinking; it is plain nearest when growing.
    shrinks = crop.shape[0] > height_px and crop.shape[1] > width_px
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(crop, (width_px, height_px), interpolation=how), np.uint8)


def make_patches(
    crops: Sequence[Rgb], height_px: int = PATCH_HEIGHT_PX, width_px: int = PATCH_WIDTH_PX
) -> NDArray[np.uint8]:
    """Stack the patches of several crops: ``(N, height_px, width_px, 3)`` uint8 RGB."""
    return np.stack([make_patch(crop, height_px, width_px) for crop in crops])


def cut(rgb: Rgb, box_xyxy: BoxXyxy, margin: float = CROP_MARGIN) -> Rgb:
    """Cut a box out of a frame, grown by `margin` of its own size, clipped to the frame.

    Returns:
        ``(h, w, 3)`` uint8 RGB, a copy, at least one pixel each way.
    """
    left, top, right, bottom = grown(rgb, box_xyxy, margin)
    return rgb[top:bottom, left:right].copy()


def grown(rgb: Rgb, box_xyxy: BoxXyxy, margin: float) -> tuple[int, int, int, int]:
    """Which columns and rows of a frame `cut` takes: left, top, right and bottom, exclusive."""
    height, width = rgb.shape[:2]
    x1, y1, x2, y2 = grow_box(box_xyxy, margin, margin)
    left = int(np.clip(np.floor(x1), 0, width - 1))
    top = int(np.clip(np.floor(y1), 0, height - 1))
    right = int(np.clip(np.ceil(x2), left + 1, width))
    bottom = int(np.clip(np.ceil(y2), top + 1, height))
    return left, top, right, bottom


def cut_upright(rgb: Rgb, quad: Quad, margin: float = CROP_MARGIN) -> Rgb:
    """Cut a plate out of a frame by its corners and turn it upright, in one warp.

    Args:
        rgb: ``(H, W, 3)`` uint8 RGB.
        quad: The plate's corners in pixels of the frame.
        margin: How much wider and higher than the plate the crop is, as in `cut`.

    Returns:
        ``(h, w, 3)`` uint8 RGB, as large as the plate's longer sides are in the frame; beyond the
        frame its rim goes on.
    """
    corners = np.array(quad, np.float32)
    width, height = _quad_sides(quad)
    left, top = width * margin / 2, height * margin / 2
    right, bottom = left + width, top + height
    target = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    # Corners count from the corner of a pixel, OpenCV from its middle.
    matrix = cv2.getPerspectiveTransform(corners - np.float32(0.5), target - np.float32(0.5))
    size = (max(1, round(right + left)), max(1, round(bottom + top)))
    upright = cv2.warpPerspective(
        rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(upright, np.uint8)


def cut_plate(rgb: Rgb, detection: Detection) -> Rgb:
    """Cut out a found plate: upright where its corners make a picture of it, else its box."""
    if detection.quad and _fits_picture(detection.quad):
        return cut_upright(rgb, detection.quad)
    return cut(rgb, detection.box_xyxy)


def cut_from(frame: Frame, detection: Detection) -> Rgb:
    """The same out of a frame of which only the plate is made RGB."""
    width, height = frame.size
    quad = box_around(detection.corners)
    # A margin of the longer side each way is more than any of the two cuts takes.
    reach = _RIM_PX + CROP_MARGIN * max(quad[2] - quad[0], quad[3] - quad[1])
    box = detection.box_xyxy
    left = int(np.clip(min(box[0], quad[0]) - reach, 0, width - 1))
    top = int(np.clip(min(box[1], quad[1]) - reach, 0, height - 1))
    right = int(np.clip(max(box[2], quad[2]) + reach, left + 1, width))
    bottom = int(np.clip(max(box[3], quad[3]) + reach, top + 1, height))
    return cut_plate(frame.part(left, top, right, bottom), detection.shifted(-left, -top))


def shrink_to(rgb: Rgb, scale: float) -> Rgb:
    """Shrink a picture; `scale` 1 leaves it as it is."""
    if scale >= 1.0:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    # Two pixels each way are nearly all that is averaged here, and interpolated in a tenth of the
    # time; by whole numbers averaging is fast.
    how = cv2.INTER_LINEAR if scale > _NEARLY_WHOLE else cv2.INTER_AREA
    return np.asarray(cv2.resize(rgb, size, interpolation=how), np.uint8)


def shrunk_from(frame: Frame, sides: tuple[int, int, int, int], scale: float) -> Rgb:
    """A part of a frame, shrunk; no more of the frame is made RGB than that.

    Args:
        frame: The frame.
        sides: Left, top, right and bottom of the part, exclusive.
        scale: As in `shrink_to`.
    """
    if isinstance(frame.pixels, np.ndarray):
        return shrink_to(frame.part(*sides), scale)
    return frame.pixels.small_part(*sides, scale)


def _fits_picture(quad: Quad) -> bool:
    """Whether the plate between these corners is large enough to read, and no slip."""
    sides = _quad_sides(quad)
    return min(sides) >= MIN_CROP_SIDE_PX and max(sides) * (1 + CROP_MARGIN) <= MAX_SIDE_PX


def _quad_sides(quad: Quad) -> tuple[float, float]:
    """Width and height of a plate by its corners: of either the longer of two sides."""
    top_left, top_right, bottom_right, bottom_left = quad
    width = max(dist(top_left, top_right), dist(bottom_left, bottom_right))
    return width, max(dist(top_left, bottom_left), dist(top_right, bottom_right))


def check_picture(rgb: Rgb, name: str, min_side_px: int) -> None:
    """Refuse what is not a colour picture of a sensible size.

    Raises:
        ShapeError: not ``(H, W, 3)`` uint8.
        FrameDecodeError: a side is under `min_side_px` or over `MAX_SIDE_PX`.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        msg = f"{name}: expected (H, W, 3) uint8, got {rgb.shape} {rgb.dtype}"
        raise ShapeError(msg)
    check_size(rgb.shape[1], rgb.shape[0], name, min_side_px)


def check_size(width: int, height: int, name: str, min_side_px: int) -> None:
    """Refuse a picture whose size is not sensible, before it is made RGB.

    Raises:
        FrameDecodeError: a side is under `min_side_px` or over `MAX_SIDE_PX`.
    """
    if min(height, width) < min_side_px:
        msg = f"{name}: {width}x{height} pixels is too small; needs {min_side_px} a side"
        raise FrameDecodeError(msg)
    if max(height, width) > MAX_SIDE_PX:
        msg = f"{name}: {width}x{height} pixels is too large; the limit is {MAX_SIDE_PX} a side"
        raise FrameDecodeError(msg)
