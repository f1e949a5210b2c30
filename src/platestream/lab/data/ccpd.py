"""CCPD: the label of each picture is its file name.

Xu et al., "Towards End-to-End License Plate Detection and Recognition: A Large Dataset and
Baseline", ECCV 2018. Seven fields with a dash between: area, tilt, box, corners, characters,
brightness, blur. In ``025-95_113-154&383_386&473-386&473_177&454_154&383_363&402-
0_0_22_27_27_33_16-37-15.jpg`` the plate is 皖AY339S, its box goes from (154, 383) to
(386, 473), and the corners start at the bottom right and go on clockwise.
"""

from pathlib import Path

from platestream.core.errors import DataError
from platestream.core.types import Point
from platestream.lab.data.sample import (
    Sample,
    box_from_xywh,
    parse_plate,
    select,
    split_from_folders,
)

# The published tables; their last entry, the letter O, means "no character".
_PROVINCES = "皖沪津渝冀晋蒙辽吉黑苏浙京闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新警学O"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZO"
_ADS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789O"

_NO_PLATE_FOLDER = "ccpd_np"
_LISTS = {"train": "train.txt", "dev": "val.txt", "test": "test.txt"}


def read_ccpd(folder: Path, split: str | None = None) -> list[Sample]:
    """Read CCPD, one of its parts, or CCPD-Green.

    Args:
        folder: Holds pictures at any depth. The lists in its `splits`, if it has any, say what
            belongs to which split; else folders named `train`, `val` and `test` do; what is in
            none of them is ``test``.
        split: Only this split; everything when omitted.

    Raises:
        ConfigError: there is no such split.
        DataError: there are no pictures, a list names one that is missing, or a name is no
            label.
    """
    files = _listed(folder) if (folder / "splits").is_dir() else _found(folder)
    if not files:
        msg = f"{folder}: no .jpg pictures below it; give the folder of the data set"
        raise DataError(msg)
    return select([parse_name(file, split) for file, split in files], split)


def parse_name(file: Path, split: str) -> Sample:
    """Read the label that a file name is.

    Raises:
        DataError: the name is none; names the file.
    """
    try:
        _, _, box, corners, characters, _, _ = file.stem.split("-")
        (left, top), (right, bottom) = _points(box)
        bottom_right, bottom_left, top_left, top_right = _points(corners)
        return Sample(
            file=file,
            split=split,
            text=parse_plate(_plate(characters)),
            box_xyxy=box_from_xywh(left, top, right - left, bottom - top),
            quad=(top_left, top_right, bottom_right, bottom_left),
        )
    except (ValueError, IndexError) as error:
        msg = (
            f"{file}: the name is no CCPD label (area-tilt-box-corners-characters-brightness-blur);"
            " rename or remove the file"
        )
        raise DataError(msg) from error
    except DataError as error:
        msg = f"{file}: {error}"
        raise DataError(msg) from error


def _found(folder: Path) -> list[tuple[Path, str]]:
    pictures = sorted(p for p in folder.rglob("*.jpg") if _NO_PLATE_FOLDER not in p.parts)
    return [(picture, split_from_folders(picture, folder)) for picture in pictures]


def _listed(folder: Path) -> list[tuple[Path, str]]:
    files: list[tuple[Path, str]] = []
    for split, name in _LISTS.items():
        file = folder / "splits" / name
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        for number, line in enumerate(lines, start=1):
            picture = folder / line.strip()
            if not picture.is_file():
                msg = f"{file}, line {number}: {picture} is missing; put it there or drop the line"
                raise DataError(msg)
            files.append((picture, split))
    return files


def _points(text: str) -> list[Point]:
    """Parse ``154&383_386&473``."""
    pairs = (pair.split("&") for pair in text.split("_"))
    return [(float(x), float(y)) for x, y in pairs]


def _plate(text: str) -> str:
    indices = [int(index) for index in text.split("_")]
    tables = (_PROVINCES, _LETTERS, *[_ADS] * (len(indices) - 2))
    found = (table[index] for table, index in zip(tables, indices, strict=True))
    return "".join(character for character in found if character != "O")
