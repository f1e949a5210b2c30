"""The tables, the same in SQLite and PostgreSQL; `migrations` makes them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

from platestream.store.tolerant import LOST


class Utc(TypeDecorator[datetime]):
    """A moment: goes in with any time zone, comes out in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn it into UTC; SQLite drops the zone and keeps the text sortable."""
        if value is not None and value.tzinfo is None:
            msg = f"the time {value} has no time zone; give it one"
            raise ValueError(msg)
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what SQLite dropped."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """What is no time comes out as `LOST`."""
        return _tolerant(super().result_processor(dialect, coltype), LOST)


class Json(TypeDecorator[Any]):
    """Lists and objects; what is no JSON comes out as None."""

    impl = JSON
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """As the type's own, but nothing is raised."""
        return _tolerant(super().result_processor(dialect, coltype), None)


def _tolerant(process: Callable[[Any], Any] | None, instead: object) -> Callable[[Any], Any]:
    def processed(value: Any) -> Any:
        try:
            return process(value) if process else value
        except (AttributeError, OverflowError, RecursionError, TypeError, ValueError):
            return instead

    return processed


METADATA = MetaData()

_ID = String(36)
# SQLite counts up only in a column that is exactly INTEGER.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

EVENTS = Table(
    "events",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("camera", Text, nullable=False),
    # What holds now: a person's where there is one, else a rule's, else the reader's.
    Column("plate", Text, nullable=False),
    Column("read_plate", Text, nullable=False),
    Column("plate_hash", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=False),
    Column("best_at", Utc, nullable=False),
    Column("zones", Json, nullable=False),
    Column("direction", Text, nullable=False),
    Column("known_as", Text, nullable=False),
    Column("corrected_by", Text, nullable=False),
    Column("corrected_at", Utc),
    Column("crop_file", Text, nullable=False),
    Column("frame_file", Text, nullable=False),
    Column("picture_bytes", BigInteger, nullable=False),
    # The fields of `PlateEvent` that nobody searches by.
    Column("details", Json, nullable=False),
    # Those of before it are over.
    Column("state", Text, nullable=False, server_default="final"),
    Column("since", Utc),
    Index("events_by_time", "ended_at", "id"),
    Index("events_by_camera", "camera", "ended_at", "id"),
    Index("events_by_plate", "plate", "ended_at"),
    Index("events_by_read_plate", "read_plate"),
    Index("events_by_plate_hash", "plate_hash", "ended_at"),
)


def _some_events(name: str, *columns: str, where: str, postgresql_where: str = "") -> Index:
    """An index of few events, which a database uses for a question of the same words.

    Args:
        name: Of the index.
        columns: Its columns.
        where: Which events are in it.
        postgresql_where: The same as PostgreSQL spells it; as `where` when omitted.
    """
    return Index(
        name,
        *(EVENTS.c[column] for column in columns),
        sqlite_where=text(where),
        postgresql_where=text(postgresql_where or where),
    )


HAS_PICTURES = text("picture_bytes > 0")
"""A condition without parameters: with one, no index is chosen by it."""

_some_events(
    "events_with_pictures", "ended_at", "id", "started_at", "picture_bytes", where=str(HAS_PICTURES)
)
GOES_ON = text("state <> 'final'")
"""The same of events that are not over."""

_some_events("events_going_on", "camera", "id", where=str(GOES_ON))
_some_events("events_over_lines", "ended_at", "id", where="direction <> ''")
_some_events(
    "events_over_lines_by_plate", "plate", "plate_hash", "ended_at", "id", where="direction <> ''"
)
_some_events("events_known", "ended_at", "id", where="known_as <> ''")
_some_events("events_known_by_camera", "camera", "ended_at", "id", where="known_as <> ''")
_some_events("events_corrected", "corrected_at", "id", where="corrected_at IS NOT NULL")

LASTED_LONG = {
    # In another hour than they began: text is compared, as no date can be made of a damaged one.
    "sqlite": text("substr(started_at, 1, 13) <> substr(ended_at, 1, 13)"),
    # Without zones, as an index may not depend on that of the server.
    "postgresql": text(
        "(ended_at AT TIME ZONE 'UTC') > (started_at AT TIME ZONE 'UTC') + interval '1 hour'"
    ),
}
"""By the database: all events that lasted longer than an hour, and in SQLite some others."""

_some_events(
    "events_that_lasted",
    "started_at",
    "ended_at",
    "camera",
    where=str(LASTED_LONG["sqlite"]),
    postgresql_where=str(LASTED_LONG["postgresql"]),
)

PARTS = Table(
    "plate_parts",
    METADATA,
    # By code points, so that what begins alike stands together; SQLite compares so anyway.
    Column("part", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("plate", Text, primary_key=True),
)
"""See `plate_parts`."""

STRIP = Table(
    "strip",
    METADATA,
    Column("event_id", _ID, ForeignKey(EVENTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("frame_index", BigInteger, nullable=False),
    Column("at", Utc, nullable=False),
    Column("quality", Float, nullable=False),
    Column("text", Text),
    Column("score", Float),
    Column("file", Text, nullable=False),
)

MESSAGES = Table(
    "messages",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("sink", Text, nullable=False),
    Column("camera", Text, nullable=False),
    # Not a foreign key: that a passage was withdrawn is told when its event is gone.
    Column("event_id", _ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("num_tries", Integer, nullable=False),
    Column("due_at", Utc),
    Index("messages_in_order", "sink", "camera", "number"),
    Index("messages_of_event", "event_id"),
    sqlite_autoincrement=True,  # a number is never used twice
)

WATCH = Table(
    "watch",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("list_name", Text, nullable=False),
    Column("plate", Text, nullable=False),
    Column("label", Text, nullable=False),
    UniqueConstraint("list_name", "plate", name="watch_once"),
    sqlite_autoincrement=True,
)

CAMERAS = Table(
    "cameras",
    METADATA,
    Column("name", Text, primary_key=True),
    # Only what was set on the page: the configuration file has the rest.
    Column("settings", Json, nullable=False),
)

USERS = Table(
    "users",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("user_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("used_at", Utc, nullable=False),
)

WEIGHTS = Table(
    "weights",
    METADATA,
    Column("since", Utc, primary_key=True),
    Column("checksums", Json, nullable=False),
)
