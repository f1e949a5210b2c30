"""Step to batch: pictures, distorted, with their targets."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.render.apart import APART
from platestream.lab.render.bank import build_bank, draw_plate
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.train.detector.augment import add_text, degrade
from platestream.lab.train.detector.closeups import PlatePictures, fill_view
from platestream.lab.train.detector.decoys import draw_decoy
from platestream.lab.train.detector.lettering import Rgba, draw_lettering
from platestream.lab.train.detector.paste import add_lettering, replace_plates
from platestream.lab.train.detector.scenes import Scene
from platestream.lab.train.detector.targets import encode_targets
from platestream.lab.train.detector.views import View, cut_view, laid_on_side, mosaic

_GRIDS: Final = (*(1,) * 8, *(2,) * 5, 4)
"""Views a side of a training picture: one whole, or a mosaic of 4 or 16."""

_LARGE_SHARE: Final = 0.25
"""Share of steps with a quarter as many pictures of twice the side, as large as at run time:
only there can a plate be as wide as in a close-up."""

_PASTED_SHARE: Final = 0.4
_CLOSE_UP_SHARE: Final = 0.22
_ANY_SHAPE: Final = 0.35
_ON_SIDE_SHARE: Final = 0.03
"""Share of pictures that somebody forgot to turn upright."""

_TWO_ROW_LAYOUT: Final = 0.45
"""Height of a layout, as a share of its width, from which on it has two rows or more."""


class DetectorBatches:
    """Step to batch, the same batch every time.

    Args:
        scenes: Pictures of each set.
        shares: How often each set is drawn from; sums to 1.
        plates: What to paste; none to paste none.
        lettering: Writing and decoys to paste, see `draw_pasted`; none to paste none.
        batch_size: Pictures a batch, a multiple of 4.
        size_px: Side of the square training pictures, a multiple of 32.
        seed: With the step it settles all.
    """

    def __init__(
        self,
        scenes: Mapping[str, Sequence[Scene]],
        shares: Mapping[str, float],
        *,
        plates: PlatePictures,
        lettering: Sequence[Rgba],
        batch_size: int,
        size_px: int,
        seed: int,
    ) -> None:
        self._scenes = [scenes[name] for name in shares]
        self._shares = list(shares.values())
        self._plates, self._lettering = plates, lettering
        self._batch_size, self._size_px, self._seed = batch_size, size_px, seed

    def __call__(self, step: int) -> dict[str, NDArray[Any]]:
        """Make ``rgb`` ``(N, S, S, 3)`` uint8 and the targets of `encode_targets`, stacked."""
        rng = np.random.default_rng([self._seed, step])
        num, size_px = self._batch_size, self._size_px
        if rng.random() < _LARGE_SHARE:
            num, size_px = num // 4, size_px * 2
        rows = [self._row(size_px, rng) for _ in range(num)]
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _row(self, size_px: int, rng: Generator) -> dict[str, NDArray[Any]]:
        grid = int(rng.choice(_GRIDS))
        view = mosaic([self._view(size_px // grid, rng) for _ in range(grid * grid)], grid)
        if grid == 1 and self._plates.drawn and rng.random() < _CLOSE_UP_SHARE:
            view = fill_view(view, self._plates, rng)
        if rng.random() < _ON_SIDE_SHARE:
            view = laid_on_side(view, rng)
        if self._lettering and rng.random() < 0.5:
            view = add_lettering(view, self._lettering, rng)
        rgb = add_text(view.rgb, view.boxes, rng) if rng.random() < 0.2 else view.rgb
        return {"rgb": degrade(rgb, rng), **encode_targets(view)}

    def _view(self, size_px: int, rng: Generator) -> View:
        scenes = self._scenes[rng.choice(len(self._scenes), p=self._shares)]
        view = cut_view(scenes[int(rng.integers(len(scenes)))], size_px, rng)
        if self._plates.drawn and rng.random() < _PASTED_SHARE:
            return replace_plates(view, self._plates.drawn, rng, _ANY_SHAPE)
        return view


def draw_pasted(
    num: int, seed: int, china_glyphs: Path | None, num_workers: int = 1
) -> tuple[list[Rgb], list[Rgba]]:
    """Draw `num` plates and a third as many things that are none, for `DetectorBatches`.

    A quarter of the plates have two rows, whatever the layouts' weights; a fifth have characters
    that lie far apart, see `render.apart`.

    Raises:
        ConfigError: fonts are missing, or `china_glyphs` is no folder of glyphs.
    """
    num_tall, num_apart = num // 4, num // 5
    plates = build_bank(num - num_tall - num_apart, seed, china_glyphs, num_workers).images
    book, rng = GlyphBook(china_glyphs), np.random.default_rng((seed, num))
    tall = [la for la in LAYOUTS if la.size_mm[1] >= _TWO_ROW_LAYOUT * la.size_mm[0]]
    plates += [draw_plate(rng, book, tall)[2] for _ in range(num_tall)]
    plates += [draw_plate(rng, book, APART)[2] for _ in range(num_apart)]
    lettering = [draw_lettering(rng, book) for _ in range(num // 4)]
    return plates, lettering + [draw_decoy(rng, book) for _ in range(num // 12)]
