"""Other characters in a real poor frame, blurred as that frame is.

Of sixty Korean plates there is a sharp picture beside thirty poor frames each. What lies between
is what a road camera really does: scaling, shake, defocus, codec. It is measured for each frame
as one small kernel. The sharp picture with other characters, less the sharp picture as it is, goes
through that kernel and is added to the frame. Noise and light stay those of the frame, and the
text is one that no reader can know by heart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render.lens import Lens

KERNEL_PX: Final = (5, 9)
"""Rows and columns of a frame's kernel: shake and codec reach no farther."""

MIN_EXPLAINED: Final = 0.4
"""Least share of a frame's variance that its sharp picture explains through the kernel; below it
they do not lie on each other, and the old characters would stay as ghosts."""

MIN_CONTRAST: Final = 0.2
"""Least share of its sharp picture's contrast that a frame keeps, to be a lens for others."""

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

SHARP_HEIGHT_PX: Final = 72
"""Of the sharp pictures."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A poor frame ``(H, W, 3)`` uint8, and how its sharp picture became it."""

    rgb: Rgb
    place: NDArray[np.float32]
    kernel: NDArray[np.float32]
    gains: NDArray[np.float32]
    noise: float


class Retexter:
    """Puts other characters into real poor frames.

    Args:
        sharp: A sharp picture of each plate by its text, the plate filling it, ``(H, W, 3)`` uint8
            RGB; those whose characters cannot be told apart are left out.
        frames: Texts and pictures of poor frames of the same plates, upright, with a tenth of
            margin.
    """

    def __init__(self, sharp: Mapping[str, Rgb], frames: Sequence[tuple[str, Rgb]]) -> None:
        plates = {text: _Sharp.of(text, rgb) for text, rgb in sharp.items()}
        self._sharp = {text: plate for text, plate in plates.items() if plate is not None}
        self._glyphs: dict[str, list[NDArray[np.float32]]] = {}
        for text, plate in self._sharp.items():
            for char, glyph in zip(text, plate.glyphs(), strict=True):
                self._glyphs.setdefault(char, []).append(glyph)
        self._frames: dict[str, list[_Frame]] = {}
        for text, rgb in frames:
            frame = _explain(self._sharp[text].grey, rgb) if text in self._sharp else None
            if frame is not None:
                self._frames.setdefault(text, []).append(frame)

    @property
    def texts(self) -> list[str]:
        """The plates that it has frames of."""
        return list(self._frames)

    @property
    def lenses(self) -> list[Lens]:
        """What the frames' cameras did, to be done to other plates."""
        frames = [frame for own in self._frames.values() for frame in own]
        return [
            Lens(float(f.rgb.shape[0]), f.kernel / f.kernel.sum(), f.noise)
            for f in frames
            if f.kernel.sum() > MIN_CONTRAST
        ]

    def __call__(self, text: str, rng: np.random.Generator) -> tuple[str, Rgb]:
        """One frame of a plate with other characters: what it says now, and the picture."""
        text, (frame,) = self.passage(text, 1, rng)
        return text, frame

    def passage(self, text: str, num: int, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
        """Some frames of a plate, all with the same other characters.

        Raises:
            KeyError: there are no frames of it, see `texts`.
        """
        own = self._frames[text]
        chosen = rng.choice(len(own), size=num, replace=num > len(own))
        known = sorted(self._glyphs)
        told = "".join(known[i] for i in rng.integers(len(known), size=len(text)))
        glyphs = [self._glyphs[c][rng.integers(len(self._glyphs[c]))] for c in told]
        change = self._sharp[text].change(glyphs)
        return told, [_added(own[i], change) for i in chosen]


@dataclass(frozen=True, slots=True)
class _Sharp:
    """A sharp plate, ``(H, W)`` float32, without its characters, and where these stand."""

    grey: NDArray[np.float32]
    blank: NDArray[np.float32]
    boxes: list[tuple[int, int, int, int]]

    @classmethod
    def of(cls, text: str, rgb: Rgb) -> "_Sharp | None":
        height = SHARP_HEIGHT_PX
        width = round(height * rgb.shape[1] / rgb.shape[0])
        grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (width, height))
        ink = cv2.adaptiveThreshold(
            cv2.GaussianBlur(grey, (3, 3), 0), 255, cv2.ADAPTIVE_THRESH_MEAN_C,
            cv2.THRESH_BINARY_INV, 61, 12,
        )  # fmt: skip
        _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
        boxes = sorted(
            (int(x), int(y), int(w), int(h))
            for x, y, w, h, area in stats[1:]
            if 0.38 * height < h < 0.88 * height and w < 0.17 * width and area > 60
            if x > 1 and 1 < y < height - 1 - h
        )
        # Between the first two or three and the last four stands the Hangul, or what covers it.
        if len(boxes) not in (len(text), len(text) + 1) or len(text) not in (6, 7):
            return None
        boxes = boxes[: len(text) - 4] + boxes[-4:]
        covered = np.zeros_like(ink)
        for x, y, w, h in boxes:
            covered[y - 2 : y + h + 2, max(0, x - 2) : x + w + 2] = 255
        blank = cv2.inpaint(grey, covered, 3, cv2.INPAINT_TELEA)
        return cls(grey.astype(np.float32), blank.astype(np.float32), boxes)

    def glyphs(self) -> list[NDArray[np.float32]]:
        """How much ink there is, 0..1, in the box of each character."""
        cut = [(slice(y, y + h), slice(x, x + w)) for x, y, w, h in self.boxes]
        depths = [self.blank[box] - self.grey[box] for box in cut]
        return [np.clip(d / max(float(np.quantile(d, 0.9)), 1.0), 0, 1) for d in depths]

    def change(self, glyphs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """What other characters in the same places change, in grey levels."""
        changed = self.blank.copy()
        for (x, y, w, h), glyph in zip(self.boxes, glyphs, strict=True):
            depth = self.blank[y : y + h, x : x + w] - self.grey[y : y + h, x : x + w]
            wide = max(2, round(glyph.shape[1] * h / glyph.shape[0]))
            left = int(np.clip(x + (w - wide) // 2, 0, changed.shape[1] - wide))
            ink = cv2.resize(glyph, (wide, h), interpolation=cv2.INTER_AREA)
            changed[y : y + h, left : left + wide] -= ink * float(np.quantile(depth, 0.9))
        return changed - self.grey


def _explain(sharp: NDArray[np.float32], rgb: Rgb) -> _Frame | None:
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
    return _Frame(
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


def _added(frame: _Frame, change: NDArray[np.float32]) -> Rgb:
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
