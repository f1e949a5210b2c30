"""How long events are kept, and how they are removed so that a crash leaves nothing behind.

What is removed is marked on disk first, then leaves the database in one transaction, then the
disk. A crash in between leaves marked pictures, which the next sweep removes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, delete, func, select, update

from platestream.store.database import Database
from platestream.store.pictures import Pictures
from platestream.store.rows import folder_of
from platestream.store.tables import EVENTS, HAS_PICTURES, STRIP

_BATCH = 500
"""Events that leave in one transaction; a camera waits no longer than this takes."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed.

    Attributes:
        num_events: Events.
        num_pictures: Picture files, those of kept events included.
        freed_bytes: Of the pictures.
    """

    num_events: int = 0
    num_pictures: int = 0
    freed_bytes: int = 0

    def __add__(self, other: "Pruned") -> "Pruned":
        return Pruned(
            self.num_events + other.num_events,
            self.num_pictures + other.num_pictures,
            self.freed_bytes + other.freed_bytes,
        )


class Retention:
    """Removes events and pictures."""

    def __init__(self, database: Database, pictures: Pictures) -> None:
        self._database, self._pictures = database, pictures

    def older_than(self, max_age: timedelta) -> Pruned:
        """Remove events that ended longer ago than this."""
        return self.remove(EVENTS.c.ended_at < datetime.now(UTC) - max_age)

    def remove(self, condition: ColumnElement[bool]) -> Pruned:
        """Remove events, and all that hangs on them, so that no byte of them stays."""
        oldest = _oldest(condition)
        removed = Pruned()
        while batch := self._folders(oldest):
            removed += self._leave(batch, _delete_events)
            removed += Pruned(num_events=len(batch))
        self._database.scrub()
        return removed

    def larger_than(self, max_bytes: int) -> Pruned:
        """Remove the oldest pictures until the others fit; their events stay."""
        removed = Pruned()
        while batch := self._too_much(max_bytes):
            removed += self._leave(batch, _drop_pictures)
        return removed

    def sweep(self) -> None:
        """Make disk and database agree where a writer died in between."""
        for folder in self._pictures.unsettled():
            event_id = folder.rpartition("/")[2]
            num_bytes = select(EVENTS.c.picture_bytes).where(EVENTS.c.id == event_id)
            with self._database.reading() as connection:
                has_pictures = bool(connection.scalar(num_bytes))
            if has_pictures:
                self._pictures.settle(folder)
            else:
                self._pictures.remove(folder)

    def _folders(self, events: Select[Any]) -> dict[str, str]:
        with self._database.reading() as connection:
            found = connection.execute(events).mappings().all()
        return {row["id"]: folder_of(row["id"], row["started_at"]) for row in found}

    def _too_much(self, max_bytes: int) -> dict[str, str]:
        """The oldest pictures that have to go, of so many events at most as one batch has."""
        batch = {}
        with self._database.reading() as connection:
            all_bytes = select(func.sum(EVENTS.c.picture_bytes)).where(HAS_PICTURES)
            total = connection.scalar(all_bytes) or 0
            oldest = connection.execute(_oldest(HAS_PICTURES))
            for row in oldest.mappings():
                if total <= max_bytes:
                    break
                batch[row["id"]] = folder_of(row["id"], row["started_at"])
                total -= row["picture_bytes"]
        return batch

    def _leave(
        self, folders: Mapping[str, str], take_out: Callable[[Connection, list[str]], None]
    ) -> Pruned:
        self._pictures.mark(*folders.values())
        with self._database.writing() as connection:
            take_out(connection, list(folders))
        removed = [self._pictures.remove(folder) for folder in folders.values()]
        return Pruned(0, sum(r.num_files for r in removed), sum(r.num_bytes for r in removed))


def _oldest(condition: ColumnElement[bool] | TextClause) -> Select[Any]:
    columns = (EVENTS.c.id, EVENTS.c.started_at, EVENTS.c.picture_bytes)
    order = (EVENTS.c.ended_at, EVENTS.c.id)
    return select(*columns).where(condition).order_by(*order).limit(_BATCH)


def _delete_events(connection: Connection, event_ids: list[str]) -> None:
    # Strips and messages go with them.
    connection.execute(delete(EVENTS).where(EVENTS.c.id.in_(event_ids)))


def _drop_pictures(connection: Connection, event_ids: list[str]) -> None:
    gone = {"crop_file": "", "frame_file": "", "picture_bytes": 0}
    connection.execute(update(EVENTS).where(EVENTS.c.id.in_(event_ids)).values(gone))
    connection.execute(update(STRIP).where(STRIP.c.event_id.in_(event_ids)).values(file=""))
