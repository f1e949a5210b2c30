"""From a `Query` to SQL, and pages that stay stable while events arrive."""

import base64
import binascii
import math
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from platestream.core.alphabet import normalize
from platestream.core.errors import ConfigError, StoreBusy
from platestream.core.matching import similarities
from platestream.core.text import plain_line
from platestream.store import plate_parts
from platestream.store.ends import last_end
from platestream.store.picture_files import is_event_id
from platestream.store.privacy import Privacy
from platestream.store.records import Query, StoredEvent, Total
from platestream.store.tables import EVENTS

MIN_LIKENESS = 0.7
"""Of `looks_like`: two of seven characters may differ, more where the reader confuses them."""

MAX_PAGE = 1000
MAX_TOTAL = 10_000
"""So many events are counted at most, so that a total takes no longer than a search."""

COMPARE_WITHIN_S = 5.0
"""How long `looks_like` may compare plates; then it is given up."""

_MAX_LOOKALIKES = 5000  # well under what either database takes as parameters
_BATCH = 5_000


class Search:
    """Finds events.

    Args:
        privacy: Lets whole plates be found by their hashes, too.
    """

    def __init__(self, privacy: Privacy) -> None:
        self._privacy = privacy

    def conditions(
        self, connection: Connection, query: Query, *, is_first_page: bool = True
    ) -> list[ColumnElement[bool]]:
        """What a row of ``events`` must fulfil.

        Args:
            connection: To the database.
            query: What to look for.
            is_first_page: Otherwise the page's cursor tells the index where to begin. A second
                bound would be one too many: SQLite goes by either, and by the wrong one each page
                would go through all pages before it.

        Raises:
            ConfigError: the query makes no sense.
        """
        found = _conditions(query)
        if query.until is not None and is_first_page:
            until = _utc("until", query.until)
            found.append(EVENTS.c.ended_at <= last_end(connection, until, query.camera))
        if query.plate:
            found.append(self._plate_fits(connection, clean("plate", query.plate)))
        if query.looks_like:
            wanted = normalize(clean("looks_like", query.looks_like))
            found.append(EVENTS.c.plate.in_(_lookalikes(connection, wanted, found)))
        return found

    def of(self, plate: str) -> ColumnElement[bool] | None:
        """What holds of a plate's events, or of the one of an id; None where there is no plate."""
        if is_event_id(plate):
            return EVENTS.c.id == plate
        plate = normalize(clean("plate", plate))
        if not plate:  # that is what events without a plate have
            return None
        is_theirs = or_(EVENTS.c.plate == plate, EVENTS.c.read_plate == plate)
        if hashed := self._privacy.hash(plate):
            is_theirs |= EVENTS.c.plate_hash == hashed
        return is_theirs

    def _plate_fits(self, connection: Connection, text: str) -> ColumnElement[bool]:
        if not (text := normalize(text)):
            msg = "plate: that is no part of any; type at least one letter or digit of it"
            raise ConfigError(msg)
        longest = max(re.split(r"[*?]", text), key=len)
        plates = plate_parts.plates_with(connection, longest)
        fits = self._is_like(text)
        # Named one by one, as the index of plates takes them; in any other way it may be left.
        return fits if plates is None else and_(or_(*self._named(plates, text)), fits)

    def _named(self, plates: Sequence[str], text: str) -> list[ColumnElement[bool]]:
        hashed = self._privacy.hash(text)
        named: list[ColumnElement[bool]] = [EVENTS.c.plate.in_(plates)]
        return [*named, EVENTS.c.plate_hash == hashed] if hashed else named

    def _is_like(self, text: str) -> ColumnElement[bool]:
        pattern = text.replace("\\", "\\\\").replace("%", "\\%")  # normalize drops underscores
        if "*" in text or "?" in text:
            pattern = pattern.replace("*", "%").replace("?", "_")
            return EVENTS.c.plate.like(pattern, escape="\\")
        is_part = EVENTS.c.plate.like(f"%{pattern}%", escape="\\")
        hashed = self._privacy.hash(text)
        return or_(is_part, EVENTS.c.plate_hash == hashed) if hashed else is_part


def _lookalikes(
    connection: Connection, wanted: str, narrowed: list[ColumnElement[bool]]
) -> list[str]:
    """The stored plates most like one, best first.

    Each character that one plate has more than the other costs a whole one, so those of other
    lengths are left out without a look at them.
    """
    shortest = max(1, math.ceil(len(wanted) * MIN_LIKENESS - 1e-9))
    longest = math.floor(len(wanted) / MIN_LIKENESS + 1e-9)
    fits = func.length(EVENTS.c.plate).between(shortest, longest)
    plates = select(EVENTS.c.plate).distinct().where(fits, *narrowed)
    until_s = time.monotonic() + COMPARE_WITHIN_S
    alike: list[tuple[float, str]] = []
    for batch in connection.scalars(plates).partitions(_BATCH):
        scored = zip(similarities(wanted, batch).tolist(), batch, strict=True)
        alike += [pair for pair in scored if pair[0] >= MIN_LIKENESS]
        if time.monotonic() > until_s:
            msg = "too many plates to compare; narrow the search by camera or time"
            raise StoreBusy(msg)
    return [plate for _, plate in sorted(alike, reverse=True)[:_MAX_LOOKALIKES]]


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.camera:
        found.append(EVENTS.c.camera == clean("camera", query.camera))
    if query.since is not None:
        found.append(EVENTS.c.ended_at >= _utc("since", query.since))
    if query.until is not None:
        found.append(EVENTS.c.started_at < _utc("until", query.until))
    if query.min_confidence > 0:
        found.append(EVENTS.c.confidence >= query.min_confidence)
    if query.known is not None:
        # The first as its indices say it: they would not be chosen by a parameter.
        is_known = EVENTS.c.known_as != literal_column("''")
        found.append(is_known if query.known else EVENTS.c.known_as == "")
    return found


def is_costly(query: Query) -> bool:
    """Whether the database may have to go through all events for a page."""
    return bool(query.plate or query.looks_like or query.min_confidence or query.known is not None)


def camera_names(connection: Connection) -> list[str]:
    """Names of all cameras that have events, sorted.

    From each name to the next one in the index: `DISTINCT` would go through all events.
    """
    first = select(func.min(EVENTS.c.camera).label("camera")).cte("names", recursive=True)
    after = select(func.min(EVENTS.c.camera)).where(EVENTS.c.camera > first.c.camera)
    rest = select(after.correlate(first).scalar_subquery()).where(first.c.camera.is_not(None))
    names = first.union_all(rest)
    found = connection.scalars(select(names.c.camera).where(names.c.camera.is_not(None)))
    return sorted(name for name in found if isinstance(name, str))


def total(connection: Connection, conditions: list[ColumnElement[bool]], most: int) -> Total:
    """Count events and plates among the newest of those that fit."""
    plate = func.coalesce(func.nullif(EVENTS.c.plate, ""), EVENTS.c.plate_hash).label("plate")
    newest = (EVENTS.c.ended_at.desc(), EVENTS.c.id.desc())
    fits = select(plate).where(*conditions).order_by(*newest).limit(most + 1).subquery()
    plates = func.count(func.nullif(fits.c.plate, "").distinct())
    num_events, num_plates = connection.execute(
        select(func.count(), plates).select_from(fits)
    ).one()
    return Total(min(num_events, most), num_plates, num_events <= most)


def by_hour(
    connection: Connection, conditions: list[ColumnElement[bool]], past: int
) -> list[tuple[datetime, int]]:
    """Hours, which begin `past` minutes past those of UTC, and how many events ended in each."""
    ended_at = EVENTS.c.ended_at
    if connection.dialect.name == "sqlite":
        hour = func.strftime("%Y-%m-%dT%H:00Z", ended_at, f"-{past} minutes").label("hour")
    else:
        earlier = ended_at.op("-")(func.make_interval(0, 0, 0, 0, 0, past))
        hour = func.to_char(earlier, 'YYYY-MM-DD"T"HH24:00Z').label("hour")
    counted = select(hour, func.count().label("num")).where(*conditions).group_by("hour")
    found = connection.execute(counted.order_by("hour")).mappings()
    hours = [(_hour(row["hour"]), row["num"]) for row in found]
    return [(hour + timedelta(minutes=past), num) for hour, num in hours if hour is not None]


def _hour(text: object) -> datetime | None:
    """None where a time is damaged; what SQLite makes of it may be anything."""
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def newest_first(limit: int, cursor: str | None) -> Select[Any]:
    """Select a page of events and one more, which tells whether there is a next page.

    Raises:
        ConfigError: the limit is out of range or the cursor is none of ours.
    """
    check_limit(limit)
    order = (EVENTS.c.ended_at, EVENTS.c.id)
    page = select(EVENTS).order_by(*(column.desc() for column in order)).limit(limit + 1)
    return page.where(tuple_(*order) < tuple_(*_parse_cursor(cursor))) if cursor else page


def check_limit(limit: int) -> None:
    """Refuse a page without an event, or one too large.

    Raises:
        ConfigError: it is.
    """
    if not 1 <= limit <= MAX_PAGE:
        msg = f"limit {limit}: give a number from 1 to {MAX_PAGE}"
        raise ConfigError(msg)


def cursor_after(event: StoredEvent) -> str:
    """Where the page after this event starts; opaque to whoever gives it back."""
    return base64.urlsafe_b64encode(f"{event.ended_at.isoformat()} {event.id}".encode()).decode()


def _parse_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, event_id = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), clean("cursor", event_id)
    except (binascii.Error, ValueError, OverflowError, ConfigError) as error:
        msg = f"cursor {cursor!r} is none that a page gave; start again without one"
        raise ConfigError(msg) from error


def clean(name: str, text: str) -> str:
    """Refuse what no database can hold and no terminal should get, before it is our failure."""
    if plain_line(text) != text:
        msg = f"{name} {text!r} has characters that no text has; remove them"
        raise ConfigError(msg)
    return text


def _utc(name: str, at: datetime) -> datetime:
    try:
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except OverflowError:
        pass
    msg = f"{name} {at.isoformat()}: give a time with its zone, such as 2026-11-23T08:00:00Z"
    raise ConfigError(msg)
