"""Plates that somebody labelled, in the formats that people have; what cannot be used is counted.

Read are our ``labels.csv`` and any CSV that names a picture and its text (``image_path`` and
``plate_text``, as fast-plate-ocr has it), COCO with a text for each box, and folders whose pictures
are named for their plates. A row that is wrong is left aside with its reason: fifty plates should
not wait for one.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platestream.core.errors import DataError
from platestream.lab.data.layouts import read_dataset
from platestream.lab.data.sample import SPLITS, Passage, Sample, box_from_xywh, parse_plate

FILE_NAMES = ("file", "image_path", "file_name", "filename", "image", "path")
TEXT_NAMES = ("text", "plate_text", "plate", "label", "transcription", "license_plate", "number")


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
        path: A CSV, a JSON file, or a folder that holds one or whose pictures are named.

    Raises:
        DataError: there is no such file, or nothing in it can be used; says why.
    """
    if not path.exists():
        msg = f"{path}: no such file or folder; check the path"
        raise DataError(msg)
    file = _label_file(path)
    if file is None:
        own = OwnPlates(_samples(path))
    else:
        own = OwnPlates()
        rows = _coco_rows(file) if file.suffix.lower() == ".json" else _csv_rows(file)
        for row in rows:
            try:
                own.samples.append(_sample(row, file.parent))
            except DataError as error:
                own.left_aside[_reason(str(error), row)] += 1
    if not own.samples:
        why = "; ".join(own.left_aside) or "it has no rows"
        msg = f"{path}: no plate in it can be used: {why}"
        raise DataError(msg)
    return own


def _label_file(path: Path) -> Path | None:
    """The file that holds the labels; None for a folder whose names do."""
    if not path.is_dir():
        if path.suffix.lower() in (".csv", ".json"):
            return path
        msg = f"{path}: labels are read from .csv, COCO .json, or a folder of named pictures"
        raise DataError(msg)
    named = [path / "labels.csv", path / "annotations.json", *sorted(path.glob("*.csv"))]
    named += [*sorted(path.glob("*.json")), *sorted(path.glob("annotations/*.json"))]
    found = next((each for each in named if each.is_file()), None)
    if found is None and any(path.glob("labels/*.txt")):
        msg = (
            f"{path}: YOLO labels have boxes and no texts; add a labels.csv with the columns "
            "file,text"
        )
        raise DataError(msg)
    return found


def _samples(path: Path) -> list[Sample]:
    samples = []
    for item in read_dataset(path):
        if isinstance(item, Passage):
            msg = f"{path}: labels of videos cannot be learned from; label pictures"
            raise DataError(msg)
        samples.append(item)
    return samples


def _csv_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = [name.strip().lower() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            _check_columns(path, names)
            yield from reader
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"{path}: cannot be read as CSV ({error}); save it as UTF-8 with commas"
        raise DataError(msg) from error


def _check_columns(path: Path, names: list[str]) -> None:
    for wanted, what in ((FILE_NAMES, "file"), (TEXT_NAMES, "text")):
        if not set(wanted) & set(names):
            msg = f"{path}: no column for the {what}; name one {' or '.join(wanted[:3])}"
            raise DataError(msg)


def _coco_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The boxes of a COCO file that say what their plate says."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        files = {image["id"]: image["file_name"] for image in data["images"]}
        boxes = [(files[box["image_id"]], box) for box in data["annotations"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path}: not a COCO file ({error!r}); it needs `images` and `annotations`"
        raise DataError(msg) from error
    for name, box in boxes:
        said = {**box, **(box.get("attributes") or {})}
        x, y, w, h = (box.get("bbox") or ["", "", "", ""])[:4]
        yield {"file": name, "text": _first(said, TEXT_NAMES), "x": x, "y": y, "w": w, "h": h}


def _sample(row: Mapping[str, Any], folder: Path) -> Sample:
    text = parse_plate(_first(row, TEXT_NAMES))
    if not text:
        msg = "no text"
        raise DataError(msg)
    name = _first(row, FILE_NAMES)
    places = (folder / name, folder / "images" / name, folder.parent / name)
    file = next((place for place in places if place.is_file()), None) if name else None
    if file is None:
        msg = "picture is missing"
        raise DataError(msg)
    split = str(row.get("split") or "").strip().lower()
    box = None
    if all(str(row.get(side) or "").strip() for side in "xywh"):
        try:
            box = box_from_xywh(*(float(row[side]) for side in "xywh"))
        except ValueError as error:
            msg = "box is no numbers"
            raise DataError(msg) from error
    return Sample(file, split if split in SPLITS else "", text, box, track=row.get("track") or None)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(row[name]).strip() for name in names if row.get(name)), "")


def _reason(error: str, row: Mapping[str, Any]) -> str:
    """Short where many rows share it, with the text where the text is at fault."""
    short = ("no text", "picture is missing", "box is no numbers")
    return error if error in short else f"{_first(row, TEXT_NAMES)!r}: {error}"
