"""What people set on the page, and what must survive a restart beside the events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from platestream.store import tolerant
from platestream.store.database import Database
from platestream.store.records import StoredSession, StoredUser
from platestream.store.search import clean
from platestream.store.tables import CAMERAS, SESSIONS, USERS, WEIGHTS


class Settings:
    """Cameras, users, sessions and weights in the store's database. Thread-safe.

    Every method raises StoreError when the database fails.

    Args:
        database: The event store's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def cameras(self) -> dict[str, dict[str, Any]]:
        """What was set of each camera, by name; of a damaged row nothing."""
        with self._database.reading() as connection:
            found = connection.execute(select(CAMERAS).order_by(CAMERAS.c.name)).mappings().all()
        return {
            row["name"]: row["settings"] if isinstance(row["settings"], dict) else {}
            for row in found
            if isinstance(row["name"], str)
        }

    def put_camera(self, name: str, settings: Mapping[str, Any]) -> None:
        """Keep what was set of a camera, in place of what was before."""
        row = {"name": clean("name", name), "settings": dict(settings)}
        with self._database.writing() as connection:
            _replace(connection, CAMERAS, "name", [row])

    def drop_camera(self, name: str) -> None:
        """Forget what was set of a camera."""
        with self._database.writing() as connection:
            connection.execute(delete(CAMERAS).where(CAMERAS.c.name == name))
        self._database.scrub()

    def users(self) -> list[StoredUser]:
        """Users that were added on the page, by name."""
        with self._database.reading() as connection:
            found = connection.execute(select(USERS).order_by(USERS.c.name)).mappings().all()
        return [tolerant.make(StoredUser, dict(row)) for row in found]

    def put_user(self, user: StoredUser) -> None:
        """Keep a user, in place of one of the same name."""
        clean("name", user.name)
        with self._database.writing() as connection:
            _replace(connection, USERS, "name", [asdict(user)])

    def drop_user(self, name: str) -> None:
        """Forget a user; their sessions count no more, since nobody has their password."""
        with self._database.writing() as connection:
            connection.execute(delete(USERS).where(USERS.c.name == name))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user_name == name))

    def sessions(self) -> list[StoredSession]:
        """All sessions, the one that was used last at the end; damaged ones are over."""
        with self._database.reading() as connection:
            ordered = select(SESSIONS).order_by(SESSIONS.c.used_at)
            found = connection.execute(ordered).mappings().all()
        return [tolerant.make(StoredSession, dict(row)) for row in found]

    def keep_sessions(self, sessions: Sequence[StoredSession], ended: Iterable[str]) -> None:
        """Keep sessions as they are now, and forget those that ended.

        Args:
            sessions: New ones, and those that were used.
            ended: Digests.
        """
        with self._database.writing() as connection:
            _remove(connection, SESSIONS, "digest", ended)
            _replace(connection, SESSIONS, "digest", [asdict(each) for each in sessions])

    def note_weights(self, checksums: Mapping[str, str], now: datetime) -> None:
        """Say which weights read from now on; nothing where they are those of before."""
        with self._database.writing() as connection:
            newest = select(WEIGHTS.c.checksums).order_by(WEIGHTS.c.since.desc()).limit(1)
            if connection.scalar(newest) != dict(checksums):
                row = {"since": now, "checksums": dict(checksums)}
                _replace(connection, WEIGHTS, "since", [row])

    def weights_at(self, at: datetime) -> dict[str, str]:
        """SHA-256 of each network's file that read at a moment; empty where nobody noted it."""
        before = select(WEIGHTS.c.checksums).where(WEIGHTS.c.since <= at)
        with self._database.reading() as connection:
            found = connection.scalar(before.order_by(WEIGHTS.c.since.desc()).limit(1))
        return found if isinstance(found, dict) else {}


def _replace(
    connection: Connection, table: Table, key: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write rows in place of those with the same key, in both databases' common words."""
    if rows:
        _remove(connection, table, key, (row[key] for row in rows))
        connection.execute(insert(table), [dict(row) for row in rows])


def _remove(connection: Connection, table: Table, key: str, values: Iterable[Any]) -> None:
    for value in values:
        connection.execute(delete(table).where(table.c[key] == value))
