"""Plates that somebody labelled, in the formats that people have; what cannot be used is counted.

Read are our ``labels.csv`` and any CSV that names a picture and its text (``image_path`` and
``plate_text``, as fast-plate-ocr has it), COCO with a text for each box, what Label Studio and CVAT
export (see `annotations`), and folders whose pictures are named for their plates. A row that is
wrong is left aside with its reason: fifty plates should not wait for one.
"""

import csv
import io
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from platestream.core.alphabet import normalize
from platestream.core.boundary import told_as
from platestream.core.errors import DataError, SourceError
from platestream.core.tables import delimiter_of
from platestream.core.text import counted
from platestream.core.types import Rgb
from platestream.lab.data.annotations import TEXT_NAMES, each_row, first_of
from platestream.lab.data.cutting import cut_sample
from platestream.lab.data.labels_csv import is_label_file
from platestream.lab.data.layouts import read_dataset
from platestream.lab.data.sample import Passage, Sample, box_from_xywh, parse_plate, split_named

HELD_OUT: Final = 0.25
"""Share of somebody's plates that a reader is judged by, where they name no split."""

Picture: TypeAlias = tuple[str, Rgb]
"""A text, and the plate that says it."""

FILE_NAMES = ("file", "image_path", "file_name", "filename", "image", "path")


@dataclass(slots=True)
class OwnPlates:
    """What was labelled.

    Attributes:
        samples: What can be used; `split` is empty where nobody said.
        left_aside: Reasons, and how many rows each.
    """

    samples: list[Sample] = field(default_factory=list)
    left_aside: Counter[str] = field(default_factory=Counter)


def read_own(path: Path) -> OwnPlates:
    """Read labelled plates of any format named above.

    Args:
        path: A CSV, JSON or XML file, or a folder that holds one or whose pictures are named.

    Raises:
        DataError: there is no such file, or nothing in it can be used; says why.
    """
    if not path.exists():
        msg = f"{path}: no such file or folder; check the path"
        raise DataError(msg)
    files = _label_files(path)
    own = OwnPlates() if files else OwnPlates(_samples(path))
    for file in files:
        is_table = file.suffix.lower() == ".csv"
        for number, row in _csv_rows(file) if is_table else enumerate(each_row(file), start=1):
            try:
                with told_as(DataError, "row", "correct it"):
                    said = {**row, "split": row.get("split") or split_named(file.stem)}
                    own.samples.append(_sample(said, file.parent))
            except DataError as error:
                own.left_aside[_reason(str(error), number)] += 1
    if not own.samples:
        why = first_reasons(own.left_aside) or "it has no rows"
        if own.left_aside["picture is missing"]:
            why += f" (files are named relative to the folder of {files[0].name})"
        msg = f"{path}: no plate in it can be used: {why}"
        raise DataError(msg)
    return own


def first_reasons(left_aside: Counter[str], most: int = 3) -> str:
    """The most frequent reasons in one line, and how many more there are; empty for none."""
    told = [f"{num} x {reason}" for reason, num in left_aside.most_common(most)]
    if len(left_aside) > most:
        told.append(counted(len(left_aside) - most, "more reason"))
    return ", ".join(told)


def is_own(path: Path) -> bool:
    """Whether `read_own` reads what `read_dataset` does not: labels as other programs have them.

    Raises:
        DataError: it is a table that cannot be read.
    """
    suffix, is_set = path.suffix.lower(), (path / "labels.csv").is_file()
    is_table = suffix == ".csv" or is_set
    return suffix in (".json", ".xml") or (is_table and not is_label_file(path))


def with_splits(samples: Sequence[Sample]) -> list[Sample]:
    """Put plates of no split into ``train``; where none is to judge by, a quarter into ``dev``."""
    says_who = any(sample.split in ("dev", "test") for sample in samples)
    judges = frozenset[str]() if says_who else judging(sample.text for sample in samples)
    return [replace(s, split="dev" if s.text in judges else s.split or "train") for s in samples]


def judging(texts: Iterable[str]) -> frozenset[str]:
    """The plates that judge, where nobody said which do: about `HELD_OUT` of them.

    By the text, so that all pictures of one plate stay together.
    """
    known = set(texts)
    judges = {t for t in known if zlib.crc32(f"judge {t}".encode()) % 1000 < 1000 * HELD_OUT}
    return frozenset(judges or sorted(known)[::4])  # of few, chance may take none


def parted(
    samples: Sequence[Sample], left_aside: Counter[str]
) -> tuple[list[Picture], list[Picture]]:
    """Pictures to learn from and to judge by; a plate is in one of the two.

    Args:
        samples: Somebody's plates.
        left_aside: Counts those that cannot be used, too.
    """
    splits = {sample.split for sample in samples}
    says_who = "train" in splits and not splits.isdisjoint(("dev", "test"))
    pictures: list[tuple[Sample, Picture]] = []
    for sample in samples:
        try:
            pictures.append((sample, (sample.text, cut_sample(sample))))
        except SourceError:
            left_aside["picture cannot be read"] += 1
    judges = judging(sample.text for sample, _ in pictures)
    learned: list[Picture] = []
    judged: list[Picture] = []
    for sample, picture in pictures:
        is_judge = sample.split in ("dev", "test") if says_who else sample.text in judges
        (judged if is_judge else learned).append(picture)
    seen = {text for text, _ in judged}
    twice = [picture for picture in learned if picture[0] in seen]
    if twice:
        left_aside["plate that is also held out"] += len(twice)
    return [picture for picture in learned if picture[0] not in seen], judged


def _label_files(path: Path) -> list[Path]:
    """The files that hold the labels; none for a folder whose names do."""
    if not path.is_dir():
        if path.suffix.lower() in (".csv", ".json", ".xml"):
            return [path]
        msg = (
            f"{path}: labels are read from .csv, .json of COCO or Label Studio, .xml of CVAT, or a "
            "folder of named pictures"
        )
        raise DataError(msg)
    for name in ("labels.csv", "annotations.json"):
        if (path / name).is_file():
            return [path / name]
    for pattern in ("*.csv", "*.json", "annotations/*.json", "*.xml"):
        found = sorted(path.glob(pattern))
        # A table for each split, as trainers want them, or the one that there is.
        if split := [file for file in found if split_named(file.stem)]:
            return split
        if found:
            return found[:1]
    if any(path.glob("labels/*.txt")) or any(path.glob("labels/*/*.txt")):
        msg = (
            f"{path}: YOLO labels have boxes and no texts; add a labels.csv with the columns "
            "file,text"
        )
        raise DataError(msg)
    return []


def _samples(path: Path) -> list[Sample]:
    samples = []
    for item in read_dataset(path):
        if isinstance(item, Passage):
            msg = f"{path}: labels of videos cannot be learned from; label pictures"
            raise DataError(msg)
        samples.append(item)
    if {sample.split for sample in samples} == {"test"}:  # of a folder that says no split
        return [replace(sample, split="") for sample in samples]
    return samples


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each row with the line that it ends on."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        _check_columns(path, names)
        for row in reader:
            yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path}: cannot be read as CSV ({error}); save it as CSV UTF-8"
        raise DataError(msg) from error


def _check_columns(path: Path, names: list[str]) -> None:
    for wanted, what in ((FILE_NAMES, "file"), (TEXT_NAMES, "text")):
        if not set(wanted) & set(names):
            msg = f"{path}: no column for the {what}; name one {' or '.join(wanted[:3])}"
            raise DataError(msg)


def _sample(row: Mapping[str, Any], folder: Path) -> Sample:
    text = _plate(first_of(row, TEXT_NAMES))
    if not text:
        msg = "no text"
        raise DataError(msg)
    name = first_of(row, FILE_NAMES)
    # COCO in annotations/, its pictures beside that folder; Label Studio writes addresses.
    bare = name.rpartition("/")[2]
    places = (folder / name, folder / "images" / name, folder.parent / name,
              folder.parent / "images" / name, folder / bare, folder / "images" / bare)  # fmt: skip
    file = next((place for place in places if place.is_file()), None) if name else None
    if file is None:
        msg = "picture is missing"
        raise DataError(msg)
    split = split_named(str(row.get("split") or ""))
    box = None
    # A side may be the number 0, which is as good as any.
    if all(row.get(side) is not None and str(row[side]).strip() for side in "xywh"):
        try:
            box = box_from_xywh(*(float(row[side]) for side in "xywh"))
        except ValueError as error:
            msg = "box is no numbers"
            raise DataError(msg) from error
    return Sample(file, split, text, box, track=row.get("track") or None)


def _plate(said: str) -> str:
    try:
        return parse_plate(said)
    except DataError as error:
        # The number of the row finds it as well, and tells nobody else's plate to a log.
        what = str(error).removeprefix(f"plate {normalize(said)!r} ")
        msg = f"the text {what}"
        raise DataError(msg) from None


def _reason(error: str, number: int) -> str:
    """Short where many rows share it, with the row where that alone is at fault.

    Args:
        error: What is wrong.
        number: Its line in a table; the number of the plate in other files.
    """
    short = ("no text", "picture is missing", "box is no numbers")
    return error if error in short else f"row {number}: {error}"
