"""One service a store: whoever holds the lease tells its messages, and nobody else does.

Two services on one outbox would both tell each message. SQLite's lease is a lock on a file beside
the database, PostgreSQL's an advisory lock of a session; either goes with the process that has it,
however that ends. Looking, exporting, pruning and erasing need none.
"""

import fcntl
import os
import threading
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from platestream.core.errors import StoreError
from platestream.core.private import open_private

# Any number will do, so long as every platestream takes the same.
_LOCK = 0x706C6C65617365


class FileLease:
    """Of a SQLite database.

    Args:
        database: Its file.
    """

    def __init__(self, database: Path) -> None:
        # As SQLite names its other files: one database has one, whatever links lead to it.
        database = database.resolve()
        self._path = database.with_name(f"{database.name}-service")
        self._file: IO[str] | None = None
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Hold it from now on, or still: who lost its file to a broom has lost it, too.

        Raises:
            StoreError: its file cannot be made.
        """
        with self._lock:  # each receiver's thread asks
            return self._take()

    def _take(self) -> bool:
        if self._file and self._is_there(self._file):
            return True
        self._let_go()
        try:
            file = open_private(self._path, "a")
        except OSError as error:
            msg = f"{self._path}: cannot be made ({error.strerror}); see to the folder's rights"
            raise StoreError(msg) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def holder(self) -> str:
        """Who has it, as far as it can be told."""
        try:
            return f"process {self._path.read_text().strip()}"
        except (OSError, UnicodeDecodeError):
            return "another process"

    def _is_there(self, file: IO[str]) -> bool:
        """Whether others find the file that we locked."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except OSError:
            return False

    def release(self) -> None:
        """Let go of it."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class SessionLease:
    """Of a PostgreSQL database.

    Args:
        engine: Of the database; one of its connections is kept.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Hold it from now on, or still: a session that was lost has lost it, too.

        Raises:
            StoreError: the database does not answer.
        """
        with self._lock:
            try:
                return self._take()
            except SQLAlchemyError as error:
                msg = "the database does not answer; see to its server"
                raise StoreError(msg) from error

    def _take(self) -> bool:
        if self._connection and self._is_alive(self._connection):
            return True
        self.release()
        connection = self._engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        if connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
            self._connection = connection
            return True
        connection.close()
        return False

    def holder(self) -> str:
        """Who has it."""
        return "another process, here or elsewhere"

    def release(self) -> None:
        """Let go of it."""
        if self._connection:
            # The session ends with its connection, which goes back to no pool.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    @staticmethod
    def _is_alive(connection: Connection) -> bool:
        try:
            connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True
