"""Tables that spreadsheets write: CSV in name, with whatever the user's country puts between."""

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ",;\t"
"""Where a comma is the decimal sign, spreadsheets part columns by semicolons."""


def delimiter_of(text: str) -> str:
    """What parts the columns of a table: the one that its first line has most of, or a comma."""
    head, _, _ = text.partition("\n")
    return max(DELIMITERS, key=head.count)


def table_rows(text: str) -> "Reader":
    """The rows of a table.

    Raises:
        csv.Error: its quotes are wrong; as the rows are gone through, `line_num` says where.
    """
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter_of(text), strict=True)
