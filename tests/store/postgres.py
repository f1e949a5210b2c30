"""A private PostgreSQL server, real and thrown away."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

OWNER = "postgres"
"""The server refuses to run as root; Debian's package brings this user."""


def find_binaries() -> Path:
    """Where `initdb` is; skips the test where it is not, and fails it in CI."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    found = [place for place in places if (place / "initdb").exists()]
    if found or on_path:
        return found[-1] if found else Path(str(on_path)).parent
    reason = "PostgreSQL is not installed (apt install postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running_server() -> Iterator[str]:
    """Start a server on a socket of its own; gives the URL of its maintenance database."""
    binaries, user = find_binaries(), OWNER if os.geteuid() == 0 else None
    # Not in pytest's folder, which another user may not enter; short, as sockets' names must be.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(folder, user, user)

    def call(name: str, *args: str) -> None:
        command = [str(binaries / name), "-D", str(folder / "data"), *args]
        done = subprocess.run(
            command, user=user, cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        call("initdb", "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        # A zone that is not UTC, so that a time that forgets its zone is found out.
        options = f"-c listen_addresses= -k {folder} -c fsync=off -c timezone=Asia/Kathmandu"
        call("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
        try:
            yield f"postgresql://{OWNER}@/postgres?host={folder}"
        finally:
            call("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)
