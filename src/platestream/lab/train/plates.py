"""Batches to learn from: rendered templates and real crops, filmed anew every time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import PROVINCES, encode
from platestream.core.types import Rgb
from platestream.lab.render.bank import TemplateBank
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.province import can_swap, swap_province
from platestream.lab.render.refilm import degrade, tilt
from platestream.lab.render.retext import Retexter
from platestream.lab.render.splice import Splicer, can_splice
from platestream.lab.render.stream import sample_passage
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.loop import Batch
from platestream.models.preprocess import PATCH_HEIGHT_PX, PATCH_WIDTH_PX, make_patches
from platestream.models.rows import mostly_has_two_rows, side_by_side

PASSAGE_FRAMES = 30
"""Length of the passages that views are taken from."""

ROUGHEST = 2.5
"""Strongest degradation of a real crop's views, see `refilm.degrade`."""

UPRIGHT: Final = 0.4
"""Share of plates that are shown upright, as `platestream run` cuts them."""

TILTED: Final = 0.3
"""Share of real plates that are shown upright and then tilted anew."""

SWAPPED: Final = 0.6
"""Share of real Chinese plates that get another province."""

SPLICED: Final = 0.7
"""Share of the Korean plates that a reader sees joined of two or three, see `Splicer`."""

RETEXTED: Final = 0.6
"""Share of the joined ones that get all their digits from elsewhere instead, see `Retexter`."""

THROUGH_A_LENS: Final = 0.35
"""Share of the upright plates, drawn and real, that are seen as a measured camera saw another."""

LENS_STRENGTH: Final = 0.3
"""How much such a picture is spoilt further, see `refilm.degrade`."""

CLEAR_PX: Final = 40.0
"""Height of a drawn plate that is to be seen so."""

SIDE_BY_SIDE: Final = 0.4
"""Share of the plates of two rows that are shown with these side by side, see `models.rows`."""

SAWN: Final = 0.02
"""Share of the plates of one row that are shown so: of them there is nothing to read."""

ONE_ROW_ABOVE: Final = 2.4
"""Width over height of real plates that surely have one row."""

KOREAN: Final = "rlpr"

SHARP_KOREAN: Final = "rlpr_clean"
"""A sharp picture of each of the same plates."""

TWO_ROW: Final = frozenset(layout.name for layout in LAYOUTS if layout.is_two_row)

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
        self._bank, self._crops, self._book = bank, crops, book
        self._seed, self._size_px = seed, size_px
        self._views, self._spliced = views, spliced
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
        # Whether a province can be swapped hardly depends on chance: try each crop once.
        self._swappable = [] if book is None else swappable(crops, book)
        self._splice, self._retext = splicer(crops), retexter(crops)
        self._lenses = self._retext.lenses

    def __call__(self, step: int) -> Batch:
        """Batch `step`: ``patches`` ``(N, H, W, 3)`` uint8, ``targets`` ``(N, T)`` int64."""
        rng = np.random.default_rng([self._seed, step])
        rendered = rng.integers(len(self._bank.texts), size=self._num_rendered)
        pictures, texts = [], []
        for i in rendered:
            text, shown = self._film(i, rng)
            pictures += shown
            texts += [text] * self._views
        if self._num_real:
            for i in rng.choice(len(self._crops), size=self._num_real, p=self._weights):
                text, shown = self._show(self._crops[i], rng)
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

    def _show(self, crop: LabelledCrop, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
        """All views of one real plate."""
        if self._views == 1:
            if crop.upright is not None and rng.random() < _laid_out(crop.upright):
                text = crop.text if mostly_has_two_rows(crop.upright) else ""
                return text, [_halves(degrade(crop.upright, rng), rng)]
            is_korean = crop.set_name == KOREAN  # those hold real blur already
            if crop.upright is not None and not is_korean and self._is_through_a_lens(rng):
                return crop.text, [self._through_a_lens(crop.upright, rng)]
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

    def _is_through_a_lens(self, rng: np.random.Generator) -> bool:
        return bool(self._lenses) and rng.random() < UPRIGHT * THROUGH_A_LENS

    def _through_a_lens(self, upright: Rgb, rng: np.random.Generator) -> Rgb:
        lens = self._lenses[rng.integers(len(self._lenses))]
        return degrade(lens.see(upright, rng), rng, LENS_STRENGTH)

    def _film(self, index: int, rng: np.random.Generator) -> tuple[str, list[Rgb]]:
        """All views of one drawn plate."""
        plate, text = self._bank.images[index], self._bank.texts[index]
        camera = Camera.sample(rng)
        is_two_row = self._bank.layouts[index] in TWO_ROW
        if self._views == 1 and rng.random() < (SIDE_BY_SIDE if is_two_row else SAWN):
            shown = _halves(shoot(plate, camera.upright(), rng), rng)
            return text if is_two_row else "", [shown]
        if self._views == 1 and self._is_through_a_lens(rng):
            return text, [self._through_a_lens(shoot(plate, _clear(camera), rng), rng)]
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


def _laid_out(upright: Rgb) -> float:
    """How often a real plate is shown with its halves side by side."""
    if mostly_has_two_rows(upright):
        return SIDE_BY_SIDE
    height, width = upright.shape[:2]
    return SAWN if width > ONE_ROW_ABOVE * height else 0.0


def _halves(upright: Rgb, rng: np.random.Generator) -> Rgb:
    return side_by_side(upright, float(rng.uniform(-0.04, 0.04)))


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
