"""Events as a table for spreadsheets: the columns that a person wants first."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from platestream.core.cells import cell
from platestream.core.errors import StoreError
from platestream.core.event_fields import READ_FIELDS
from platestream.sinks.lines import LineFile

TABLE_FILE = "events.csv"

FIRST_COLUMNS = (
    "plate",
    "confidence",
    "plate_masked",
    "source",
    "first_pts_s",
    "last_pts_s",
    "regions",
    "num_frames",
    "num_read",
    "crop",
)
"""Of a run's events."""

ALL_COLUMNS = tuple(each.name for each in READ_FIELDS)

_BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""


class TableWriter:
    """Writes a CSV file in a folder, row by row; use it in a ``with`` statement.

    Args:
        folder: Made if missing.
        columns: Names of the values that each event is asked for.

    Raises:
        StoreError: the file cannot be written.
    """

    def __init__(self, folder: Path, columns: Sequence[str] = FIRST_COLUMNS) -> None:
        self._columns = columns
        self._file = LineFile(folder, TABLE_FILE)
        try:
            self._file.add(_BOM + _line(columns), "the names of the columns")
        except StoreError:
            self._file.__exit__()
            raise

    def __enter__(self) -> "TableWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__()

    def write(self, event: Mapping[str, object]) -> None:
        """Append one event.

        Raises:
            StoreError: the disk is full or gone; the rows before this one are kept whole.
        """
        row = [cell(event[name]) for name in self._columns]
        self._file.add(_line(row), "a row")


def _line(cells: Sequence[object]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
