"""Batches to learn from: rendered templates and real crops, filmed anew every time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import PROVINCES, encode
from platestream.lab.render.bank import TemplateBank
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.refilm import degrade
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.drawn_plates import DrawnPlates
from platestream.lab.train.loop import Batch
from platestream.lab.train.real_plates import KOREAN, SPLICED, RealPlates
from platestream.models.preprocess import PATCH_HEIGHT_PX, PATCH_WIDTH_PX, make_patches

LIFTED: Final = {KOREAN: 16.0}
"""How much more often than by its plates a set is seen: these streams alone hold real blur.

Where only held-out plates are seen beside them, they are half of all real ones.
"""


class PlateBatches:
    """Batches of degraded plates; each is a pure function of its step.

    Args:
        bank: Rendered templates.
        crops: Real plates; may be empty.
        batch_size: N.
        seed: Of all randomness.
        real_share: Share of real plates in a batch.
        views: Pictures of each plate, one after another: frames of one passage, some of them
            poor, to learn ranking from. `batch_size` counts pictures.
        book: Draws other provinces on real Chinese plates; None leaves them alone.
        spliced: Share of the Korean plates that are joined anew; of several views all are.
        size_px: Height and width of a patch.
        lifted: How much more often than by its plates a set is seen, by name; 1 elsewhere.
        lift: The same of each crop, ``(N,)``, see `hardness`; 1 where None.
        stacks: Averaged frames, see `make_stacks`.
        stack_share: Their share of a batch; the rest is shared as `real_share` says.
    """

    def __init__(
        self,
        bank: TemplateBank,
        crops: Sequence[LabelledCrop],
        batch_size: int,
        seed: int,
        real_share: float = 0.5,
        views: int = 1,
        book: GlyphBook | None = None,
        spliced: float = SPLICED,
        size_px: tuple[int, int] = (PATCH_HEIGHT_PX, PATCH_WIDTH_PX),
        lifted: Mapping[str, float] = LIFTED,
        lift: NDArray[np.float64] | None = None,
        stacks: TemplateBank | None = None,
        stack_share: float = 0.0,
    ) -> None:
        self._bank, self._crops, self._views = bank, crops, views
        self._seed, self._size_px = seed, size_px
        self._stacks = stacks if stacks and len(stacks) else None
        self._num_stacks = round(batch_size * stack_share) if self._stacks else 0
        num_plates = (batch_size - self._num_stacks) // views
        self._num_real = round(num_plates * real_share) if crops else 0
        self._num_rendered = num_plates - self._num_real
        self._weights = set_weights([_group(crop) for crop in crops], [c.text for c in crops])
        self._weights *= [lifted.get(crop.set_name, 1.0) for crop in crops]
        if lift is not None:
            self._weights *= lift
        self._weights /= max(self._weights.sum(), 1e-9)
        self._real = RealPlates(crops, views, book, spliced)
        self._drawn = DrawnPlates(bank, views, self._real.lenses)

    def __call__(self, step: int) -> Batch:
        """Batch `step`: ``patches`` ``(N, H, W, 3)`` uint8, ``targets`` ``(N, T)`` int64."""
        rng = np.random.default_rng([self._seed, step])
        rendered = rng.integers(len(self._bank.texts), size=self._num_rendered)
        pictures, texts = [], []
        for i in rendered:
            text, shown = self._drawn.show(i, rng)
            pictures += shown
            texts += [text] * self._views
        if self._num_real:
            for i in rng.choice(len(self._crops), size=self._num_real, p=self._weights):
                text, shown = self._real.show(self._crops[i], rng)
                pictures += shown
                texts += [text] * self._views
        if self._stacks:
            for i in rng.integers(len(self._stacks), size=self._num_stacks):
                pictures.append(degrade(self._stacks.images[i], rng, float(rng.uniform(0, 0.5))))
                texts.append(self._stacks.texts[i])
        return {
            "patches": make_patches(pictures, *self._size_px),
            "targets": np.stack([encode(text) for text in texts]),
        }


def _group(crop: LabelledCrop) -> str:
    """Its set and, of Chinese plates, its province: two of three are from one of 31."""
    return crop.set_name + (crop.text[0] if crop.text[0] in PROVINCES else "")


def set_weights(groups: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """Chance of each crop, so that a group weighs by the square root of its number of plates.

    Thousands of near-equal plates of one country should not drown the small sets, nor should
    a handful of plates be seen a hundred times as often as the others. Within a group plates
    are alike, however many pictures there are of each.
    """
    if not groups:
        return np.empty(0)
    plates = list(zip(groups, texts, strict=True))
    pictures, sizes = Counter(plates), Counter(group for group, _ in set(plates))
    weights = np.array([1 / (np.sqrt(sizes[plate[0]]) * pictures[plate]) for plate in plates])
    return np.asarray(weights / weights.sum(), np.float64)
