"""UFPR-ALPR as published: a folder a track, a text file beside each picture.

Laroca et al., "A Robust Real-Time Automatic License Plate Recognition Based on the YOLO
Detector", IJCNN 2018; the data set needs a signed licence. ``track0001[01].png`` is the first
of a track's 30 frames, and ``track0001[01].txt`` beside it says, among other things::

    plate: AZJ-6991
    corners: 1234,567 1380,570 1379,618 1233,615

Older releases have ``position_plate: 1234 567 146 51`` (left, top, width, height) instead of
the corners.
"""

import re
from pathlib import Path

from platestream.core.boxes import (
    BoxXyxy,
    Quad,
    box_around,
    quad_from_numbers,
    sort_corners,
)
from platestream.core.errors import DataError
from platestream.core.text import counted
from platestream.lab.data.sample import (
    Sample,
    box_from_xywh,
    parse_plate,
    select,
    split_from_folders,
)

_SUFFIXES = (".png", ".txt")
_NAME = re.compile(r"(?P<track>.+)\[(?P<number>\d+)\]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def read_ufpr(folder: Path, split: str | None = None) -> list[Sample]:
    """Read the data set, one of its splits, or some tracks of it.

    Args:
        folder: Holds track folders at any depth; those below `training`, `validation` and
            `testing` become ``train``, ``dev`` and ``test``.
        split: Only this split; everything when omitted.

    Raises:
        ConfigError: there is no such split.
        DataError: there are no tracks, a file misses its partner, or a label is wrong; names
            file and line.
    """
    files = (file for file in folder.rglob("track*/track*") if file.suffix in _SUFFIXES)
    stems = sorted({file.with_suffix("") for file in files})
    if not stems:
        msg = f"{folder}: no track0001/track0001[01].png below it; give the folder of the tracks"
        raise DataError(msg)
    return select([_read_frame(stem, folder) for stem in stems], split)


def _read_frame(stem: Path, root: Path) -> Sample:
    picture, labels = (stem.with_suffix(suffix) for suffix in _SUFFIXES)
    for file in (picture, labels):
        if not file.is_file():
            msg = f"{file} is missing; every frame has a picture and a text file"
            raise DataError(msg)
    name = _NAME.fullmatch(stem.name)
    if not name:
        msg = f"{picture}: the name has no frame number; it must look like track0001[01].png"
        raise DataError(msg)
    text, box, quad = _read_text(labels)
    return Sample(
        file=picture,
        split=split_from_folders(picture, root),
        text=text,
        box_xyxy=box,
        quad=quad,
        track=name["track"],
        frame_index=int(name["number"]) - 1,
    )


def _read_text(file: Path) -> tuple[str, BoxXyxy, Quad | None]:
    """Read plate, box and corners from one text file."""
    # Car makers have accents, in whatever encoding; what we use is ASCII.
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    text, box, quad = "", None, None
    for number, line in enumerate(lines, start=1):
        key, _, value = line.partition(":")
        try:
            if key == "plate":
                text = parse_plate(value)
            elif key == "corners":
                quad = _corners(value)
                box = box_around(quad)
            elif key == "position_plate":
                box = box_from_xywh(*_numbers(value, 4))
        except DataError as error:
            msg = f"{file}, line {number}: {error}"
            raise DataError(msg) from error
    if not text or box is None:
        missing = "'plate: ...'" if not text else "'corners: ...' or 'position_plate: ...'"
        msg = f"{file}: has no line {missing}; restore the file from the data set"
        raise DataError(msg)
    return text, box, quad


def _corners(value: str) -> Quad:
    return sort_corners(quad_from_numbers(_numbers(value, 8)))


def _numbers(value: str, count: int) -> list[float]:
    numbers = [float(number) for number in _NUMBER.findall(value)]
    if len(numbers) != count:
        msg = f"{value.strip()!r} has {counted(len(numbers), 'number')}; it needs {count}"
        raise DataError(msg)
    return numbers
