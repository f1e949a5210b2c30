"""Arrivals and departures paired into stays.

Nothing is kept of them: they are told from the events whenever somebody asks, so that
corrections, late events and erasures need no repair. A departure belongs to the passage of the
same plate right before it, if that was an arrival. An arrival that another arrival follows has no
departure, for nobody saw it leave; inside is only who came last of all.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select

from platestream.store import tolerant
from platestream.store.records import Stay
from platestream.store.tables import EVENTS

ARRIVES, DEPARTS = ":in", ":out"
"""How the direction of an event ends."""

_TOLD = ("id", "ended_at", "camera", "direction", "known_as")
"""What is told of an arrival and of a departure."""


def stays(connection: Connection, *, inside_only: bool, limit: int) -> list[Stay]:
    """Stays, those with the newest arrival (or lone departure) first."""
    arrives = EVENTS.c.direction.endswith(ARRIVES, autoescape=True)
    departs = EVENTS.c.direction.endswith(DEPARTS, autoescape=True)
    columns = [
        *EVENTS.c["plate", "plate_hash", *_TOLD],
        arrives.label("arrives"),
        *_neighbour(func.lead, "next", arrives),
        *_neighbour(func.lag, "last", arrives),
    ]
    has_plate = or_(EVENTS.c.plate != "", EVENTS.c.plate_hash != "")
    passages = select(*columns).where(or_(arrives, departs), has_plate).subquery()
    is_inside = passages.c.arrives & passages.c.next_id.is_(None)
    is_lone_departure = ~passages.c.arrives & passages.c.last_arrives.is_not(True)
    wanted = is_inside if inside_only else or_(passages.c.arrives, is_lone_departure)
    newest = passages.c["ended_at", "id"]
    found = select(passages).where(wanted).order_by(*(c.desc() for c in newest)).limit(limit)
    return [_stay(row) for row in connection.execute(found).mappings()]


def _neighbour(function: Any, name: str, arrives: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """The passage of the same plate before or after this one."""
    window = {
        "partition_by": (EVENTS.c.plate, EVENTS.c.plate_hash),
        "order_by": (EVENTS.c.ended_at, EVENTS.c.id),
    }
    columns = {"arrives": arrives, **{name: EVENTS.c[name] for name in _TOLD}}
    return [
        function(c, type_=c.type).over(**window).label(f"{name}_{key}")
        for key, c in columns.items()
    ]


def _stay(row: RowMapping) -> Stay:
    has_left = row["arrives"] and row["next_arrives"] is False
    arrival = {name: row[name] for name in _TOLD} if row["arrives"] else None
    departure = None
    if has_left:
        departure = {name: row[f"next_{name}"] for name in _TOLD}
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
        "came_again": bool(row["arrives"] and row["next_arrives"]),
    }
    return tolerant.make(Stay, values)


def _way(direction: object, ending: str) -> str:
    """Of several lines that were crossed, the one that makes it an arrival or a departure."""
    return next((way for way in reversed(str(direction).split(",")) if way.endswith(ending)), "")
