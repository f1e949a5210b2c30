"""One database, SQLite or PostgreSQL: opened, brought up to date, read from and written to."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from platestream.core.boundary import told_as
from platestream.core.errors import ConfigError, StoreBusy, StoreError
from platestream.core.private import make_private_folder, open_private, tighten
from platestream.store.lease import FileLease, SessionLease

BUSY_TIMEOUT_MS = 4_000
"""How long a SQLite writer waits for another process's transaction: no longer than a stop may take.
Whoever must not lose what it writes tries again."""

ANSWER_WITHIN_S = 10.0
"""How long a question or a change may take the database; then it is given up."""

_LOOK_EVERY = 10_000
"""Steps of SQLite's machine between two looks at the clock, some milliseconds."""

_CANCELLED = "57014"
"""SQLSTATE of what PostgreSQL gave up at its time limit."""

_POSTGRESQL = {
    # Times are compared and cut in UTC, whatever the server's zone.
    # A client that vanished without a word gives up its lease as soon.
    "options": f"-c timezone=UTC -c statement_timeout={ANSWER_WITHIN_S * 1000:.0f}"
    " -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
    # A server that vanished without a word must hold up no camera for minutes.
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, so long as every platestream takes the same.
_MIGRATION_LOCK = 0x706C617465


def parse_url(url: str) -> URL:
    """Understand a database URL; what is no URL is the path of a SQLite file.

    Raises:
        ConfigError: it is neither SQLite in a file nor PostgreSQL.
    """
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        msg = "the database URL cannot be understood; write sqlite:///events.db or postgresql://..."
        raise ConfigError(msg) from None  # which may quote the password
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        msg = f"database {backend!r}: use sqlite:///events.db or postgresql://..."
        raise ConfigError(msg)
    if parsed.database in (None, "", ":memory:"):
        msg = "a SQLite database needs a file: write sqlite:///events.db"
        raise ConfigError(msg)
    return parsed.set(drivername="sqlite")


def pictures_beside(url: str) -> Path | None:
    """Where the pictures of a SQLite file lie unless one says otherwise; None with PostgreSQL.

    Raises:
        ConfigError: see `parse_url`.
    """
    parsed = parse_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    return Path(str(parsed.database)).parent / "pictures" if is_sqlite else None


def key_beside(url: str) -> Path | None:
    """Where the key of what a SQLite file holds sealed lies; None with PostgreSQL.

    Raises:
        ConfigError: see `parse_url`.
    """
    parsed = parse_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    return Path(f"{parsed.database}.key") if is_sqlite else None


class Database:
    """A database at the newest schema; thread-safe.

    Args:
        url: See `parse_url`.
        create: Whether to make a SQLite file that is not there.

    Attributes:
        name: For messages: of a server no more than where it is and the database's name.
        is_sqlite: Whether it is SQLite, else PostgreSQL.
        lease: Of the one service that may tell its messages.

    Raises:
        ConfigError: the URL makes no sense.
        StoreError: the database cannot be opened, or is of a newer platestream.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        parsed = parse_url(url)
        self.name = _shown(parsed)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _prepare_file(Path(str(parsed.database)), create)
        self._engine = _make_engine(parsed, self.is_sqlite)
        self.lease: FileLease | SessionLease = (
            FileLease(Path(str(parsed.database))) if self.is_sqlite else SessionLease(self._engine)
        )
        self._writer = self._engine.execution_options(platestream_writes=True)
        try:
            # A damaged file makes the driver and the migrations raise anything.
            with told_as(StoreError, self.name, "it may be damaged; put a copy in its place"):
                self._migrate()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database.

        Raises:
            StoreBusy: a question takes longer than `ANSWER_WITHIN_S`.
            StoreError: the database failed.
        """
        with self._errors(), self._engine.connect() as connection:
            if not self.is_sqlite:  # whose server looks at the clock itself
                yield connection
                return
            driver: Any = connection.connection.dbapi_connection
            driver.set_progress_handler(_clock(ANSWER_WITHIN_S), _LOOK_EVERY)
            try:
                yield connection
            finally:
                driver.set_progress_handler(None, 0)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept as a whole or not at all.

        Raises:
            StoreError: the database failed; nothing was written.
        """
        with self._errors(), self._writer.begin() as connection:
            yield connection

    def scrub(self) -> None:
        """Let nothing of what was deleted stay in SQLite's log; PostgreSQL vacuums by itself."""
        if not self.is_sqlite:
            return
        with self._errors():
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def close(self) -> None:
        """Let go of every connection."""
        self.lease.release()
        self._engine.dispose()

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        try:
            with self.writing() as connection:
                if not self.is_sqlite:  # SQLite's write transaction keeps others out already
                    lock = text("SELECT pg_advisory_xact_lock(:lock)")
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    driver: Any = connection.connection.dbapi_connection
                    driver.patience_s = float("inf")  # another process may migrate for long
                    connection.detach()  # and it is nobody else's
                    connection.execute(lock, {"lock": _MIGRATION_LOCK})
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            msg = f"{self.name}: a newer platestream made this database; upgrade platestream"
            raise StoreError(msg) from error

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        # The second where we go by its driver, the third where SQLite quotes what is damaged.
        except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as error:
            cause = getattr(error, "orig", None) or error
            if _is_given_up(cause):
                msg = "the store took too long to answer; ask for less, such as a shorter time"
                raise StoreBusy(msg) from error
            reason = str(cause).strip().partition("\n")[0]
            msg = f"{self.name}: {reason}; check that it is there, writable and has room"
            raise StoreError(msg) from error


def _shown(url: URL) -> str:
    shown = URL.create(url.get_backend_name(), host=url.host, port=url.port, database=url.database)
    return shown.render_as_string()


def _clock(within_s: float) -> Callable[[], bool]:
    """What SQLite asks now and then: whether to give up."""
    until_s = time.monotonic() + within_s
    return lambda: time.monotonic() > until_s


def _is_given_up(cause: BaseException) -> bool:
    is_sqlites = isinstance(cause, sqlite3.OperationalError) and str(cause) == "interrupted"
    return is_sqlites or getattr(cause, "sqlstate", None) == _CANCELLED


def _prepare_file(path: Path, create: bool) -> None:
    if not create and not path.is_file():
        msg = f"{path}: there is no such event store; check the path"
        raise StoreError(msg)
    try:
        make_private_folder(path.parent)
        if not path.exists():
            open_private(path, "ab").close()  # SQLite gives its other files the same rights
    except OSError as error:
        msg = f"{path}: cannot be made ({error.strerror}); choose another folder"
        raise StoreError(msg) from error
    for suffix in ("", "-wal", "-shm", "-journal"):
        tighten(path.with_name(path.name + suffix))


def _make_engine(url: URL, is_sqlite: bool) -> Engine:
    # What is hidden are the values in error messages and logs: plates are among them.
    if not is_sqlite:
        engine = create_engine(
            url, connect_args=_POSTGRESQL, pool_pre_ping=True, hide_parameters=True
        )
        event.listen(engine, "do_connect", _connect_patiently)
        return engine
    patience = {"timeout": BUSY_TIMEOUT_MS / 1000}
    engine = create_engine(url, connect_args=patience, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_patiently(
    _dialect: object, _record: object, args: list[Any], options: dict[str, Any]
) -> Any:
    from platestream.store.patience import PatientConnection  # needs what SQLite does not

    return PatientConnection.connect(*args, **options)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # Python's driver would begin transactions late, and none around DDL: we do it ourselves.
    connection.isolation_level = None
    # A damaged text comes out with marks in it, and not as an error of the whole page.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # what was acknowledged survives a power cut, too
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that starts as a reader could be refused in the middle.
    writes = connection.get_execution_options().get("platestream_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
