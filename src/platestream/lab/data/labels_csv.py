"""Our own label files: `labels.csv` beside the pictures or videos that it labels.

Pictures: ``file, split, text, x, y, w, h, quad, track, frame_index``; the first three columns
are needed, an empty field means "not labelled". Videos: ``file, split, text, first_frame,
last_frame``. Files are named relative to the folder of the csv. Between the columns stand
commas, semicolons or tabs.
"""

import csv
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

from platestream.core.boxes import Quad, box_around, quad_from_numbers, sort_corners
from platestream.core.choices import unknown
from platestream.core.errors import DataError
from platestream.core.tables import table_rows
from platestream.core.text import counted
from platestream.lab.data.sample import (
    SPLITS,
    Passage,
    Sample,
    box_from_xywh,
    parse_plate,
    select,
)

_NEEDED = ("file", "split", "text")
_PICTURE_COLUMNS = (*_NEEDED, "x", "y", "w", "h", "quad", "track", "frame_index")
_VIDEO_COLUMNS = (*_NEEDED, "first_frame", "last_frame")

_Row: TypeAlias = Mapping[str, str]
_T = TypeVar("_T", Sample, Passage)


def read_labels(path: Path, split: str | None = None) -> list[Sample]:
    """Read the labels of pictures.

    Args:
        path: The csv, or the folder with a `labels.csv`.
        split: Only this split; everything when omitted.

    Raises:
        ConfigError: there is no such split.
        DataError: the file cannot be read or a row is wrong; names file and line.
    """
    return select(_right(each_label(path)), split)


def read_passages(path: Path, split: str | None = None) -> list[Passage]:
    """Read the labels of videos; arguments and errors as `read_labels`."""
    return select(_right(each_passage(path)), split)


def is_video(path: Path) -> bool:
    """Whether a label file has the columns of videos."""
    header = next(_lines(_csv_path(path)), (1, []))[1]
    return "first_frame" in header


def is_label_file(path: Path) -> bool:
    """Whether a csv, or the `labels.csv` of a folder, has the columns that ours need.

    Raises:
        DataError: the file cannot be read.
    """
    return set(_NEEDED) <= set(next(_lines(_csv_path(path)), (1, []))[1])


def each_label(path: Path) -> Iterator[tuple[int, Sample | DataError]]:
    """Go through the labels of pictures, an error in the place of each wrong row.

    Yields:
        Line number from 1, and what is there.

    Raises:
        DataError: the file as a whole cannot be read.
    """
    return _each(path, _PICTURE_COLUMNS, _parse_sample)


def each_passage(path: Path) -> Iterator[tuple[int, Passage | DataError]]:
    """Go through the labels of videos, as `each_label`."""
    return _each(path, _VIDEO_COLUMNS, _parse_passage)


def _right(items: Iterator[tuple[int, _T | DataError]]) -> Iterator[_T]:
    for _, item in items:
        if isinstance(item, DataError):
            raise item
        yield item


def _each(
    path: Path, columns: tuple[str, ...], parse: Callable[[_Row, Path], _T]
) -> Iterator[tuple[int, _T | DataError]]:
    path = _csv_path(path)
    lines = _lines(path)
    _, header = next(lines, (1, []))
    _check_header(path, header, columns)
    num_rows = 0
    for num_rows, (line, fields) in enumerate(lines, start=1):  # noqa: B007
        try:
            yield line, parse(_as_row(header, fields), path.parent)
        except DataError as error:
            yield line, DataError(f"{path}, line {line}: {error}")
    if not num_rows:
        msg = f"{path}: has no rows; add one per plate"
        raise DataError(msg)


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that is not blank, with its number from 1."""
    reader = table_rows(_text(path))
    try:
        for fields in reader:
            if fields:
                yield reader.line_num, [field.strip() for field in fields]
    except csv.Error as error:
        msg = f"{path}, line {reader.line_num}: not CSV ({error}); correct the quotes"
        raise DataError(msg) from error


def _as_row(header: list[str], fields: list[str]) -> _Row:
    if len(fields) != len(header):
        msg = f"{counted(len(fields), 'field')} where the header has {len(header)}; correct the row"
        raise DataError(msg)
    return dict(zip(header, fields, strict=True))


def _csv_path(path: Path) -> Path:
    return path / "labels.csv" if path.is_dir() else path


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path}: cannot read the labels ({error.strerror}); check the path"
        raise DataError(msg) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        msg = f"{path}, line {line}: not UTF-8; save the file as UTF-8"
        raise DataError(msg) from error


def _check_header(path: Path, header: list[str], columns: tuple[str, ...]) -> None:
    needed = _VIDEO_COLUMNS if columns is _VIDEO_COLUMNS else _NEEDED
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name not in columns]
    if missing or unknown or len(set(header)) != len(header):
        msg = f"{path}, line 1: the header is {','.join(header)!r}; use {','.join(columns)}"
        raise DataError(msg)


def _parse_sample(row: _Row, folder: Path) -> Sample:
    quad = _quad(row.get("quad", ""))
    xywh = [row.get(name, "") for name in "xywh"]
    box = box_around(quad) if quad else None
    if any(xywh):
        x, y, width, height = (_number(v, n) for v, n in zip(xywh, "xywh", strict=True))
        box = box_from_xywh(x, y, width, height)
    index = row.get("frame_index", "")
    return Sample(
        file=_file(row, folder),
        split=_split(row),
        text=parse_plate(row["text"]),
        box_xyxy=box,
        quad=quad,
        track=row.get("track") or None,
        frame_index=_count(index, "frame_index") if index else None,
    )


def _parse_passage(row: _Row, folder: Path) -> Passage:
    first = _count(row["first_frame"], "first_frame")
    last = _count(row["last_frame"], "last_frame")
    if last < first:
        msg = f"last_frame {last} is before first_frame {first}; swap them"
        raise DataError(msg)
    return Passage(_file(row, folder), _split(row), parse_plate(row["text"]), first, last)


def _file(row: _Row, folder: Path) -> Path:
    if not row["file"]:
        msg = "the field 'file' is empty; name a file"
        raise DataError(msg)
    file = folder / row["file"]
    if not file.is_file():
        msg = f"{file} is missing; put it there or drop the row"
        raise DataError(msg)
    return file


def _split(row: _Row) -> str:
    if row["split"] not in SPLITS:
        raise DataError(unknown("split", row["split"], SPLITS))
    return row["split"]


def _quad(text: str) -> Quad | None:
    if not text:
        return None
    numbers = [_number(word, "quad") for word in text.split()]
    if len(numbers) != 8:
        msg = f"quad has {counted(len(numbers), 'number')}; it needs 8, x and y of each corner"
        raise DataError(msg)
    return sort_corners(quad_from_numbers(numbers))


def _number(text: str, name: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"{name} is {text!r}; it must be a number such as 10.5"
        raise DataError(msg) from None
    return number


def _count(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit()):
        msg = f"{name} is {text!r}; it must be a whole number from 0"
        raise DataError(msg)
    return int(text)
