"""Arrivals and departures paired into stays.

Nothing is kept of them: they are told from the events whenever somebody asks, so that
corrections, late events and erasures need no repair. A departure belongs to the passage of the
same plate right before it, if that was an arrival. An arrival that another arrival follows has no
departure, for nobody saw it leave; inside is only who came last of all.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    RowMapping,
    ScalarSelect,
    Select,
    case,
    literal_column,
    or_,
    select,
    tuple_,
)

from platestream.store import tolerant
from platestream.store.records import Stay
from platestream.store.tables import EVENTS

ARRIVES, DEPARTS = ":in", ":out"
"""How the direction of an event ends."""

_TOLD = ("id", "ended_at", "camera", "direction", "known_as")
"""What is told of an arrival and of a departure."""


def stays(connection: Connection, *, inside_only: bool, limit: int) -> list[Stay]:
    """Stays, those with the newest arrival (or lone departure) first.

    The passages over lines are gone through newest first, and of each plate's only the neighbour
    is looked up: two indices know both, so that no more is read than is told.
    """
    passage, other = EVENTS.alias("passage"), EVENTS.alias("other")
    arrives, has_plate = _arrives(passage), or_(passage.c.plate != "", passage.c.plate_hash != "")
    neighbour = case((arrives, _next(passage)), else_=_last(passage))
    is_inside = arrives & other.c.id.is_(None)
    is_lone_departure = ~arrives & or_(other.c.id.is_(None), ~_arrives(other))
    wanted = is_inside if inside_only else or_(arrives, is_lone_departure)
    columns = [
        *passage.c["plate", "plate_hash", *_TOLD],
        arrives.label("arrives"),
        _arrives(other).label("other_arrives"),
        *(other.c[name].label(f"other_{name}") for name in _TOLD),
    ]
    found = (
        select(*columns)
        .select_from(passage.outerjoin(other, other.c.id == neighbour))
        .where(_is_over_line(passage), has_plate, wanted)
        .order_by(passage.c.ended_at.desc(), passage.c.id.desc())
        .limit(limit)
    )
    return [_stay(row) for row in connection.execute(found).mappings()]


def _arrives(events: FromClause) -> ColumnElement[bool]:
    return events.c.direction.endswith(ARRIVES, autoescape=True)


def _is_over_line(events: FromClause) -> ColumnElement[bool]:
    # The first is what the indices say, in their own words.
    departs = events.c.direction.endswith(DEPARTS, autoescape=True)
    return (events.c.direction != literal_column("''")) & or_(_arrives(events), departs)


def _next(passage: FromClause) -> ScalarSelect[Any]:
    """The id of the same plate's next passage over a line."""
    later, order = _same_plate(passage, "later")
    is_later = tuple_(*order) > tuple_(*passage.c["ended_at", "id"])
    return later.where(is_later).order_by(*order).limit(1).scalar_subquery()


def _last(passage: FromClause) -> ScalarSelect[Any]:
    """The id of the one before it."""
    earlier, order = _same_plate(passage, "earlier")
    is_earlier = tuple_(*order) < tuple_(*passage.c["ended_at", "id"])
    newest_first = (column.desc() for column in order)
    return earlier.where(is_earlier).order_by(*newest_first).limit(1).scalar_subquery()


def _same_plate(
    passage: FromClause, name: str
) -> tuple[Select[Any], tuple[ColumnElement[Any], ...]]:
    events = EVENTS.alias(name)
    is_same = [events.c[key] == passage.c[key] for key in ("plate", "plate_hash")]
    found = select(events.c.id).where(*is_same, _is_over_line(events)).correlate(passage)
    return found, (events.c.ended_at, events.c.id)


def _stay(row: RowMapping) -> Stay:
    has_neighbour = row["other_id"] is not None
    has_left = row["arrives"] and has_neighbour and not row["other_arrives"]
    arrival = {name: row[name] for name in _TOLD} if row["arrives"] else None
    departure = None
    if has_left:
        departure = {name: row[f"other_{name}"] for name in _TOLD}
    elif not row["arrives"]:
        departure = {name: row[name] for name in _TOLD}
    arrived, departed = arrival or {}, departure or {}
    values = {
        "plate": row["plate"],
        "plate_hash": row["plate_hash"],
        "arrival_id": arrived.get("id", ""),
        "departure_id": departed.get("id", ""),
        "arrived_at": arrived.get("ended_at"),
        "departed_at": departed.get("ended_at"),
        "known_as": departed.get("known_as") or arrived.get("known_as", ""),
        "arrival_camera": arrived.get("camera", ""),
        "departure_camera": departed.get("camera", ""),
        "arrival_direction": _way(arrived.get("direction", ""), ARRIVES),
        "departure_direction": _way(departed.get("direction", ""), DEPARTS),
        "came_again": bool(row["arrives"] and row["other_arrives"]),
    }
    return tolerant.make(Stay, values)


def _way(direction: object, ending: str) -> str:
    """Of several lines that were crossed, the one that makes it an arrival or a departure."""
    return next((way for way in reversed(str(direction).split(",")) if way.endswith(ending)), "")
