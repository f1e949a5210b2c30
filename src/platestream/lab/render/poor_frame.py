"""How a sharp picture of a plate became a poor frame of it, measured as one small kernel."""

from dataclasses import dataclass
from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb

KERNEL_PX: Final = (5, 9)
"""Rows and columns of a frame's kernel: shake and codec reach no farther."""

MIN_EXPLAINED: Final = 0.4
"""Least share of a frame's variance that its sharp picture explains through the kernel; below it
they do not lie on each other, and the old characters would stay as ghosts."""

_FINER: Final = 4
"""How much finer than a frame the sharp pictures are laid on it, before each pixel is averaged."""

_STIFFNESS: Final = 0.02
"""Of the least squares, beside the mean of their diagonal: what frames do not tell stays small."""

_RIM: Final = (0.22, 0.11)
"""Share of a frame's height and width that is not compared: above and below the characters, and
beside them, a plate's rim and its surroundings explain more than the characters do."""

_SIZES_X: Final = tuple(np.arange(0.7, 1.0, 0.03).tolist())
_SIZES_Y: Final = tuple(np.arange(0.55, 1.0, 0.06).tolist())
"""Shares of a frame that its plate may fill."""

FARTHEST: Final = 0.15
"""How far correlation may move a corner, as a share of the frame, from where it was tried."""

_STOP: Final = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)


@dataclass(frozen=True, slots=True)
class PoorFrame:
    """A poor frame ``(H, W, 3)`` uint8, and how its sharp picture became it."""

    rgb: Rgb
    place: NDArray[np.float32]
    kernel: NDArray[np.float32]
    gains: NDArray[np.float32]
    noise: float


def explain(sharp: NDArray[np.float32], rgb: Rgb) -> PoorFrame | None:
    """How a sharp picture became a frame; None where they do not lie on each other."""
    height, width = rgb.shape[:2]
    grey = _grey(rgb)
    place = _placed(sharp, grey)
    if place is None:
        return None
    laid = _laid(sharp, place, (height, width))
    rim_y, rim_x = max(1, round(_RIM[0] * height)), max(1, round(_RIM[1] * width))
    inner = (slice(rim_y, height - rim_y), slice(rim_x, width - rim_x))
    shifted = _shifts(laid - laid.mean())[(slice(None), *inner)].reshape(-1, laid[inner].size)
    shifted = shifted - shifted.mean(axis=1, keepdims=True)
    wanted = (grey - grey[inner].mean())[inner].ravel()
    normal = shifted @ shifted.T
    normal.reshape(-1)[:: len(normal) + 1] += _STIFFNESS * np.trace(normal) / len(normal)
    kernel = np.linalg.solve(normal, shifted @ wanted)
    told = kernel @ shifted
    explained = 1 - np.square(wanted - told).sum() / max(float(np.square(wanted).sum()), 1.0)
    if explained < MIN_EXPLAINED:
        return None
    pixels = rgb[inner].reshape(-1, 3).astype(np.float32)
    gains = (pixels - pixels.mean(axis=0)).T @ told / max(float(told @ told), 1e-6)
    return PoorFrame(
        rgb, place, kernel.reshape(KERNEL_PX).astype(np.float32),
        gains.astype(np.float32), float(np.std(wanted - told)),
    )  # fmt: skip


def _placed(sharp: NDArray[np.float32], grey: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The affine from a frame's pixels to those of its sharp picture scaled to the frame's size.

    First by trying sizes and places, then by correlation; None where both are far apart.
    """
    height, width = grey.shape
    best, start = -1.0, np.eye(2, 3, dtype=np.float32)
    for share_x, share_y in product(_SIZES_X, _SIZES_Y):
        size = max(8, round(share_x * width)), max(4, round(share_y * height))
        part = cv2.resize(sharp, size, interpolation=cv2.INTER_AREA)
        _, agreement, _, (left, top) = cv2.minMaxLoc(
            cv2.matchTemplate(grey, part, cv2.TM_CCOEFF_NORMED)
        )
        if agreement > best:
            scale_x, scale_y = width / size[0], height / size[1]
            best, start = (
                agreement,
                np.array([[scale_x, 0, -left * scale_x], [0, scale_y, -top * scale_y]], np.float32),
            )
    scaled = cv2.resize(sharp, (width, height), interpolation=cv2.INTER_AREA)
    place = start.copy()
    try:
        for blur in (5, 3):
            # The stubs know the size of the blur with another kind of array only.
            _, place = cv2.findTransformECC(  # type: ignore[call-overload]
                grey, scaled, place, cv2.MOTION_AFFINE, _STOP, None, blur
            )
    except cv2.error:
        return None
    corners = np.array([[0, width, width, 0], [0, 0, height, height], [1, 1, 1, 1]], np.float32)
    moved = np.abs((place - start) @ corners) / np.array([[width], [height]])
    return np.asarray(place, np.float32) if moved.max() < FARTHEST else None


def added(frame: PoorFrame, change: NDArray[np.float32]) -> Rgb:
    """A frame with a change of its sharp picture, seen as the frame saw it."""
    laid = _laid(change, frame.place, frame.rgb.shape[:2])
    seen = cv2.filter2D(laid, cv2.CV_32F, frame.kernel, borderType=cv2.BORDER_REPLICATE)
    picture = frame.rgb + seen[..., None] * frame.gains
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def _laid(
    sharp: NDArray[np.float32], place: NDArray[np.float32], size: tuple[int, int]
) -> NDArray[np.float32]:
    """A sharp picture on the pixels of a frame: each is the mean of what it covers."""
    height, width = size
    fine = cv2.resize(
        sharp, (width * _FINER, height * _FINER), interpolation=cv2.INTER_AREA
    )  # the sharp pictures are about four times as fine as the frames
    finer = place.copy()
    finer[:, 2] *= _FINER
    moved = cv2.warpAffine(
        fine,
        finer,
        (width * _FINER, height * _FINER),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(cv2.resize(moved, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _shifts(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """A picture moved by every place of the kernel, ``(rows * columns, H, W)``."""
    rows, columns = KERNEL_PX
    padded = cv2.copyMakeBorder(
        grey, rows // 2, rows // 2, columns // 2, columns // 2, cv2.BORDER_REPLICATE
    )
    windows = np.lib.stride_tricks.sliding_window_view(padded, grey.shape)
    return np.asarray(windows.reshape(-1, *grey.shape), np.float32)


def _grey(rgb: Rgb) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32)
