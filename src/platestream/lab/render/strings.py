"""Random plate strings, from patterns.

A pattern is what stands on the plate, with lower-case letters for chance:

=====  ==========================================================================
``d``  a digit
``n``  a digit from 1 to 9
``a``  a letter, of those the country uses
``x``  a letter or a digit
``p``  a province of China
``h``  a Hangul syllable of Korean plates
``g``  one that is greyed out, as publishers of Korean data do: left out of the text
``e``  a letter of Thailand
``f``  an Arabic letter
``m``  an Arabic-Indic digit
``k``  a kana of Japan
``t``  the Arabic word of Tunisian plates: ``T`` in the text
``o``  a seal or an emblem: drawn, left out of the text
=====  ==========================================================================

What stands in parentheses is drawn without them and left out of the text: the small letters
above each other on plates of the United States, which registers and labels leave out.

``{DE|LH|aa}`` is one of several patterns, ``|`` outside braces goes on to the next slot of the
plate, and everything else stands for itself. What `write` returns keeps these separators and
symbols (the plate must draw them); `label` takes them off.
"""

import re

import numpy as np

from platestream.core.alphabet import CHARACTERS, DIGITS, HANGUL, LATIN, PROVINCES

SERIES = HANGUL[:40]
"""The syllables that stand between the numbers of Korean plates."""

THAI = "กขคฆงจฉชฌญฎฐฒณตถทธนบผพภมยรลวศษสหอฮ"
ARABIC = "بدحرسصطعفقلمنهوي"
ARABIC_DIGITS = "١٢٣٤٥٦٧٨٩"
KANA = "あいうえかきくけこさすせそたちつてとなにぬねのはひふほまみむめもやゆよらりるれろわ"

FOREIGN = frozenset(THAI + ARABIC + ARABIC_DIGITS + KANA)
"""What we cannot read: a plate that bears any of it has no text, so that nothing is guessed."""

BLOT = "▩"
"""Stands for a character that is greyed out."""

TUNIS = "ت"
"""Stands for the Arabic word between the numbers of Tunisian plates."""

SEAL = "◉"
"""Stands for a round seal, a crest or the like between characters."""

_LEFT_OUT = re.compile(r"\([^)]*\)")
_TOKEN = re.compile(r"\{([^}]*)\}|(.)", re.DOTALL)


def write(pattern: str, rng: np.random.Generator, letters: str = LATIN) -> str:
    """Fill a pattern in.

    Args:
        pattern: See above.
        rng: Where chance comes from.
        letters: Those that ``a`` and ``x`` may give.

    Returns:
        What stands on the plate, separators and symbols included.
    """
    chances = {
        "d": DIGITS,
        "n": DIGITS[1:],
        "a": letters,
        "x": letters + DIGITS,
        "p": PROVINCES,
        "h": SERIES,
        "g": BLOT,
        "e": THAI,
        "f": ARABIC,
        "m": ARABIC_DIGITS,
        "k": KANA,
        "t": TUNIS,
        "o": SEAL,
    }
    written = []
    for choices, character in _TOKEN.findall(pattern):
        if choices:
            options = choices.split("|")
            written.append(write(options[rng.integers(len(options))], rng, letters))
        else:
            chance = chances.get(character, character)
            written.append(chance[rng.integers(len(chance))])
    return "".join(written)


def label(written: str) -> str:
    """The text a reader should give for what stands on a plate."""
    if not FOREIGN.isdisjoint(written):
        return ""
    read = _LEFT_OUT.sub("", written.replace(TUNIS, "T"))
    return "".join(c for c in read if c in CHARACTERS)
