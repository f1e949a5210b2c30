"""How an event gets into the store: pictures first, then its rows at once; none is half there."""

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, delete, insert, select, update

from platestream.core.errors import StoreError
from platestream.store import outbox, plate_parts, rows
from platestream.store.database import Database
from platestream.store.picture_files import Pictures, is_event_id
from platestream.store.records import Message, NewEvent
from platestream.store.retention import Retention
from platestream.store.tables import EVENTS, STRIP

AsKept: TypeAlias = Callable[[Connection, NewEvent], NewEvent]
"""What privacy leaves of an event."""


class EventWriter:
    """Writes events, what becomes of them, and the messages on them. Thread-safe.

    Args:
        database: Of the rows.
        pictures: Of the pictures.
        retention: Removes what is withdrawn.
        as_kept: What is kept of an event.
    """

    def __init__(
        self, database: Database, pictures: Pictures, retention: Retention, as_kept: AsKept
    ) -> None:
        self._database, self._pictures = database, pictures
        self._retention, self._as_kept = retention, as_kept
        self._writing = Lock()

    def write(self, event: NewEvent, messages: Sequence[Message]) -> None:
        """See `EventStore.add`."""
        if not is_event_id(event.id):
            msg = f"event id {event.id!r}: use a UUID in small letters"
            raise StoreError(msg)
        with self._writing:
            with self._database.reading() as connection:
                known = _known(connection, event.id)
                event = self._as_kept(connection, event)
            if known is not None and known.state == "final":
                return
            if event.state == "withdrawn":
                self._withdraw(event.id, messages)
            elif known is None:
                self._add(event, messages)
            else:
                self._change(event, known, messages)

    def _add(self, event: NewEvent, messages: Sequence[Message]) -> None:
        folder, pictures = rows.folder_of(event.id, event.started_at), rows.pictures_of(event)
        names = {name: f"{folder}/{name}.jpg" for name in pictures}
        num_bytes = self._pictures.write(folder, pictures) if pictures else 0
        event = _as_pictured(event, pictures)
        strip = rows.strip_rows(event, names)
        with self._database.writing() as connection:
            connection.execute(insert(EVENTS), rows.event_row(event, names, num_bytes))
            plate_parts.note(connection, event.event.plate)
            if strip:
                connection.execute(insert(STRIP), strip)
            outbox.enqueue(connection, messages)
        self._pictures.settle(folder)

    def _change(self, event: NewEvent, known: Row[Any], messages: Sequence[Message]) -> None:
        # The day of its folder never changes, whatever became of its first moment.
        event = replace(event, started_at=known.started_at)
        names, num_bytes, folder = None, 0, rows.folder_of(event.id, event.started_at)
        pictures = rows.pictures_of(event)
        stored = self._pictures.names(folder) if event.is_thinned else set()
        # Pictures of the very crop that is told of stay where there was no room for them again.
        is_same = event.is_thinned and event.best_at == known.best_at
        has_them = is_same and pictures.keys() <= stored
        if event.is_news and not has_them:
            names = {name: f"{folder}/{name}.jpg" for name in pictures}
            num_bytes = self._pictures.write(folder, pictures)
            stored = set(pictures)
        event = _as_pictured(event, stored)
        with self._database.writing() as connection:
            # Somebody may have corrected it while its pictures were written.
            columns = EVENTS.c["plate", "corrected_by"]
            now = select(*columns).where(EVENTS.c.id == event.id).with_for_update()
            before, corrected_by = connection.execute(now).one_or_none() or ("", "")
            changes = rows.changes(event, names, num_bytes, is_corrected=bool(corrected_by))
            connection.execute(update(EVENTS).where(EVENTS.c.id == event.id).values(changes))
            if changes.get("plate", before) != before:
                plate_parts.note(connection, changes["plate"])
                plate_parts.forget(connection, [before or ""])
            if names is not None:
                connection.execute(delete(STRIP).where(STRIP.c.event_id == event.id))
                if strip := rows.strip_rows(event, names):
                    connection.execute(insert(STRIP), strip)
            outbox.enqueue(connection, messages)
        if names is not None:
            self._pictures.settle(folder)

    def _withdraw(self, event_id: str, messages: Sequence[Message]) -> None:
        self._retention.remove(EVENTS.c.id == event_id, with_messages=False)
        if messages:
            with self._database.writing() as connection:
                outbox.enqueue(connection, messages)


def _as_pictured(event: NewEvent, stored: Container[str]) -> NewEvent:
    """An event that tells of no average where there was no room to keep one."""
    if not event.is_thinned or "stack" in stored:
        return event
    return replace(event, event=replace(event.event, num_stacked=0))


def _known(connection: Connection, event_id: str) -> Row[Any] | None:
    """What an event that is stored already keeps; None where it is new."""
    columns = EVENTS.c["state", "started_at", "best_at"]
    return connection.execute(select(*columns).where(EVENTS.c.id == event_id)).first()
