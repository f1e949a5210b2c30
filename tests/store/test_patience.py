"""A server that stands still, without a word and without closing anything."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from platestream.core.errors import StoreError
from platestream.store import database
from platestream.store.patience import PatientConnection
from platestream.store.store import open_store
from tests.service.site import new_event


@contextmanager
def standing_still(url: str) -> Iterator[None]:
    """Stop every process of the server of `url`."""
    folder = Path(str(make_url(url).query["host"]))
    first = int((folder / "data" / "postmaster.pid").read_text().split("\n")[0])
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, text=True, check=True
    )
    numbers = [first, *map(int, children.stdout.split())]
    for number in numbers:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in numbers:
            os.kill(number, signal.SIGCONT)


def test_a_server_that_stands_still_is_given_up_and_found_again(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database._POSTGRESQL, "connect_timeout", 2)  # the least there is
    store = open_store(postgres_url, tmp_path)
    event = new_event()
    store.watch_entries()
    monkeypatch.setattr(PatientConnection, "patience_s", 0.5)
    with standing_still(postgres_url):
        begin_s = time.monotonic()
        with pytest.raises(StoreError, match=r"has not answered|timeout expired"):
            store.add(event)
        assert time.monotonic() - begin_s < 10
    store.add(event)
    assert store.get(event.id).id == event.id
    store.close()
