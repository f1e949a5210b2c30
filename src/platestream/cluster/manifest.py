"""What of a run is done: a SQLite file in the output folder, which makes a run resumable.

A unit's result and the fact that it is done are one transaction. Whatever is killed, a unit is
either there with all it gave, or it is still to do.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from platestream.cluster.units import (
    Unit,
    UnitResult,
    from_json,
    segment_from_json,
    segment_to_json,
    to_json,
)
from platestream.core.errors import ConfigError, StoreError
from platestream.core.private import FILE_MODE, make_private_folder, open_private

MANIFEST_FILE = "manifest.db"
LOCK_FILE = "run.lock"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS units (
    source TEXT NOT NULL,
    version TEXT NOT NULL,
    part INTEGER NOT NULL,
    num_parts INTEGER NOT NULL,
    segment TEXT NOT NULL,
    result TEXT,
    PRIMARY KEY (source, part)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS units_to_do ON units (source) WHERE result IS NULL;
CREATE TABLE IF NOT EXISTS stored (
    store TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (store, source)
) WITHOUT ROWID;
"""


class Manifest:
    """The manifest of one output folder; one run holds it at a time. Use it in a ``with``.

    Args:
        folder: The output folder; made if missing.
        settings: What the results depend on; another run must have the same.
        restart: Whether to forget what is done.

    Raises:
        ConfigError: another run is at work here, or the folder is of a run with other settings.
        StoreError: the folder or the file cannot be written.
    """

    def __init__(
        self, folder: Path, settings: Mapping[str, object], *, restart: bool = False
    ) -> None:
        self.path = folder / MANIFEST_FILE
        self._lock = _take_lock(folder)
        try:
            with self._errors():
                if restart:
                    _remove(self.path)
                open_private(self.path, "ab").close()  # SQLite gives its other files the same
                self._database = sqlite3.connect(self.path, isolation_level=None)
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = FULL")
                self._database.executescript(_SCHEMA)
            self._check(settings)
        except BaseException:
            os.close(self._lock)
            raise

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()
        os.close(self._lock)

    def versions(self) -> dict[str, str]:
        """Every source that is planned, and its version."""
        with self._errors():
            rows = self._database.execute("SELECT source, version FROM units WHERE part = 0")
            return dict(rows.fetchall())

    def num_units(self, sources: Sequence[str]) -> int:
        """How many units these sources have, done or not."""
        with self._errors():
            rows = self._database.execute("SELECT source, num_parts FROM units WHERE part = 0")
            num_parts = dict(rows.fetchall())
        return sum(num_parts.get(source, 0) for source in sources)

    def plan(self, units: Sequence[Unit]) -> None:
        """Note the units of some sources, instead of any that these sources had."""
        rows = [
            (u.source, u.version, u.part, u.num_parts, json.dumps(segment_to_json(u.segment)))
            for u in units
        ]
        with self._writing():
            sources = [(source,) for source in {unit.source for unit in units}]
            self._database.executemany("DELETE FROM units WHERE source = ?", sources)
            self._database.executemany("DELETE FROM stored WHERE source = ?", sources)
            self._database.executemany("INSERT INTO units VALUES (?, ?, ?, ?, ?, NULL)", rows)

    def to_do(self, sources: Sequence[str]) -> list[Unit]:
        """The units of these sources that are not done, in the order of the sources."""
        with self._errors():
            rows = self._database.execute(
                "SELECT source, version, part, num_parts, segment FROM units"
                " WHERE result IS NULL ORDER BY source, part"
            ).fetchall()
        waiting: dict[str, list[Unit]] = {}
        for row in rows:
            waiting.setdefault(row[0], []).append(_unit(row))
        return [unit for source in sources for unit in waiting.get(source, ())]

    def done(self, unit: Unit, result: UnitResult) -> None:
        """Keep a result; once this returns, no crash loses it."""
        with self._writing():
            self._database.execute(
                "UPDATE units SET result = ? WHERE source = ? AND part = ? AND version = ?",
                (json.dumps(to_json(result)), unit.source, unit.part, unit.version),
            )

    def results(self, source: str) -> list[tuple[Unit, UnitResult]]:
        """All parts of a source in order; none where some are not done."""
        with self._errors():
            rows = self._database.execute(
                "SELECT source, version, part, num_parts, segment, result FROM units"
                " WHERE source = ? ORDER BY part",
                (source,),
            ).fetchall()
        if any(row[5] is None for row in rows):
            return []
        return [(_unit(row), from_json(json.loads(row[5]))) for row in rows]

    def stored(self, store: str) -> set[str]:
        """Sources whose events are all in an event store."""
        with self._errors():
            rows = self._database.execute("SELECT source FROM stored WHERE store = ?", (store,))
            return {source for (source,) in rows}

    def mark_stored(self, store: str, source: str) -> None:
        """Note that all events of a source are in an event store."""
        with self._writing():
            row = (store, source)
            self._database.execute("INSERT OR REPLACE INTO stored VALUES (?, ?)", row)

    def _check(self, settings: Mapping[str, object]) -> None:
        with self._writing():
            row = self._database.execute("SELECT value FROM settings").fetchone()
            if row is None:
                value = (json.dumps(settings, sort_keys=True),)
                self._database.execute("INSERT INTO settings VALUES (?)", value)
                return
        known: dict[str, Any] = json.loads(row[0])
        wanted: dict[str, Any] = json.loads(json.dumps(settings))
        for name in sorted(known.keys() | wanted.keys()):
            if known.get(name) != wanted.get(name):
                msg = (
                    f"{self.path}: made with {name} {known.get(name)}, now it is"
                    f" {wanted.get(name)}; choose another --out, or --restart to begin again"
                )
                self._database.close()
                raise ConfigError(msg)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._errors():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            msg = f"{self.path}: {error}; check that it is writable and has room"
            raise StoreError(msg) from error


def _unit(row: tuple[Any, ...]) -> Unit:
    source, version, part, num_parts, segment = row[:5]
    return Unit(source, version, part, num_parts, segment_from_json(json.loads(segment)))


def _take_lock(folder: Path) -> int:
    path = folder / LOCK_FILE
    try:
        make_private_folder(folder)
        lock = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    except OSError as error:
        msg = f"{path}: cannot be made ({error.strerror}); choose another folder"
        raise StoreError(msg) from error
    try:
        # The kernel lets go of it however the process ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        msg = f"{folder}: another run is writing here; wait for it, or choose another --out"
        raise ConfigError(msg) from error
    return lock


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
