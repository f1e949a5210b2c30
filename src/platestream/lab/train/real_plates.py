"""Real plates as batches show them: degraded, tilted, and some with other characters."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from platestream.core.alphabet import PROVINCES
from platestream.core.types import Rgb
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.province import can_swap, swap_province
from platestream.lab.render.refilm import degrade, tilt
from platestream.lab.render.retext import Retexter
from platestream.lab.render.splice import Splicer, can_splice
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.shown import SAWN, SIDE_BY_SIDE, UPRIGHT, Lenses, halves
from platestream.models.rows import mostly_has_two_rows

ROUGHEST = 2.5
"""Strongest degradation of a real crop's views, see `refilm.degrade`."""

TILTED: Final = 0.3
"""Share of real plates that are shown upright and then tilted anew."""

SWAPPED: Final = 0.6
"""Share of real Chinese plates that get another province."""

SPLICED: Final = 0.7
"""Share of the Korean plates that a reader sees joined of two or three, see `Splicer`."""

RETEXTED: Final = 0.6
"""Share of the joined ones that get all their digits from elsewhere instead, see `Retexter`."""

ONE_ROW_ABOVE: Final = 2.4
"""Width over height of real plates that surely have one row."""

KOREAN: Final = "rlpr"

SHARP_KOREAN: Final = "rlpr_clean"
"""A sharp picture of each of the same plates."""


class RealPlates:
    """Shows labelled crops.

    Args:
        crops: What the changed ones are made of.
        views: Pictures of each plate.
        book: Draws other provinces on Chinese plates; None leaves them alone.
        spliced: Share of the Korean plates that are joined anew; of several views all are.

    Attributes:
        lenses: As measured on the Korean frames.
    """

    def __init__(
        self,
        crops: Sequence[LabelledCrop],
        views: int,
        book: GlyphBook | None,
        spliced: float,
    ) -> None:
        self._views, self._book, self._spliced = views, book, spliced
        # Whether a province can be swapped hardly depends on chance: try each crop once.
        self._swappable = [] if book is None else swappable(crops, book)
        self._splice, self._retext = splicer(crops), retexter(crops)
        self.lenses = Lenses(self._retext.lenses)

    def show(self, crop: LabelledCrop, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
        """All views of one plate, and its text."""
        if self._views == 1:
            if crop.upright is not None and rng.random() < _laid_out(crop.upright):
                text = crop.text if mostly_has_two_rows(crop.upright) else ""
                return text, [halves(degrade(crop.upright, rng), rng)]
            is_korean = crop.set_name == KOREAN  # those hold real blur already
            if crop.upright is not None and not is_korean and self.lenses.are_used(rng):
                return crop.text, [self.lenses.see(crop.upright, rng)]
            text, rgb = self._pick(crop, rng)
            return text, [degrade(rgb, rng)]
        if can_be_joined(crop):
            # What really differs from frame to frame of a stream, seen from one place; a little
            # more blur at most.
            joins = self._retext if self._is_retexted(crop.text, rng) else self._splice
            text, frames = joins.passage(crop.text, self._views, rng)
            roughest = rng.uniform(0, 1)
            if rng.random() >= UPRIGHT:
                seed = int(rng.integers(2**32))
                frames = [tilt(frame, np.random.default_rng(seed)) for frame in frames]
        else:
            text, rgb = self._pick(crop, rng)
            frames, roughest = [rgb] * self._views, ROUGHEST
        strengths = rng.uniform(0, roughest, self._views)
        return text, [degrade(f, rng, float(s)) for f, s in zip(frames, strengths, strict=True)]

    def _pick(self, crop: LabelledCrop, rng: np.random.Generator) -> tuple[str, Rgb]:
        """A real crop; of the Chinese and Korean ones a share is changed."""
        is_chinese = crop.text[0] in PROVINCES
        if self._book and self._swappable and is_chinese and rng.random() < SWAPPED:
            text, upright = self._swappable[rng.integers(len(self._swappable))]
            text, upright = swap_province(text, upright, rng, self._book)
            return text, upright if rng.random() < UPRIGHT else tilt(upright, rng)
        if crop.upright is None:
            return crop.text, crop.rgb
        if crop.set_name == KOREAN and rng.random() < self._spliced:
            text, upright = crop.text, crop.upright
            if self._is_retexted(text, rng):
                text, upright = self._retext(text, rng)
            else:
                for _ in range(int(rng.integers(1, 3))):
                    text, upright = self._splice(text, upright, rng)
            return text, upright if rng.random() < UPRIGHT else tilt(upright, rng)
        if rng.random() >= UPRIGHT + TILTED:
            return crop.text, crop.rgb
        is_tilted = rng.random() < TILTED / (UPRIGHT + TILTED)
        return crop.text, tilt(crop.upright, rng) if is_tilted else crop.upright

    def _is_retexted(self, text: str, rng: np.random.Generator) -> bool:
        return text in self._retext.texts and rng.random() < RETEXTED


def _laid_out(upright: Rgb) -> float:
    """How often a real plate is shown with its halves side by side."""
    if mostly_has_two_rows(upright):
        return SIDE_BY_SIDE
    height, width = upright.shape[:2]
    return SAWN if width > ONE_ROW_ABOVE * height else 0.0


def splicer(crops: Sequence[LabelledCrop]) -> Splicer:
    """What joins the Korean plates among some crops."""
    korean = (crop for crop in crops if crop.set_name == KOREAN)
    return Splicer([(c.text, c.upright) for c in korean if c.upright is not None])


def retexter(crops: Sequence[LabelledCrop]) -> Retexter:
    """What puts other digits on the Korean plates among some crops."""
    sharp = {crop.text: crop.rgb for crop in crops if crop.set_name == SHARP_KOREAN}
    frames = [
        (crop.text, crop.upright)
        for crop in crops
        if crop.set_name == KOREAN and crop.upright is not None
    ]
    return Retexter(sharp, frames)


def can_be_joined(crop: LabelledCrop) -> bool:
    """Whether a crop is a Korean plate that can be cut between two characters."""
    is_korean = crop.set_name == KOREAN
    return is_korean and crop.upright is not None and can_splice(crop.text, crop.upright)


def swappable(crops: Sequence[LabelledCrop], book: GlyphBook) -> list[tuple[str, Rgb]]:
    """The Chinese plates on which another province can be drawn: text and upright picture."""
    rng = np.random.default_rng(0)
    return [
        (crop.text, crop.upright)
        for crop in crops
        if crop.upright is not None
        and can_swap(crop.text, crop.upright)
        and swap_province(crop.text, crop.upright, rng, book)[1] is not crop.upright
    ]
