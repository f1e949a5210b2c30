"""Watch lists as CSV: what spreadsheets and other systems give."""

import csv
from collections.abc import Iterator

from platestream.core.errors import DataError
from platestream.core.tables import table_rows
from platestream.core.text import plain_line
from platestream.store.records import WatchEntry
from platestream.store.watchlists import parse_plate

MAX_ENTRIES = 20_000

_COLUMNS = {
    "plate": "plate",
    "plates": "plate",
    "license plate": "plate",
    "licence plate": "plate",
    "registration": "plate",
    "list": "list_name",
    "list_name": "list_name",
    "label": "label",
    "name": "label",
    "owner": "label",
    "whose": "label",
}
"""What the head may call the columns; others are left out."""


def read_watch_csv(data: bytes, list_name: str = "") -> list[WatchEntry]:
    """Entries of a CSV file whose first row names its columns: ``plate``, ``list``, ``label``.

    Args:
        data: UTF-8, with commas, semicolons or tabs.
        list_name: The list of rows that name none.

    Raises:
        DataError: it is no such file; names the row.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = "the file is not UTF-8; save it as CSV UTF-8"
        raise DataError(msg) from error
    rows = table_rows(text)
    try:
        columns = _columns(next(rows, []))
        entries = list(_entries(rows, columns, list_name))
    except csv.Error as error:
        msg = f"row {rows.line_num}: is no CSV ({error}); correct it"
        raise DataError(msg) from error
    if not entries:
        msg = "no row has a plate; the first row names the columns, such as plate,list,label"
        raise DataError(msg)
    return entries


def _columns(head: list[str]) -> dict[str, int]:
    """Where each column is that counts."""
    found: dict[str, int] = {}
    for position, cell in enumerate(head):
        name = _COLUMNS.get(cell.strip().lower())
        if name:
            found.setdefault(name, position)
    if "plate" not in found:
        msg = "the first row must name the columns, one of them plate: plate,list,label"
        raise DataError(msg)
    return found


def _entries(
    rows: Iterator[list[str]], columns: dict[str, int], list_name: str
) -> Iterator[WatchEntry]:
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if number > MAX_ENTRIES + 1:
            msg = f"more than {MAX_ENTRIES} rows; cut the file in parts"
            raise DataError(msg)
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        entry = WatchEntry(
            cells.get("list_name") or list_name, cells["plate"], cells.get("label", "")
        )
        _check(number, entry)
        yield entry


def _check(number: int, entry: WatchEntry) -> None:
    try:
        parse_plate(entry.plate)
    except DataError as error:
        msg = f"row {number}: {error}"
        raise DataError(msg) from error
    if not entry.list_name:
        msg = f"row {number}: names no list; say which list such rows are for"
        raise DataError(msg)
    for name, most in (("list_name", 64), ("label", 200)):
        text = getattr(entry, name)
        if len(text) > most or plain_line(text) != text:
            msg = f"row {number}: {name} is longer than {most} characters, or no plain text"
            raise DataError(msg)
