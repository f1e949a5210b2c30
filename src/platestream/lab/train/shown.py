"""How a plate is shown to a reader that learns, drawn or real: upright, halved, through a lens."""

from typing import Final

import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.lens import Lens
from platestream.lab.render.refilm import degrade
from platestream.models.rows import side_by_side

UPRIGHT: Final = 0.4
"""Share of plates that are shown upright, as `platestream run` cuts them."""

THROUGH_A_LENS: Final = 0.35
"""Share of the upright plates, drawn and real, that are seen as a measured camera saw another."""

LENS_STRENGTH: Final = 0.3
"""How much such a picture is spoilt further, see `refilm.degrade`."""

SIDE_BY_SIDE: Final = 0.4
"""Share of the plates of two rows that are shown with these side by side, see `models.rows`."""

SAWN: Final = 0.02
"""Share of the plates of one row that are shown so: of them there is nothing to read."""


class Lenses:
    """Shows plates as measured cameras saw others.

    Args:
        lenses: Of those cameras; none shows nothing so.
    """

    def __init__(self, lenses: list[Lens]) -> None:
        self._lenses = lenses

    def are_used(self, rng: np.random.Generator) -> bool:
        """Whether the next plate is to be seen so."""
        return bool(self._lenses) and rng.random() < UPRIGHT * THROUGH_A_LENS

    def see(self, upright: Rgb, rng: np.random.Generator) -> Rgb:
        """What one of them makes of an upright plate."""
        lens = self._lenses[rng.integers(len(self._lenses))]
        return degrade(lens.see(upright, rng), rng, LENS_STRENGTH)


def halves(upright: Rgb, rng: np.random.Generator) -> Rgb:
    """An upright plate with its halves side by side, cut about where its rows meet."""
    return side_by_side(upright, float(rng.uniform(-0.04, 0.04)))
