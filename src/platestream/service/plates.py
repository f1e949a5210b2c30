"""What a user's own rules say of a plate: ``replace_rules``, ``format`` and ``known_plates``.

They mean what they mean in Frigate, but for separators: plates are read without spaces and dashes,
so those count nowhere, neither in plates nor in patterns.
"""

import re
from dataclasses import dataclass

from platestream.core.alphabet import normalize
from platestream.core.metrics import edit_distance
from platestream.service.config import ServiceConfig

# A character class, an escape, or a separator with what repeats it.
_PARTS = re.compile(
    r"(?P<class>\[\^?\]?[^\]]*\])|(?P<separator>(?:\\[ -]|\\s|[ -])(?:[?*+]|\{[^}]*\})?)|\\.|.",
    re.DOTALL,
)
_ONLY_SEPARATORS = re.compile(r"\[(?:[ -]|\\[ -]|\\s)+\]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules make of a plate.

    Attributes:
        plate: What it is to be called, by ``replace_rules``.
        is_expected: Whether it is written as ``format`` says.
        known_as: Name in ``known_plates``; empty if it is not there.
    """

    plate: str
    is_expected: bool
    known_as: str


class PlateRules:
    """The rules of a configuration, ready to judge plates."""

    def __init__(self, config: ServiceConfig) -> None:
        self._replacements = [
            (re.compile(rule.pattern), rule.replacement) for rule in config.replace_rules
        ]
        self._format = _compile(config.format) if config.format is not None else None
        self._known = [
            (name, normalize(plate), _compile(plate))
            for name, plates in config.known_plates.items()
            for plate in plates
        ]
        self._match_distance = config.match_distance

    def judge(self, text: str) -> Verdict:
        """Replace, then compare with the format, then look for a name."""
        for pattern, replacement in self._replacements:
            text = pattern.sub(replacement, text)
        bare = normalize(text)
        is_expected = self._format is None or self._format.fullmatch(bare) is not None
        return Verdict(text, is_expected, self._name_of(bare))

    def _name_of(self, bare: str) -> str:
        """The first name with this very plate, else the first with one like it."""
        for name, plate, pattern in self._known:
            if plate == bare or pattern.fullmatch(bare):
                return name
        for name, plate, _ in self._known:
            # A pattern is no plate: nothing is a few characters away from it.
            if plate.isalnum() and edit_distance(plate, bare) <= self._match_distance:
                return name
        return ""


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(without_separators(pattern))


def without_separators(pattern: str) -> str:
    r"""A regular expression less its spaces and dashes: ``^[A-Z]{2}-? \d+$`` is ``^[A-Z]{2}\d+$``.

    Those in character classes stay, unless there is nothing else in the class.
    """
    # "[ -]" with what repeats it goes as a whole, so it is made a plain space first.
    pattern = _ONLY_SEPARATORS.sub(" ", pattern)
    return "".join(part[0] for part in _PARTS.finditer(pattern) if not part["separator"])
