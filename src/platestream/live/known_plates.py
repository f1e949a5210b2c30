"""Who a plate belongs to: `known_plates` of the configuration, and the watch lists.

Both mistakes hurt: a stranger greeted by a name, and a wanted car let through. A known plate may be
as far as `max_distance` from the reading, where a character that the reader itself doubts counts
half. Where it is sure of the whole plate, only one of its own confusions is forgiven (``O`` for
``0``): a car that differs in anything else is another car. Of several that fit the nearest wins, a
plate that is on a list before any expression; between two equally near ones there is no telling,
and nobody is named.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from platestream.core.alphabet import CHARACTERS, normalize
from platestream.core.errors import ConfigError
from platestream.core.matching import distance
from platestream.live.plate_rules import without_separators
from platestream.store.records import WatchEntry
from platestream.stream.policy import SURE

SURE_DISTANCE = 0.7
"""How far a plate that the reader is sure of may be from a known one."""

TOO_CLOSE = 0.1
"""Two names whose distances differ by less are equally near."""


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    plate: str = ""
    pattern: re.Pattern[str] | None = None

    def distance(self, plate: str, masked: str) -> float:
        """How far a plate is from this one; infinitely from an expression that does not fit."""
        if self.pattern:
            return 0.0 if self.pattern.fullmatch(plate) else math.inf
        return min(distance(text, self.plate) for text in (plate, masked))


class Watch:
    """Names plates; made anew when a list changes.

    Args:
        known_plates: Name to its plates, or regular expressions for whole plates.
        entries: Of the watch lists; named by their label, or by their list where it is empty.
        max_distance: How far a plate may be from a known one; 0 for exact ones only.

    Raises:
        ConfigError: an expression cannot be understood.
    """

    def __init__(
        self,
        known_plates: Mapping[str, Sequence[str]],
        entries: Iterable[WatchEntry] = (),
        *,
        max_distance: float = 1.0,
    ) -> None:
        self._max_distance = max_distance
        self._known = [_parse(name, text) for name, texts in known_plates.items() for text in texts]
        self._known += [
            _Known(entry.label or entry.list_name, normalize(entry.plate)) for entry in entries
        ]

    def name(self, plate: str, *, masked: str = "", confidence: float = 0.0) -> str:
        """Whose plate it is; empty where nobody's, or where it cannot be told.

        Args:
            plate: As it was read.
            masked: The same with ``?`` for characters that are not sure.
            confidence: That every character is right.
        """
        exact = {known.name for known in self._known if plate and known.plate == plate}
        if len(exact) == 1:
            return exact.pop()
        allowed = self._max_distance
        if confidence >= SURE:
            allowed = min(allowed, SURE_DISTANCE)
        nearest: dict[str, float] = {}
        for known in self._known:
            far = known.distance(plate, masked or plate)
            if far <= allowed:
                nearest[known.name] = min(far, nearest.get(known.name, far))
        first, *others = sorted(nearest, key=nearest.__getitem__) or [""]
        if others and nearest[others[0]] - nearest[first] < TOO_CLOSE:
            return ""
        return first


def _parse(name: str, text: str) -> _Known:
    """A plate where it has nothing but a plate's characters, an expression elsewhere."""
    plate = normalize(text)
    if all(c in CHARACTERS for c in plate):
        return _Known(name, plate)
    try:
        return _Known(name, pattern=re.compile(without_separators(text), re.IGNORECASE))
    except re.error as error:
        msg = f"known_plates.{name}: {text!r} is neither a plate nor an expression ({error})"
        raise ConfigError(msg) from error
