"""What people set on the page, and what must survive a restart beside the events."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select

from platestream.store import tolerant
from platestream.store.database import Database
from platestream.store.records import StoredSession, StoredUser
from platestream.store.sealing import SealKey, seal, unseal
from platestream.store.search import clean
from platestream.store.tables import CAMERAS, SESSIONS, USERS, WEIGHTS

SEALED_KEYS = ("url", "username", "password")
"""Of a camera; an address may hold a login, or a key in its path."""

_MARK = "sealed"

logger = logging.getLogger(__name__)


class Settings:
    """Cameras, users, sessions and weights in the store's database. Thread-safe.

    Every method raises StoreError when the database fails.

    Args:
        database: The event store's.
        key: Seals the cameras' addresses and logins.
    """

    def __init__(self, database: Database, key: SealKey) -> None:
        self._database, self._key = database, key

    def cameras(self) -> dict[str, dict[str, Any]]:
        """What was set of each camera, by name; of a damaged row nothing.

        What cannot be unsealed is left out, and the log says so.
        """
        return {name: self._unsealed(name, row) for name, row in self._camera_rows().items()}

    def put_camera(self, name: str, settings: Mapping[str, Any]) -> None:
        """Keep what was set of a camera, in place of what was before."""
        row = {"name": clean("name", name), "settings": self._sealed(name, settings)}
        with self._database.writing() as connection:
            _replace(connection, CAMERAS, "name", [row])

    def seal_cameras(self) -> None:
        """Seal what an older platestream kept in clear, or what another key sealed."""
        rows = self._camera_rows().items()
        clear = [(name, row) for name, row in rows if self._is_to_seal(name, row)]
        for name, row in clear:
            self.put_camera(name, {**row, **self._unsealed(name, row)})
        if clear:
            self._database.scrub()

    def drop_camera(self, name: str) -> None:
        """Forget what was set of a camera."""
        with self._database.writing() as connection:
            connection.execute(delete(CAMERAS).where(CAMERAS.c.name == name))
        self._database.scrub()

    def _camera_rows(self) -> dict[str, dict[str, Any]]:
        with self._database.reading() as connection:
            found = connection.execute(select(CAMERAS).order_by(CAMERAS.c.name)).mappings().all()
        return {
            row["name"]: row["settings"] if isinstance(row["settings"], dict) else {}
            for row in found
            if isinstance(row["name"], str)
        }

    def _sealed(self, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: {_MARK: seal(self._key.to_seal(), value, f"{name}.{key}")}
            if key in SEALED_KEYS and isinstance(value, str)
            else value
            for key, value in settings.items()
        }

    def _unsealed(self, name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        settings = dict(row)
        for key in SEALED_KEYS:
            sealed = _sealed_in(row.get(key))
            if sealed is None:
                continue
            keys = self._key.to_open()
            opened = (unseal(each, sealed, f"{name}.{key}") for each in keys)
            settings[key] = next((text for text in opened if text is not None), None)
            if settings[key] is None:
                del settings[key]
                logger.warning(
                    "camera %s: its %s was sealed by another key than %s; put that back, or set "
                    "it anew on the page",
                    *(name, key, self._key.name),
                )
        return settings

    def _is_to_seal(self, name: str, row: Mapping[str, Any]) -> bool:
        """Whether something is in clear, or only another key than the one that seals opens it."""
        for key in SEALED_KEYS:
            sealed = _sealed_in(row.get(key))
            if sealed is None and isinstance(row.get(key), str):
                return True
            if sealed is not None:
                by = [unseal(each, sealed, f"{name}.{key}") for each in self._key.to_open()]
                if by and by[0] is None and any(text is not None for text in by):
                    return True
        return False

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


def _sealed_in(value: object) -> str | None:
    """What is sealed in a value; None where it is in clear."""
    sealed = value.get(_MARK) if isinstance(value, dict) else None
    return sealed if isinstance(sealed, str) else None


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
