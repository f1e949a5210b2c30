"""The one alphabet, and the one codec between plate strings and class indices."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import DataError

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: The 31 province characters of mainland Chinese plates (GA 36-2018).
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
#: Characters that mark a use: police, trainer, trailer, consulate, embassy, Hong Kong, Macau, ...
CHINESE_SPECIALS = "警学挂领使港澳试超应急"

#: Letters with marks that stand on plates of Germany, Croatia, Slovenia, Serbia and the north.
MARKED = "ÄÖÜČŠŽĐĆÅÆØ"
#: The syllables of Korean plates: those of series and use, then those of region names.
HANGUL = (
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주하허호배아바사자"
    "울산대인천광전세종경기강원충북남제"
)

#: Only ever added to at the end: a network that knows fewer knows the first of them.
CHARACTERS = DIGITS + LATIN + PROVINCES + CHINESE_SPECIALS + MARKED + HANGUL

END = 0
"""Class index of the end-of-plate symbol; character ``CHARACTERS[i]`` is class ``i + 1``."""

NUM_CLASSES = len(CHARACTERS) + 1
"""C: the end symbol and every character."""

MAX_PLATE_CHARS = 12
"""Longest plate we read."""

NUM_STEPS = MAX_PLATE_CHARS + 1
"""T: the longest plate and its end symbol."""

#: Each marked letter as it is written where there are no marks.
_PLAIN = str.maketrans(
    dict(zip(MARKED, ("A", "O", "U", "C", "S", "Z", "D", "C", "A", "AE", "O"), strict=True))
)

_INDEX = {character: index for index, character in enumerate(CHARACTERS, start=1)}


def normalize(text: str) -> str:
    """Upper-case a label and drop the separators that plates write but nobody types.

    Marks that were typed as characters of their own become part of their letters.
    """
    # The second dot, of Greek, is the first one by another number.
    return unicodedata.normalize("NFC", "".join(c for c in text.upper() if c not in " -.·\u0387_"))


def plain(text: str) -> str:
    """Write marked letters without their marks, as most lists and labels do: ``DÜW`` is ``DUW``."""
    return text.translate(_PLAIN)


def encode(text: str) -> NDArray[np.int64]:
    """Turn a plate string into class indices, padded with `END`.

    Returns:
        ``(T,)`` int64 with T = `NUM_STEPS`; everything after the text is `END`.

    Raises:
        DataError: the text is too long or has a character outside `CHARACTERS`.
    """
    if len(text) > MAX_PLATE_CHARS:
        msg = f"plate {text!r} has {len(text)} characters; the longest we read is {MAX_PLATE_CHARS}"
        raise DataError(msg)
    indices = np.full(NUM_STEPS, END, np.int64)
    for step, character in enumerate(text):
        if character not in _INDEX:
            msg = f"plate {text!r} has {character!r}, which is not in the alphabet"
            raise DataError(msg)
        indices[step] = _INDEX[character]
    return indices


def decode(indices: Sequence[int] | NDArray[np.int64]) -> str:
    """Turn class indices into a string, stopping at the first `END`."""
    text = []
    for index in indices:
        if index == END:
            break
        text.append(CHARACTERS[index - 1])
    return "".join(text)
