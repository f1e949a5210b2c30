"""An index of the ends of plates, by which a part of one is found without a look at all events.

Each plate that has events stands here under each of its ends: ``AB12`` under ``AB12``, ``B12``,
``12`` and ``2``. A part of a plate is the beginning of one of its ends, so both databases find it
in a plain index, at any length.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from platestream.store.tables import EVENTS, PARTS

MIN_PART = 3
"""Shorter parts fit so many plates that going through the newest events is quicker."""

MAX_PLATES = 5000
"""Likewise, and well under what either database takes as parameters."""

_LAST = "\U0010ffff"


def ends(plate: str) -> list[str]:
    """Every end of a plate, itself the first."""
    return [plate[at:] for at in range(len(plate))]


def note(connection: Connection, plate: str) -> None:
    """See that a plate that gets an event is found by its parts."""
    if not plate:
        return
    known = select(PARTS.c.plate).where(PARTS.c.part == plate, PARTS.c.plate == plate)
    if connection.scalar(known) is not None:
        return
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    # Sorted, so that two writers of one plate wait for each other and never in a circle.
    rows = [{"part": end, "plate": plate} for end in sorted(set(ends(plate)))]
    connection.execute(kind.insert(PARTS).on_conflict_do_nothing(), rows)


def forget(connection: Connection, plates: Iterable[str]) -> None:
    """Take out those of these plates that have no event left."""
    for plate in sorted(set(plates) - {""}):
        is_its = (PARTS.c.part.in_(ends(plate))) & (PARTS.c.plate == plate)
        has_events = exists().where(EVENTS.c.plate == PARTS.c.plate)
        connection.execute(delete(PARTS).where(is_its, ~has_events))


def plates_with(connection: Connection, part: str) -> Sequence[str] | None:
    """The plates that a part occurs in; None where it is too short, or they are too many."""
    if len(part) < MIN_PART:
        return None
    begins = (PARTS.c.part >= part) & (PARTS.c.part < part + _LAST)
    found = select(PARTS.c.plate).distinct().where(begins).limit(MAX_PLATES + 1)
    plates = connection.scalars(found).all()
    return plates if len(plates) <= MAX_PLATES else None
