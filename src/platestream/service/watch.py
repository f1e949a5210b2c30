"""Who a plate belongs to: `known_plates` of the configuration, and the watch lists.

Both mistakes hurt: a stranger greeted by a name, and a wanted car let through. So a plate that
is not exactly a known one is compared by what the reader says of itself. Where it is sure of the
plate, it is another car that differs in one character, and only lookalikes (``O``, ``D``) are
forgiven. Where it is not sure, a known plate may differ by `max_distance`, and a character that
the reader is not sure of counts half. Of several that fit the nearest wins; between two equally
near ones there is no telling, and nobody is named.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from platestream.core.alphabet import CHARACTERS, normalize
from platestream.core.errors import ConfigError
from platestream.core.matching import distance
from platestream.core.types import PlateEvent
from platestream.store.records import WatchEntry
from platestream.stream.policy import SURE

SURE_DISTANCE = 0.5
"""What a plate that the reader is sure of may differ by, lookalikes only."""

TOO_CLOSE = 0.1
"""Two names whose distances differ by less are equally near."""


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    plate: str = ""
    pattern: re.Pattern[str] | None = None

    def distance(self, event: PlateEvent) -> float:
        """How far a plate is from this one; an expression fits or does not."""
        if self.pattern and self.pattern.fullmatch(event.plate):
            return 0.0
        if not self.plate:
            return float("inf")
        return min(distance(text, self.plate) for text in (event.plate, event.plate_masked))


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

    def name(self, event: PlateEvent) -> str:
        """Whose plate it is; empty where nobody's, or where it cannot be told."""
        allowed = self._max_distance
        if event.confidence >= SURE:
            allowed = min(allowed, SURE_DISTANCE)
        nearest: dict[str, float] = {}
        for known in self._known:
            far = known.distance(event)
            if far <= allowed and far < nearest.get(known.name, float("inf")):
                nearest[known.name] = far
        ranked = sorted(nearest.items(), key=lambda item: item[1])
        if not ranked or (len(ranked) > 1 and ranked[1][1] - ranked[0][1] < TOO_CLOSE):
            return ""
        return ranked[0][0]


def _parse(name: str, text: str) -> _Known:
    """A plate where it has nothing but a plate's characters, an expression elsewhere."""
    plate = normalize(text)
    if all(c in CHARACTERS for c in plate):
        return _Known(name, plate)
    try:
        return _Known(name, pattern=re.compile(text, re.IGNORECASE))
    except re.error as error:
        msg = f"known_plates.{name}: {text!r} is neither a plate nor an expression ({error})"
        raise ConfigError(msg) from error
