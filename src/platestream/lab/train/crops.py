"""Real plates to learn from, and the tenth of them that no reader sees."""

import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from platestream.core.errors import DataError
from platestream.core.types import Rgb
from platestream.lab.data.cutting import cut_sample, with_plates
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.own import read_own, with_splits
from platestream.lab.data.sample import Sample, select
from platestream.lab.ranking import sharpness
from platestream.lab.unread import each_readable
from platestream.models.preprocess import CROP_MARGIN

SHARP_HEIGHT_PX = 30
SHARPNESS = 1500.0
"""Least height and sharpness (see `ranking.sharpness`) of a crop that can be filmed again."""

LARGEST_PX: Final = 256
"""Longest side of a crop that is learned from."""

HELD_OUT: Final = 0.1
"""Share of the real plates that nothing learns reading from, see `is_held_out`."""


@dataclass(frozen=True, slots=True)
class LabelledCrop:
    """A real plate, cut out, and what it says.

    Attributes:
        set_name: The folder it is from.
        text: Its label.
        rgb: ``(H, W, 3)`` uint8, as the label cuts it.
        upright: The same turned upright; None where it has no corners.
    """

    set_name: str
    text: str
    rgb: Rgb
    upright: Rgb | None = None


def load_crops(
    data_root: Path,
    split: str,
    kinds: Sequence[str] = ("crops", "frames", "tracks"),
) -> list[LabelledCrop]:
    """Cut every labelled plate of one split out of all label files under a folder.

    Args:
        data_root: Holds ``KIND/*/labels.csv`` for each of `kinds`, or is one set of plates in any
            format that `read_own` reads.
        split: "train" or "dev".
        kinds: Folders to look into.

    Raises:
        DataError: no label file there, or one is wrong.
        SourceError: no picture of a set can be read; of some, the log names those that cannot.
    """
    files = sorted(f for kind in kinds for f in data_root.glob(f"{kind}/*/labels.csv"))
    if not files:
        return _own_crops(data_root, split)
    return [crop for file in files for crop in _crops_of(file, split)]


def is_held_out(text: str) -> bool:
    """Whether a plate of split ``train`` is kept from the reader, to judge its own work on.

    Quality and confidence learn from these plates how often the reader is right.

    By the text, so that all pictures of one plate stay together, in every data set.
    """
    return zlib.crc32(text.encode()) % 1000 < 1000 * HELD_OUT


def shrunk(crop: LabelledCrop) -> LabelledCrop:
    """A crop no larger than any network sees it: large ones cost time at every step."""
    scale = LARGEST_PX / max(crop.rgb.shape[:2])
    if scale >= 1:
        return crop
    height, width = crop.rgb.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    rgb = cv2.resize(crop.rgb, size, interpolation=cv2.INTER_AREA)
    return replace(crop, rgb=np.asarray(rgb, np.uint8))


def with_upright(
    crops: Sequence[LabelledCrop], turn: Callable[[Rgb], Rgb | None]
) -> list[LabelledCrop]:
    """Find the upright picture of each crop, see `CornerFinder`."""
    return [replace(crop, upright=turn(crop.rgb)) for crop in crops]


def labelled_by_readers(sets: Iterable[Path]) -> frozenset[str]:
    """The plates of sets whose labels are there because readers agreed on them.

    Such a set has no plate that readers fail on, so it tells nothing of how often they do: a
    confidence that is fitted on it is too sure of everything else.

    Args:
        sets: Their label files, or the folders of these.

    Raises:
        DataError: a label file is wrong or missing.
    """
    return frozenset(sample.text for labels in sets for sample in read_labels(labels))


def sharp_crops(
    data_root: Path, num: int, split: str = "dev", without: Collection[str] = ()
) -> list[LabelledCrop]:
    """`num` crops that are large and in focus, evenly from all there are, in turn if need be.

    Plate streams are left out: their frames show the same plates again and again. Of split
    ``train`` only plates that no reader learned from are taken, see `is_held_out`; none of those
    whose texts are in `without`.

    Raises:
        DataError: there are no label files, or no crop is sharp.
    """
    sharp = [
        crop
        for crop in load_crops(data_root, split, kinds=("crops", "frames"))
        if is_sharp(crop.rgb)
        and (split != "train" or is_held_out(crop.text))
        and crop.text not in without
    ]
    if not sharp:
        msg = f"{data_root}: no {split} crop is {SHARP_HEIGHT_PX} px high and in focus"
        raise DataError(msg)
    chosen = np.linspace(0, len(sharp) - 1, num).astype(int) if num < len(sharp) else range(num)
    return [sharp[index % len(sharp)] for index in chosen]


def is_sharp(rgb: Rgb) -> bool:
    """Whether a crop is large and in focus, so that it can be filmed again."""
    return rgb.shape[0] >= SHARP_HEIGHT_PX and sharpness(rgb) >= SHARPNESS


def held_out_crops(data_root: Path, num: int, without: Collection[str] = ()) -> list[LabelledCrop]:
    """At most `num` crops of plates that no reader learned from, evenly from all there are.

    Of a plate with many pictures one is taken; none of those whose texts are in `without`.

    Raises:
        DataError: there are no label files, or no plate is held out.
    """
    seen: dict[tuple[str, str], LabelledCrop] = {}
    for crop in load_crops(data_root, "train"):
        if is_held_out(crop.text) and crop.text not in without:
            seen.setdefault((crop.set_name, crop.text), crop)
    crops = list(seen.values())
    if not crops:
        msg = f"{data_root}: none of its plates of split train is held out"
        raise DataError(msg)
    return [crops[i] for i in np.linspace(0, len(crops) - 1, min(num, len(crops))).astype(int)]


def _own_crops(data_root: Path, split: str) -> list[LabelledCrop]:
    """Those of a folder that is one set by itself."""
    try:
        samples = select(with_splits(read_own(data_root).samples), split)
    except DataError as error:
        msg = (
            f"{data_root}: no labelled plates ({error}); move each set with its labels.csv to "
            "crops/NAME in it (plates alone), frames/NAME (photos) or tracks/NAME (plate streams)"
        )
        raise DataError(msg) from error
    name = data_root.resolve().stem
    return list(_cut_all(name, samples))


def _crops_of(labels: Path, split: str) -> Iterable[LabelledCrop]:
    return _cut_all(labels.parent.name, read_labels(labels, split))


def _cut_all(name: str, samples: Iterable[Sample]) -> Iterator[LabelledCrop]:
    cut = partial(cut_sample, margin=CROP_MARGIN)
    for sample, rgb in each_readable(with_plates(samples), cut):
        yield LabelledCrop(name, sample.text, rgb)
