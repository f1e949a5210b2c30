"""A PostgreSQL server that can be killed, stopped and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.store.postgres import OWNER, find_binaries


class PostgresServer:
    """Listens on a socket of its own folder alone; use it in a ``with`` statement."""

    def __init__(self) -> None:
        self._binaries = find_binaries()
        self._user = OWNER if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        self.url = f"postgresql://{OWNER}@/postgres?host={self._folder}"

    def __enter__(self) -> Self:
        if self._user:
            shutil.chown(self._folder, self._user, self._user)
        self._call("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(
            [self._binaries / "pg_ctl", "-D", self._folder / "data", "stop", "-m", "immediate"],
            user=self._user, cwd=self._folder, capture_output=True, check=False,
        )  # fmt: skip
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start it, after a kill as well."""
        options = f"-c listen_addresses= -k {self._folder}"
        self._call("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def kill(self) -> None:
        """End every process of it as a power cut would."""
        numbers = self._processes()
        for number in numbers:
            os.kill(number, signal.SIGKILL)
        while any(_is_running(number) for number in numbers):
            time.sleep(0.01)
        # Where nobody buries the dead the next one takes them for alive.
        (self._folder / "data" / "postmaster.pid").unlink()
        (self._folder / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let it answer nothing, and close nothing."""
        numbers = self._processes()
        for number in numbers:
            os.kill(number, signal.SIGSTOP)
        try:
            yield
        finally:
            for number in numbers:
                os.kill(number, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = int((self._folder / "data" / "postmaster.pid").read_text().split("\n")[0])
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True, check=False
        )
        return [first, *map(int, children.stdout.split())]

    def _call(self, name: str, *args: str) -> None:
        subprocess.run(
            [str(self._binaries / name), "-D", str(self._folder / "data"), *args],
            user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip


def _is_running(number: int) -> bool:
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
