"""Pictures of plates whose country is known, as the reader's trunk sees them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import DataError
from platestream.core.origin import REGIONS
from platestream.core.types import Rgb
from platestream.lab.data.cutting import cut_sample, with_plates
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.origins import origins_of_crop, origins_of_layout
from platestream.lab.data.sample import Sample
from platestream.lab.region_head import seeing
from platestream.lab.render.bank import draw_plate
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.refilm import degrade
from platestream.lab.train.crops import is_held_out
from platestream.lab.unread import each_readable
from platestream.models.preprocess import make_patches
from platestream.models.session import infer, open_session, patch_size

MOST_A_PLATE: Final = 3
"""Pictures of one plate that are taken."""

_BATCH: Final = 64
_DRAWN: Final = "drawn "
_HELD_OUT_EVERY: Final = 10


@dataclass(frozen=True, slots=True)
class Known:
    """A picture whose country is known.

    Attributes:
        rgb: ``(H, W, 3)`` uint8.
        origins: It is from one of these.
        group: Its set; of a drawn one its layout.
        is_held_out: Whether it judges, and nothing learns from it.
    """

    rgb: Rgb
    origins: frozenset[str]
    group: str
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader's trunk sees of N pictures.

    Attributes:
        seen: ``(N, F)`` float32.
        origins: ``(N, R)`` bool, which of `REGIONS` it may be.
        groups: Of each picture.
        is_held_out: ``(N,)`` bool.
    """

    seen: NDArray[np.float32]
    origins: NDArray[np.bool_]
    groups: list[str]
    is_held_out: NDArray[np.bool_]

    @property
    def is_real(self) -> NDArray[np.bool_]:
        """``(N,)``, which are no drawn ones."""
        return np.array([not group.startswith(_DRAWN) for group in self.groups])


def real_pictures(
    data_root: Path, most: int, rng: np.random.Generator, upright: Callable[[Rgb], Rgb | None]
) -> Iterator[Known]:
    """Real plates of split train as they are and filmed again, held-out ones as they are.

    Args:
        data_root: Holds ``crops``, ``frames`` and ``tracks``.
        most: Pictures of a set, evenly from all there are.
        rng: Decides how they are filmed.
        upright: Turns a crop upright; None where it cannot.

    Raises:
        DataError: there are no label files there, or one is wrong.
    """
    kinds = ("crops", "frames", "tracks")
    files = sorted(file for kind in kinds for file in data_root.glob(f"{kind}/*/labels.csv"))
    if not files:
        msg = f"{data_root}: no crops/NAME/labels.csv; name a folder of labelled plates"
        raise DataError(msg)
    for file in files:
        name = file.parent.name
        samples = _some(name, read_labels(file, "train"), most)
        for sample, rgb in each_readable(samples, cut_sample):
            origins, is_out = origins_of_crop(name, sample.text), is_held_out(sample.text)
            yield Known(rgb, origins, name, is_out)
            if not is_out:
                turned = upright(rgb)
                again = degrade(rgb if turned is None else turned, rng)
                yield Known(again, origins, name, is_held_out=False)


def _some(name: str, samples: Sequence[Sample], most: int) -> list[Sample]:
    """Samples of known origin, no more than `MOST_A_PLATE` of a plate."""
    of_plate: dict[str, int] = {}
    kept = []
    for sample in with_plates(samples):
        of_plate[sample.text] = of_plate.get(sample.text, 0) + 1
        if of_plate[sample.text] <= MOST_A_PLATE and origins_of_crop(name, sample.text):
            kept.append(sample)
    return [kept[i] for i in np.linspace(0, len(kept) - 1, min(most, len(kept))).astype(int)]


def drawn_pictures(num: int, views: int, seed: int, glyphs: Path | None) -> Iterator[Known]:
    """`num` drawn plates of each layout, each filmed `views` times.

    Raises:
        ConfigError: fonts or glyphs are missing.
    """
    book = GlyphBook(glyphs)
    for kind, layout in enumerate(LAYOUTS):
        origins = origins_of_layout(layout.name)
        for index in range(num):
            rng = np.random.default_rng((seed, kind, index))
            _, _, plate = draw_plate(rng, book, (layout,))
            is_out = index % _HELD_OUT_EVERY == _HELD_OUT_EVERY - 1
            for view in range(views):
                camera = Camera.sample(rng)
                rgb = shoot(plate, camera.upright() if view % 2 == 0 else camera, rng)
                yield Known(rgb, origins, _DRAWN + layout.name, is_out)


def look(
    weights: bytes,
    pictures: Iterator[Known],
    num_threads: int = 1,
    on_picture: Callable[[], object] = lambda: None,
) -> Seen:
    """Show pictures to a reader's trunk.

    Args:
        weights: Of the reader.
        pictures: At least one.
        num_threads: CPU threads.
        on_picture: Called after each.

    Raises:
        ModelContractError: the reader has no such trunk.
    """
    session = open_session(seeing(weights), num_threads)
    size = patch_size(session, "the reader")
    seen, known = [], []
    while batch := list(islice(pictures, _BATCH)):
        patches = make_patches([each.rgb for each in batch], *size)
        seen.append(infer(session, patches, "the reader", num_outputs=2)[1])
        for each in batch:
            known.append((each.origins, each.group, each.is_held_out))
            on_picture()
    return Seen(
        np.concatenate(seen),
        np.array([[region in origins for region in REGIONS] for origins, _, _ in known]),
        [group for _, group, _ in known],
        np.array([is_out for _, _, is_out in known]),
    )
