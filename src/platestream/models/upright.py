"""A second look at a crop: where its plate's corners lie, and what it says turned upright.

Boxes of steep plates hold as much car as plate, and boxes drawn by others are often loose. Most
crops are read at the first look all the same; the second is for those that are not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from platestream.core.boxes import quad_from_numbers, scale_quad
from platestream.core.errors import ModelContractError
from platestream.core.types import Quad, Reading, Rgb, ScoredReading
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.preprocess import MIN_CROP_SIDE_PX, cut_upright, make_patch
from platestream.models.reader import OnnxReader
from platestream.models.session import infer, open_session
from platestream.models.two_rows import may_have_two_rows, mostly_has_two_rows, side_by_side
from platestream.stream.fusion import MeanProbs, by_trust

SURE_SCORE: Final = 0.9
"""Score of a first look from which on no second one is taken: it would change nothing."""

MARGINS: Final = (-0.05, 0.05, 0.15, 0.3)
"""How much wider than the plate the looks of a second one are; corners are a few per cent off."""

GLANCE: Final = (1, 2)
"""Of the margins, those that are looked at first. If they settle it, the others are not."""

AGREED_SCORE: Final = 0.7
"""Score from which on looks that all say the same are enough. On 269 crops of the dev sets where a
second look was taken no text changed by it, and a quarter of the looks was spared."""

HOPELESS_SCORE: Final = 0.2
"""Score below which looks that all say something else show no plate: no further one was right."""

_combine: Final = MeanProbs(by_trust)
"""By each look's own certainty, for all are of one picture; those of another kind are set aside."""

_SHARES: Final = (0.3, 1.5)
"""Of the crop's width and height; corners nearer together or farther apart are a slip."""


class CornerFinder:
    """Finds the corners of the plate in a crop.

    Args:
        model: ONNX bytes or file: patches ``(N, 32, 128, 3)`` uint8 RGB to ``(N, 8)`` float32,
            x and y of each corner in turn as shares of the crop's width and height.
        num_threads: CPU threads for one call.
        device: What it runs on, one of `DEVICE_NAMES`.

    Raises:
        ModelError: the weights cannot be loaded.
    """

    def __init__(
        self, model: bytes | Path, *, num_threads: int = 1, device: str = DEFAULT_DEVICE
    ) -> None:
        self._session = open_session(model, num_threads, device)

    def __call__(self, crop: Rgb) -> Quad | None:
        """The corners in pixels of a crop ``(H, W, 3)`` uint8 RGB; None where they make no plate.

        Raises:
            ModelContractError: the network does not run, or its output has another shape or is
                not finite.
        """
        (corners,) = infer(self._session, make_patch(crop)[None], "the corner network")
        if corners.shape != (1, 8) or not np.isfinite(corners).all():
            msg = f"the corner network gave {corners.shape}, not finite (1, 8); check the weights"
            raise ModelContractError(msg)
        shares = corners.reshape(4, 2)
        widths = np.array([shares[1] - shares[0], shares[2] - shares[3]])[:, 0]
        heights = np.array([shares[3] - shares[0], shares[2] - shares[1]])[:, 1]
        extents = np.concatenate([widths, heights])
        if extents.min() < _SHARES[0] or extents.max() > _SHARES[1]:
            return None
        height, width = crop.shape[:2]
        return scale_quad(quad_from_numbers(corners[0].tolist()), width, height)

    def upright(self, crop: Rgb) -> Rgb | None:
        """The plate of a crop, cut out by its corners; None where that leaves nothing to read."""
        quad = self(crop)
        turned = None if quad is None else cut_upright(crop, quad)
        return None if turned is None or min(turned.shape[:2]) < MIN_CROP_SIDE_PX else turned


@dataclass(frozen=True, slots=True)
class FirstLook:
    """A reader that looks once at a crop: as it is, or at its rows side by side.

    Attributes:
        read: The reader.
    """

    read: OnnxReader

    def __call__(self, rgb: Rgb, /) -> Reading:
        """What the whole crop says, or its rows side by side where it mostly has two: the surer.

        Of the halves of a plate of one row nothing is read.
        """
        if not mostly_has_two_rows(rgb):
            return self.read(rgb)
        whole, laid_out = self.read.read_batch([rgb, side_by_side(rgb)])
        is_laid_out = laid_out.text and laid_out.score > whole.score
        return laid_out.of_pictures([whole]) if is_laid_out else whole


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A reader that looks again where it is not sure: at the plate upright, cut at several margins.

    Attributes:
        read: The reader.
        other: Another one, which errs elsewhere; it is shown the same.
        find: Finds the plate's corners in a crop; None where there are none.
    """

    read: OnnxReader
    other: OnnxReader
    find: Callable[[Rgb], Quad | None]

    def __call__(self, rgb: Rgb, /) -> Reading:
        """What a crop ``(H, W, 3)`` uint8 RGB of any size says, by all looks that were taken.

        Where it is from the first look says: the whole plate as it was cut, and nothing laid out.
        """
        first = FirstLook(self.read)(rgb)
        return self._again(rgb, first).of_pictures([first])

    def _again(self, rgb: Rgb, first: Reading) -> Reading:
        if first.score >= SURE_SCORE:
            return first
        quad = self.find(rgb)
        if quad is None:
            return first
        turned = [cut_upright(rgb, quad, margin) for margin in MARGINS]
        if min(min(look.shape[:2]) for look in turned) < MIN_CROP_SIDE_PX:
            return first
        looks = [first, *self._own(turned, GLANCE)]
        if may_have_two_rows(turned[0]):
            looks += self._laid_out(turned, GLANCE[:1])
        glance = _settled(looks)
        if glance:
            return glance
        rest = tuple(index for index in range(len(turned)) if index not in GLANCE)
        looks += self._own(turned, rest)
        if may_have_two_rows(turned[0]):
            looks += self._laid_out(turned, (*GLANCE[1:], *rest))
        # What the other has no letters for it would take for something else, and be sure.
        if self.other.can_say(first.text):
            looks += self.other.read_batch(turned)
        return _combined(looks)

    def _own(self, turned: Sequence[Rgb], which: Sequence[int]) -> list[Reading]:
        return self.read.read_batch([turned[index] for index in which])

    def _laid_out(self, turned: Sequence[Rgb], which: Sequence[int]) -> list[Reading]:
        """Rows side by side; of a plate of one row nothing is read there, as the reader says."""
        looks = self.read.read_batch([side_by_side(turned[index]) for index in which])
        return [look for look in looks if look.text]


def _combined(looks: Sequence[Reading]) -> Reading:
    return _combine([ScoredReading(look, 1.0) for look in looks])


def _settled(looks: Sequence[Reading]) -> Reading | None:
    """What the first looks say where more of them would say no other; else None."""
    num_texts = len({look.text for look in looks})
    reading = _combined(looks)
    is_agreed = num_texts == 1 and reading.score >= AGREED_SCORE
    is_hopeless = num_texts == len(looks) and reading.score < HOPELESS_SCORE
    return reading if is_agreed or is_hopeless else None
