"""Drawn plates as batches show them: filmed anew every time."""

from dataclasses import replace
from typing import Final

import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.bank import TemplateBank
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.stream import sample_passage
from platestream.lab.train.shown import SAWN, SIDE_BY_SIDE, UPRIGHT, Lenses, halves

PASSAGE_FRAMES = 30
"""Length of the passages that views are taken from."""

CLEAR_PX: Final = 40.0
"""Height of a drawn plate that is to be seen so."""

TWO_ROW: Final = frozenset(layout.name for layout in LAYOUTS if layout.is_two_row)


class DrawnPlates:
    """Films rendered templates.

    Args:
        bank: The templates.
        views: Pictures of each plate.
        lenses: What some are seen through.
    """

    def __init__(self, bank: TemplateBank, views: int, lenses: Lenses) -> None:
        self._bank, self._views, self._lenses = bank, views, lenses

    def show(self, index: int, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
        """All views of one plate, and its text."""
        plate, text = self._bank.images[index], self._bank.texts[index]
        camera = Camera.sample(rng)
        is_two_row = self._bank.layouts[index] in TWO_ROW
        if self._views == 1 and rng.random() < (SIDE_BY_SIDE if is_two_row else SAWN):
            shown = halves(shoot(plate, camera.upright(), rng), rng)
            return text if is_two_row else "", [shown]
        if self._views == 1 and self._lenses.are_used(rng):
            return text, [self._lenses.see(shoot(plate, _clear(camera), rng), rng)]
        if rng.random() < UPRIGHT:
            camera = camera.upright()
        if self._views == 1:
            return text, [shoot(plate, camera, rng)]
        passage = sample_passage(PASSAGE_FRAMES, rng)
        frames = rng.choice(PASSAGE_FRAMES, size=self._views, replace=False)
        return text, [shoot(plate, camera, rng, passage[frame]) for frame in frames]


def _clear(camera: Camera) -> Camera:
    """The same light, near and in focus: what is to be seen through a lens."""
    return replace(camera.upright(), height_px=CLEAR_PX, zoom=1.0, blur=0.0, motion=0.0)
