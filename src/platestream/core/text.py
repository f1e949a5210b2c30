"""Texts for terminals, logs and tables; what others chose is made fit for them."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

# C0 but tab and newline, DEL, C1, marks that turn the direction of text, line separators, and
# halves of characters, as in file names that are not UTF-8: no terminal is to obey any of them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    r"""A text with nothing in it that a terminal obeys: escape characters become ``\x1b``."""
    return _UNSEEN.sub(_escaped, text)


def plain_line(text: str) -> str:
    """The same on one line."""
    return plain(text).replace("\n", "\\n").replace("\t", " ")


def is_utf8(text: str) -> bool:
    """Whether a text, such as a file's name, is made of characters alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def counted(num: int, one: str, many: str = "") -> str:
    """A number of things in words: ``1 plate``, ``2 plates``.

    Args:
        num: How many.
        one: What one of them is called.
        many: What several are called, where that is not `one` with an ``s``.
    """
    return f"{num} {one if num == 1 else many or f'{one}s'}"


def hundredths(share: float) -> str:
    """A share of 1 with two decimals, rounded down: 0.949 is not yet the 0.95 of a limit."""
    # What is not quite a hundredth by floats alone, 0.57 as 0.56999, is one.
    return f"{math.floor(100 * share + 1e-6) / 100:.2f}"


def plain_json(
    value: Mapping[str, Any] | Sequence[Any], separators: tuple[str, str] | None = None
) -> str:
    """JSON on one line, readable characters kept and all others escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
