"""How long events are kept, and how they are removed so that a crash leaves nothing behind.

What is removed is marked on disk first, then leaves the database in one transaction, then the
disk. A crash in between leaves marked pictures, which the next sweep removes.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    TextClause,
    case,
    delete,
    func,
    select,
    update,
)

from platestream.core.errors import StoreError
from platestream.store import outbox, plate_parts
from platestream.store.database import Database
from platestream.store.picture_files import Pictures, is_event_id
from platestream.store.rows import folder_of
from platestream.store.tables import EVENTS, HAS_PICTURES, MESSAGES, STRIP
from platestream.store.tolerant import LOST, whole

logger = logging.getLogger(__name__)

_BATCH = 500
"""Events that leave in one transaction; a camera waits no longer than this takes."""


_MOST_BYTES = 10**12
"""More than the pictures of one event take, by far."""


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

    def older_than(self, max_age: timedelta, now: datetime | None = None) -> Pruned:
        """Remove events that ended longer before `now` than this, and what still waits of them."""
        before = (now or datetime.now(UTC)) - max_age
        with self._database.writing() as connection:
            outbox.forget_older(connection, before)
        return self.remove(EVENTS.c.ended_at < before)

    def remove(self, condition: ColumnElement[bool], *, with_messages: bool = True) -> Pruned:
        """Remove events, and all that hangs on them, so that no byte of them stays.

        Args:
            condition: Which.
            with_messages: Whether what is yet to be told of them goes too.
        """
        take_out = _delete_events if with_messages else _delete_rows
        oldest = _oldest(condition)
        removed = Pruned()
        while batch := self._folders(oldest):
            left = self._leave(batch, take_out)
            removed += left
            if not left.num_events:  # a damaged database gives the same ones for ever
                logger.warning("%d damaged events cannot be removed", len(batch))
                break
        self._database.scrub()
        return removed

    def larger_than(self, max_bytes: int) -> Pruned:
        """Remove the oldest pictures until the others fit; their events stay."""
        removed = Pruned()
        while batch := self._too_much(max_bytes):
            left = self._leave(batch, _drop_pictures)
            removed += replace(left, num_events=0)
            if not left.num_events:
                logger.warning("the pictures of %d damaged events cannot be removed", len(batch))
                break
        return removed

    def sweep(self) -> None:
        """Make disk and database agree where a writer died in between.

        A folder that the disk will not let go of is named in the log, and holds up nothing else.
        """
        for folder in self._pictures.unsettled():
            event_id = folder.rpartition("/")[2]
            num_bytes = select(EVENTS.c.picture_bytes).where(EVENTS.c.id == event_id)
            with self._database.reading() as connection:
                has_pictures = bool(connection.scalar(num_bytes))
            try:
                if has_pictures:
                    self._pictures.settle(folder)
                else:
                    self._pictures.remove(folder)
            except StoreError as error:
                logger.warning("the pictures in %s cannot be cleared away: %s", folder, error)

    def _folders(self, events: Select[Any]) -> dict[str, str]:
        with self._database.reading() as connection:
            found = connection.execute(events).mappings().all()
        return {row["id"]: self._folder(row) for row in found}

    def _folder(self, row: RowMapping) -> str:
        """Where an event's pictures are; empty where a damaged row does not tell."""
        if not is_event_id(row["id"]):
            return ""
        if row["started_at"] in (None, LOST):
            return self._pictures.find(row["id"])
        return folder_of(row["id"], row["started_at"])

    def _too_much(self, max_bytes: int) -> dict[str, str]:
        """The oldest pictures that have to go, of so many events at most as one batch has."""
        batch = {}
        with self._database.reading() as connection:
            # A damaged one, counted as it stands, may be more than a sum can be.
            is_sane = EVENTS.c.picture_bytes.between(0, _MOST_BYTES)
            sane_bytes = case((is_sane, EVENTS.c.picture_bytes), else_=0)
            all_bytes = select(func.sum(sane_bytes)).where(HAS_PICTURES)
            total = whole(connection.scalar(all_bytes))
            oldest = connection.execute(_oldest(HAS_PICTURES))
            for row in oldest.mappings():
                if total <= max_bytes:
                    break
                batch[row["id"]] = self._folder(row)
                total -= whole(row["picture_bytes"], _MOST_BYTES)
        return batch

    def _leave(
        self, events: Mapping[str, str], take_out: Callable[[Connection, list[str]], int]
    ) -> Pruned:
        folders = [folder for folder in events.values() if folder]
        self._pictures.mark(*folders)
        with self._database.writing() as connection:
            num_events = take_out(connection, [each for each in events if isinstance(each, str)])
        removed, failed = [], None
        for folder in folders:
            try:
                removed.append(self._pictures.remove(folder))
            except StoreError as error:  # it stays marked, and is swept later
                failed = error
        if failed:
            raise failed
        return Pruned(
            num_events, sum(r.num_files for r in removed), sum(r.num_bytes for r in removed)
        )


def _oldest(condition: ColumnElement[bool] | TextClause) -> Select[Any]:
    columns = (EVENTS.c.id, EVENTS.c.started_at, EVENTS.c.picture_bytes)
    order = (EVENTS.c.ended_at, EVENTS.c.id)
    return select(*columns).where(condition).order_by(*order).limit(_BATCH)


def _delete_events(connection: Connection, event_ids: list[str]) -> int:
    connection.execute(delete(MESSAGES).where(MESSAGES.c.event_id.in_(event_ids)))
    return _delete_rows(connection, event_ids)


def _delete_rows(connection: Connection, event_ids: list[str]) -> int:
    theirs = EVENTS.c.id.in_(event_ids)
    plates = connection.scalars(select(EVENTS.c.plate).where(theirs).distinct()).all()
    # Strips go with them.
    num_events = connection.execute(delete(EVENTS).where(theirs)).rowcount
    plate_parts.forget(connection, [plate for plate in plates if isinstance(plate, str)])
    return num_events


def _drop_pictures(connection: Connection, event_ids: list[str]) -> int:
    gone = {"crop_file": "", "frame_file": "", "picture_bytes": 0}
    changed = connection.execute(update(EVENTS).where(EVENTS.c.id.in_(event_ids)).values(gone))
    connection.execute(update(STRIP).where(STRIP.c.event_id.in_(event_ids)).values(file=""))
    return changed.rowcount
