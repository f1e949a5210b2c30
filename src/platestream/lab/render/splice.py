"""One plate out of two real ones: real blur under texts that stand on no plate.

The Korean streams are the only real blur we may learn from, and they show sixty plates in thirty
frames each. A reader soon knows these by heart: it read 99 % of the frames it had learned from, and
28 % of others. Cut between two characters and joined to another plate's rest, they give thousands.
"""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.models.preprocess import make_patch

CUTS: Final = {
    6: (0.239, 0.466, 0.589, 0.682, 0.775),
    7: (0.216, 0.311, 0.52, 0.62, 0.72, 0.80),
}
"""Gaps behind each digit but the last, by the number of digits, as shares of the upright width.

As the mean of 1,860 crops of `CornerFinder.upright` shows them. The Hangul, greyed out and not
read, stays with the digits before it.
"""

MIN_ASPECT: Final = 3.3
"""Narrower upright crops do not fit their plate, which is over four times as wide as high."""

NUM_ALIKE: Final = 5
"""Of a plate's frames so many are nearest in blur; one of them is joined on."""

SEAM_PX: Final = 1.0
"""Standard deviation of the seam's softness."""


def can_splice(text: str, upright: Rgb) -> bool:
    """Whether `CUTS` say where the characters of an upright plate part."""
    height, width = upright.shape[:2]
    return len(text) in CUTS and width >= MIN_ASPECT * height


class Splicer:
    """Joins a plate with a part of another of as many digits.

    Args:
        frames: Texts and upright pictures ``(H, W, 3)`` uint8 RGB, margin included, of several
            frames a plate; those that cannot be cut are left out, see `can_splice`.
    """

    def __init__(self, frames: Sequence[tuple[str, Rgb]]) -> None:
        self._frames: dict[str, list[Rgb]] = {}
        for text, upright in frames:
            if can_splice(text, upright):
                self._frames.setdefault(text, []).append(upright)
        self._detail = {text: np.array([*map(_detail, of)]) for text, of in self._frames.items()}

    @property
    def texts(self) -> list[str]:
        """The plates that can be joined."""
        return list(self._frames)

    def __call__(self, text: str, upright: Rgb, rng: np.random.Generator) -> tuple[str, Rgb]:
        """Put another plate's last characters in place of its own.

        Returns:
            The new text, and a picture of the same size; both unchanged where it cannot be cut, or
            no plate has as many digits.
        """
        if not can_splice(text, upright):
            return text, upright
        text, (joined,) = self._splice(text, [upright], rng)
        return text, joined

    def passage(self, text: str, num: int, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
        """Some real frames of a plate, each with the same characters of another's put in.

        Raises:
            KeyError: no frame of such a plate was given that can be cut.
        """
        own = self._frames[text]
        chosen = rng.choice(len(own), size=num, replace=num > len(own))
        return self._splice(text, [own[i] for i in chosen], rng)

    def _splice(
        self, text: str, uprights: Sequence[Rgb], rng: np.random.Generator
    ) -> tuple[str, list[Rgb]]:
        others = [other for other in self._frames if len(other) == len(text) and other != text]
        if not others:
            return text, list(uprights)
        other = others[rng.integers(len(others))]
        kept = int(rng.integers(1, len(text)))
        cut = CUTS[len(text)][kept - 1]
        joined = [_join(upright, self._alike(other, upright, rng), cut) for upright in uprights]
        return text[:kept] + other[kept:], joined

    def _alike(self, text: str, upright: Rgb, rng: np.random.Generator) -> Rgb:
        """A frame of a plate that is about as blurred."""
        apart = np.abs(self._detail[text] - _detail(upright))
        return self._frames[text][int(rng.choice(apart.argsort()[:NUM_ALIKE]))]


def _join(left: Rgb, right: Rgb, cut: float) -> Rgb:
    """`left` up to the cut and `right` from there on, in the light and size of `left`."""
    height, width = left.shape[:2]
    resized = make_patch(right, height, width).astype(np.float32)
    ours = left.astype(np.float32)
    (mean, spread), (other_mean, other_spread) = _light(ours), _light(resized)
    lit = (resized - other_mean) * (spread / np.maximum(other_spread, 1.0)) + mean
    share = 1 / (1 + np.exp(-(np.arange(width) + 0.5 - cut * width) / SEAM_PX))
    joined = ours + (lit - ours) * share.astype(np.float32)[:, None]
    return np.asarray(np.clip(joined, 0, 255), np.uint8)


def _light(rgb: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each channel, off the rim."""
    height, width = rgb.shape[:2]
    inner = rgb[height // 5 : -height // 5, width // 10 : -width // 10]
    return inner.mean(axis=(0, 1)), inner.std(axis=(0, 1))


def _detail(rgb: Rgb) -> float:
    """How sharp a plate is: its steps from column to column, relative to its contrast."""
    grey = cv2.cvtColor(cv2.resize(rgb, (128, 32)), cv2.COLOR_RGB2GRAY).astype(np.float64)
    inner = grey[6:-6, 12:-12]
    return float(np.abs(np.diff(inner, axis=1)).mean() / (inner.std() + 4))
