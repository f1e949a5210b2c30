"""Other characters in a real poor frame, blurred as that frame is.

Of sixty Korean plates there is a sharp picture beside thirty poor frames each. What lies between
is what a road camera really does: scaling, shake, defocus, codec. It is measured for each frame
as one small kernel. The sharp picture with other characters, less the sharp picture as it is, goes
through that kernel and is added to the frame. Noise and light stay those of the frame, and the
text is one that no reader can know by heart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render.measured_lens import Lens
from platestream.lab.render.poor_frame import PoorFrame, added, explain

MIN_CONTRAST: Final = 0.2
"""Least share of its sharp picture's contrast that a frame keeps, to be a lens for others."""

SHARP_HEIGHT_PX: Final = 72
"""Of the sharp pictures."""


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
        self._frames: dict[str, list[PoorFrame]] = {}
        for text, rgb in frames:
            frame = explain(self._sharp[text].grey, rgb) if text in self._sharp else None
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
        return told, [added(own[i], change) for i in chosen]


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
