"""What a spreadsheet gets: text that no spreadsheet takes for a formula."""

import re
from datetime import datetime
from typing import Any

from platestream.core.text import plain_line

# At the start of a cell, and of what another separator than ours would make a cell of its own.
_FORMULA = re.compile(r"""(^|[;,|])([\s"']*)([=+\-@＝＋－＠])""")


def json_value(value: Any) -> Any:
    """A value as JSON has it: times in UTC, as text."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def cell(value: Any) -> str | int | float:
    """A value as one cell; lists are joined by blanks, pairs by a colon.

    Text that begins like a formula gets an apostrophe in front, or a plate that somebody painted
    could run in the spreadsheet of whoever opens the file.
    """
    if isinstance(value, int | float):
        return value
    if isinstance(value, tuple | list):
        pairs = (":".join(map(str, v)) if isinstance(v, tuple | list) else str(v) for v in value)
        text = " ".join(pairs)
    else:
        text = "" if value is None else str(json_value(value))
    return _FORMULA.sub(r"\1'\2\3", plain_line(text))
