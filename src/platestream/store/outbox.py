"""Messages that wait to be told, each camera's in order; they outlive a restart."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from platestream.core.ids import uuid7
from platestream.store import tolerant
from platestream.store.records import Message
from platestream.store.rows import message_row
from platestream.store.tables import EVENTS, MESSAGES

LONGEST_WAIT = timedelta(hours=1)
"""Nobody puts a message off for longer: if one is, the clock was set back since."""

_FIRST = datetime.fromtimestamp(0, UTC)
"""The first moment that an id can tell."""

_IS_GONE = ~exists().where(EVENTS.c.id == MESSAGES.c.event_id)


def enqueue(connection: Connection, messages: Sequence[Message]) -> None:
    """Put messages at the end."""
    if messages:
        connection.execute(insert(MESSAGES), [message_row(message) for message in messages])


def due(connection: Connection, now: datetime, limit: int) -> list[Message]:
    """Of each sink and camera the oldest message, if it may be tried now; no body if damaged."""
    oldest = select(func.min(MESSAGES.c.number)).group_by(MESSAGES.c.sink, MESSAGES.c.camera)
    due_at = MESSAGES.c.due_at
    is_due = or_(due_at.is_(None), due_at <= now, due_at > now + LONGEST_WAIT)
    wanted = select(MESSAGES).where(MESSAGES.c.number.in_(oldest), is_due)
    found = connection.execute(wanted.order_by(MESSAGES.c.number).limit(limit)).mappings()
    return [tolerant.make(Message, dict(row), row["event_id"]) for row in found]


def num_waiting(connection: Connection) -> dict[str, int]:
    """How many messages wait for each sink; none where it is left out."""
    counted = select(MESSAGES.c.sink, func.count().label("num")).group_by(MESSAGES.c.sink)
    return {row.sink: row.num for row in connection.execute(counted)}


def of(connection: Connection, event_id: str, events: ColumnElement[bool]) -> set[int]:
    """Numbers of the messages that wait of events, or of a passage that is no event any more.

    Args:
        connection: To the database.
        event_id: The passage's.
        events: Which.
    """
    theirs = MESSAGES.c.event_id.in_(select(EVENTS.c.id).where(events))
    wanted = select(MESSAGES.c.number).where(or_(theirs, MESSAGES.c.event_id == event_id))
    return set(connection.scalars(wanted))


def forget(connection: Connection, numbers: Iterable[int]) -> None:
    """Forget messages."""
    if values := [{"wanted": number} for number in numbers]:
        is_it = MESSAGES.c.number == bindparam("wanted")
        connection.execute(delete(MESSAGES).where(is_it), values)


def forget_older(connection: Connection, before: datetime) -> None:
    """Forget what waits of passages that began before then and are no events any more.

    Those of an event go with it. The table has no times, but the id of a camera's passage tells
    when it began; other ids are of the cameras' own states, and of no plate.
    """
    is_older = MESSAGES.c.event_id < uuid7(max(before, _FIRST), 0)
    tells_time = func.substr(MESSAGES.c.event_id, 15, 1) == "7"
    connection.execute(delete(MESSAGES).where(is_older, tells_time, _IS_GONE))


def told(connection: Connection, number: int) -> None:
    """Forget a message."""
    connection.execute(delete(MESSAGES).where(MESSAGES.c.number == number))


def retry(connection: Connection, number: int, due_at: datetime) -> None:
    """Let a message wait; those behind it wait with it."""
    waits = {"num_tries": MESSAGES.c.num_tries + 1, "due_at": due_at}
    connection.execute(update(MESSAGES).where(MESSAGES.c.number == number).values(waits))
