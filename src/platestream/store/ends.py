"""How late those events end that began before a moment.

Searches go through events by their ends, and people ask for those that began until some moment.
Soon after it all of them are over, but for the few that lasted long, which have an index of their
own. With the end of the last of them both bounds of a search are ends, and it looks at no event
that came later.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from platestream.store.tables import EVENTS, LASTED_LONG

LONG = timedelta(hours=1)
"""An event that lasted for longer is in the index."""

LONGEST = timedelta(days=366)
"""What would have lasted for longer has a damaged time, or is of a clock that was set meanwhile.
Such an event would have every search look at all that came later, so it is found by its end."""

_FIRST, _LAST = (each.replace(tzinfo=UTC) for each in (datetime.min, datetime.max))


def last_end(connection: Connection, until: datetime, camera: str = "") -> datetime:
    """A moment that no event outlasts that began before another one.

    Args:
        connection: To the database.
        until: Before it they began, in UTC.
        camera: Only its events count; all when empty.
    """
    began, ended = EVENTS.c.started_at, EVENTS.c.ended_at
    soon = _later(until, LONG)
    spans = [
        began < until,
        began >= _earlier(until, LONGEST),
        ended > soon,
        ended <= _later(until, LONGEST),
    ]
    columns = (ended, EVENTS.c.camera)
    found = connection.execute(
        select(*columns).where(LASTED_LONG[connection.dialect.name], *spans)
    ).all()
    # Not by the database: SQLite would go by the index of the camera, through all its later
    # events; and its greatest of damaged ends may be one that cannot be read.
    ends: list[datetime] = [row.ended_at for row in found if camera in ("", row.camera)]
    return max([soon, *ends])


def _later(at: datetime, by: timedelta) -> datetime:
    return at + by if _LAST - at > by else _LAST


def _earlier(at: datetime, by: timedelta) -> datetime:
    return at - by if at - _FIRST > by else _FIRST
