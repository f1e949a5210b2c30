"""One labelled picture, whichever data set it came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from platestream.core.alphabet import encode, normalize
from platestream.core.boxes import BoxXyxy, Quad, grow_box
from platestream.core.choices import unknown
from platestream.core.errors import ConfigError, DataError

SPLITS = ("train", "dev", "test")
"""Learn from `train`, choose with `dev`, report `test` once."""

_SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "val": "dev",
    "validation": "dev",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One plate in one picture; a picture with two plates is two samples.

    Attributes:
        file: The picture.
        split: One of `SPLITS`.
        text: The plate, normalized; empty when nobody labelled it.
        box_xyxy: Where the plate is; None for a crop, and for a frame without a labelled box.
        quad: Its four corners, where they are labelled.
        track: The plate stream it belongs to, if any.
        frame_index: Its place in that stream, from 0.
    """

    file: Path
    split: str
    text: str
    box_xyxy: BoxXyxy | None = None
    quad: Quad | None = None
    track: str | None = None
    frame_index: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """One vehicle that passes in one video.

    Attributes:
        file: The video.
        split: One of `SPLITS`.
        text: The plate, normalized.
        first_frame: Where it becomes readable, from 0.
        last_frame: Where it stops being readable, inclusive.
    """

    file: Path
    split: str
    text: str
    first_frame: int
    last_frame: int


_T = TypeVar("_T", Sample, Passage)


def select(items: Iterable[_T], split: str | None) -> list[_T]:
    """Keep what belongs to one split; everything when `split` is None.

    Raises:
        ConfigError: there is no such split.
    """
    if split is not None and split not in SPLITS:
        raise ConfigError(unknown("split", split, SPLITS))
    return [item for item in items if split in (None, item.split)]


def split_named(name: str) -> str:
    """The split that a word such as ``val`` stands for; empty where it is none."""
    return _SPLIT_FOLDERS.get(name.strip().lower(), "")


def split_from_folders(file: Path, root: Path) -> str:
    """Tell the split from the folders between `root` and a file, root's own name included.

    Returns:
        ``test`` where no folder's name says a split, so that nobody trains on it by accident.
    """
    for name in reversed(Path(root.name, file.relative_to(root)).parent.parts):
        if name.lower() in _SPLIT_FOLDERS:
            return _SPLIT_FOLDERS[name.lower()]
    return "test"


def parse_plate(text: str) -> str:
    """Normalize a label.

    Raises:
        DataError: it is too long or has a character outside the alphabet.
    """
    plate = normalize(text)
    encode(plate)
    return plate


MAX_COORDINATE_PX = 1e6
"""JSON and CSV hold infinite numbers, and some that no array can be cut by."""


def box_from_xywh(x: float, y: float, width: float, height: float) -> BoxXyxy:
    """Turn left, top, width and height into a box.

    Raises:
        DataError: the box has no area, or lies where no picture has a pixel.
    """
    if not all(abs(number) <= MAX_COORDINATE_PX for number in (x, y, width, height)):
        msg = f"a box has numbers that no picture has; give pixels up to {MAX_COORDINATE_PX:g}"
        raise DataError(msg)
    if width <= 0 or height <= 0:
        msg = f"a box of {width:g}x{height:g} pixels has no area; correct it or leave it empty"
        raise DataError(msg)
    return (x, y, x + width, y + height)


_HUGGED = {"california": (1.12, 1.45)}
"""Sets whose boxes hug the characters: what makes width and height those of the plate."""


def whole_box(sample: Sample) -> BoxXyxy:
    """The box of a sample's whole plate, also in sets whose boxes hug the characters.

    Raises:
        DataError: the sample has no box.
    """
    if sample.box_xyxy is None:
        msg = f"{sample.file}: has no box; label the plate"
        raise DataError(msg)
    wider, higher = next(
        (grow for name, grow in _HUGGED.items() if name in sample.file.parts), (1.0, 1.0)
    )
    return grow_box(sample.box_xyxy, wider - 1, higher - 1)


_BLUE_BAND = 0.09
"""Width of the blue band of a European plate, in widths of the rest."""


def with_blue_band(quad: Quad) -> Quad:
    """The corners of a plate whose labels leave out the blue band on its left."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    top_left = (ax + _BLUE_BAND * (ax - bx), ay + _BLUE_BAND * (ay - by))
    bottom_left = (dx + _BLUE_BAND * (dx - cx), dy + _BLUE_BAND * (dy - cy))
    return top_left, (bx, by), (cx, cy), bottom_left
