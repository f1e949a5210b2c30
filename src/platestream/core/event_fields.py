"""What an event says, in one list, of which every way out is made.

To add a field, write it into `PlateEvent`, with a default that events from before it have, and fill
it in `make_event`. Files, store, export, REST and our own payload have it then. What the store is
to know of a passage beside what was read is one line in `_OF_PASSAGE` and a migration.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_type_hints

from platestream.core.plate_event import PlateEvent, State, Way
from platestream.core.types import BoxXyxy, Quad

Kind: TypeAlias = Literal[
    "text", "texts", "bool", "int", "ints", "float", "floats", "points", "shares", "time"
]
"""``points`` are x and y, ``shares`` texts with a share each; what may be missing is None."""

_KINDS: dict[Any, Kind] = {
    str: "text",
    State: "text",
    tuple[str, ...]: "texts",
    bool: "bool",
    int: "int",
    tuple[int, ...]: "ints",
    float: "float",
    BoxXyxy: "floats",
    Quad | None: "points",
    tuple[tuple[str, float], ...]: "shares",
    datetime: "time",
    datetime | None: "time",
}

_EVERY_WAY: tuple[Way, ...] = ("api", "receivers")

_OF_PASSAGE: dict[str, tuple[Any, tuple[Way, ...]]] = {
    "id": (str, _EVERY_WAY),
    "camera": (str, _EVERY_WAY),
    "started_at": (datetime, _EVERY_WAY),
    "ended_at": (datetime, _EVERY_WAY),
    "best_at": (datetime, _EVERY_WAY),
    "direction": (str, _EVERY_WAY),
    "zones": (tuple[str, ...], _EVERY_WAY),
    "known_as": (str, _EVERY_WAY),
    "read_plate": (str, _EVERY_WAY),
    "corrected_by": (str, ("api",)),
    "corrected_at": (datetime | None, ("api",)),
    "plate_hash": (str, _EVERY_WAY),
    "state": (State, _EVERY_WAY),
    "since": (datetime | None, _EVERY_WAY),
    # Over HTTP pictures have an address in place of a file.
    "crop_file": (str, ()),
    "frame_file": (str, ()),
    "stack_file": (str, ()),
}


@dataclass(frozen=True, slots=True)
class EventField:
    """One thing that an event says.

    Attributes:
        name: As it is called everywhere.
        kind: What its values look like.
        type: The same as Python has it.
        ways: Who is told; files and exports have every field.
        is_read: Whether it is one of `PlateEvent`; the others are the store's, of the passage.
    """

    name: str
    kind: Kind
    type: Any
    ways: tuple[Way, ...]
    is_read: bool

    def of(self, passage: Any) -> Any:
        """Its value in a passage that has all others as attributes, and `PlateEvent` in `event`."""
        return getattr(passage.event if self.is_read else passage, self.name)

    def from_json(self, value: Any) -> Any:
        """The value that became `value` in JSON, which knows lists only."""
        if not isinstance(value, list):
            return value
        return tuple(tuple(item) if isinstance(item, list) else item for item in value)


def _read_fields() -> tuple[EventField, ...]:
    types = get_type_hints(PlateEvent)
    return tuple(
        EventField(
            each.name,
            _KINDS[types[each.name]],
            types[each.name],
            each.metadata.get("ways", _EVERY_WAY),
            is_read=True,
        )
        for each in fields(PlateEvent)
    )


READ_FIELDS = _read_fields()
"""Those of `PlateEvent`, in its order."""


def _event_fields() -> tuple[EventField, ...]:
    of_passage = (
        EventField(name, _KINDS[kind], kind, ways, is_read=False)
        for name, (kind, ways) in _OF_PASSAGE.items()
    )
    # The passage has the id, and the store's own files in place of the run's.
    read = (each for each in READ_FIELDS if each.name not in ("id", "crop", "stack"))
    by_name = {each.name: each for each in (*of_passage, *read)}
    first = ("id", "camera", "plate", "confidence")
    return tuple(by_name[name] for name in dict.fromkeys((*first, *by_name)))


EVENT_FIELDS = _event_fields()
"""All that is said of a passage, the most looked for first."""


def told(way: Way) -> tuple[EventField, ...]:
    """What goes one way."""
    return tuple(each for each in EVENT_FIELDS if way in each.ways)
