"""One stored event: found by its id, and corrected by a person."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Connection, select, update

from platestream.core.errors import ConfigError, DataError, EventNotFound
from platestream.store import plate_parts, rows, watchlists
from platestream.store.picture_files import is_event_id
from platestream.store.privacy import Privacy
from platestream.store.records import StoredEvent
from platestream.store.search import clean
from platestream.store.tables import EVENTS, STRIP


def get(connection: Connection, event_id: str) -> StoredEvent:
    """An event with its strip.

    Raises:
        EventNotFound: there is none of this id.
    """
    # What is no id is not even asked for: it may be text that no database can hold.
    row = None
    if is_event_id(event_id):
        row = connection.execute(select(EVENTS).where(EVENTS.c.id == event_id)).mappings().first()
    if row is None:
        msg = f"{event_id!r}: there is no such event; it may have been pruned"
        raise EventNotFound(msg)
    strip = select(STRIP).where(STRIP.c.event_id == event_id).order_by(STRIP.c.position)
    return rows.stored_event(row, connection.execute(strip).mappings().all())


def correct(
    connection: Connection,
    event_id: str,
    plate: str,
    by: str,
    privacy: Privacy,
    name: Callable[[str], str],
) -> StoredEvent:
    """Note what a person says the plate is; see `EventStore.correct`."""
    plate = watchlists.parse_plate(plate)
    if not clean("by", by):
        msg = "by: say who corrects it"
        raise ConfigError(msg)
    event = get(connection, event_id)
    known_as, watched = name(plate), partial(watchlists.is_watched, connection)
    if not (event.read_plate and privacy.keeps(plate, known_as, watched)):
        msg = f"{event_id}: privacy forbids to keep this plate; change `plates` first"
        raise DataError(msg)
    row = update(EVENTS).where(EVENTS.c.id == event_id)
    connection.execute(
        row.values(plate=plate, known_as=known_as, corrected_by=by, corrected_at=datetime.now(UTC))
    )
    plate_parts.note(connection, plate)
    plate_parts.forget(connection, [event.event.plate])
    return get(connection, event_id)


def corrected_ids(connection: Connection) -> Sequence[str]:
    """Events that a person corrected, oldest correction first."""
    corrected = select(EVENTS.c.id).where(EVENTS.c.corrected_at.is_not(None))
    return connection.scalars(corrected.order_by(EVENTS.c.corrected_at)).all()
