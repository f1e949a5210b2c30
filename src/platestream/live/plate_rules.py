"""What a user's own rules make of a plate: ``replace_rules`` and ``format``.

They mean what they mean in Frigate, but for separators: plates are read without spaces and dashes,
so those count nowhere, neither in plates nor in patterns.
"""

import re
from collections.abc import Sequence

from platestream.core.alphabet import normalize

# A character class, an escape, or a separator with what repeats it.
_PARTS = re.compile(
    r"(?P<class>\[\^?\]?[^\]]*\])|(?P<separator>(?:\\[ -]|\\s|[ -])(?:[?*+]|\{[^}]*\})?)|\\.|.",
    re.DOTALL,
)
_ONLY_SEPARATORS = re.compile(r"\[(?:[ -]|\\[ -]|\\s)+\]")


class PlateRules:
    """The rules of a configuration, ready to be applied.

    Args:
        replace_rules: Expression and what to put in its place, applied one after the other.
        expected: The ``format``; None when anything goes.
    """

    def __init__(self, replace_rules: Sequence[tuple[str, str]], expected: str | None) -> None:
        self._replacements = [
            (re.compile(pattern), replacement) for pattern, replacement in replace_rules
        ]
        self._expected = re.compile(without_separators(expected)) if expected is not None else None

    def rewrite(self, text: str) -> str:
        """What a plate that was read is to be called, written as all plates are.

        Whatever else a rule put there would be neither found nor erased.
        """
        for pattern, replacement in self._replacements:
            text = pattern.sub(replacement, text)
        return normalize(text)

    def is_expected(self, plate: str) -> bool:
        """Whether a plate that `rewrite` gave is written as ``format`` says."""
        return self._expected is None or self._expected.fullmatch(plate) is not None


def without_separators(pattern: str) -> str:
    r"""A regular expression less its spaces and dashes: ``^[A-Z]{2}-? \d+$`` is ``^[A-Z]{2}\d+$``.

    Those in character classes stay, unless there is nothing else in the class.
    """
    # "[ -]" with what repeats it goes as a whole, so it is made a plain space first.
    pattern = _ONLY_SEPARATORS.sub(" ", pattern)
    return "".join(part[0] for part in _PARTS.finditer(pattern) if not part["separator"])
