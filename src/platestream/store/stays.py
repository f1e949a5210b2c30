"""Arrivals and departures paired into stays.

Nothing is kept of them: they are told from the events whenever somebody asks, so that
corrections, late events and erasures need no repair. A departure belongs to the passage of the
same plate right before it, if that was an arrival; an arrival that another arrival follows stays
open, for nobody saw it leave.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select

from platestream.store.records import Stay
from platestream.store.tables import EVENTS

ARRIVES, DEPARTS = ":in", ":out"
"""How the direction of an event ends."""


def stays(connection: Connection, *, open_only: bool, limit: int) -> list[Stay]:
    """Stays, those with the newest arrival (or lone departure) first."""
    arrives = EVENTS.c.direction.endswith(ARRIVES, autoescape=True)
    departs = EVENTS.c.direction.endswith(DEPARTS, autoescape=True)
    columns = [
        *EVENTS.c["plate", "plate_hash", "id", "ended_at"],
        arrives.label("arrives"),
        *_neighbour(func.lead, "next", arrives),
        *_neighbour(func.lag, "last", arrives),
    ]
    has_plate = or_(EVENTS.c.plate != "", EVENTS.c.plate_hash != "")
    passages = select(*columns).where(or_(arrives, departs), has_plate).subquery()
    is_open = passages.c.arrives & passages.c.next_arrives.is_not(False)
    is_lone_departure = ~passages.c.arrives & passages.c.last_arrives.is_not(True)
    wanted = is_open if open_only else or_(passages.c.arrives, is_lone_departure)
    newest = passages.c["ended_at", "id"]
    found = select(passages).where(wanted).order_by(*(c.desc() for c in newest)).limit(limit)
    return [_stay(row) for row in connection.execute(found).mappings()]


def _neighbour(function: Any, name: str, arrives: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """The passage of the same plate before or after this one."""
    window = {
        "partition_by": (EVENTS.c.plate, EVENTS.c.plate_hash),
        "order_by": (EVENTS.c.ended_at, EVENTS.c.id),
    }
    columns = {"arrives": arrives, "id": EVENTS.c.id, "ended_at": EVENTS.c.ended_at}
    return [
        function(c, type_=c.type).over(**window).label(f"{name}_{key}")
        for key, c in columns.items()
    ]


def _stay(row: RowMapping) -> Stay:
    plate = {"plate": row["plate"], "plate_hash": row["plate_hash"]}
    if not row["arrives"]:
        return Stay(
            **plate,
            arrival_id="",
            departure_id=row["id"],
            arrived_at=None,
            departed_at=row["ended_at"],
        )
    departed = row["next_arrives"] is False
    return Stay(
        **plate,
        arrival_id=row["id"],
        departure_id=row["next_id"] if departed else "",
        arrived_at=row["ended_at"],
        departed_at=row["next_ended_at"] if departed else None,
    )
