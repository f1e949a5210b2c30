"""Two services on one store: the second is told so, and what is told is told once."""

import signal
import subprocess
import sys

import pytest

from platestream.core.errors import StoreError
from platestream.store.store import open_store

from .conftest import OpenStore
from .events import NOON

HOLD = """
import sys, time
from pathlib import Path
from platestream.store.store import open_store
store = open_store(sys.argv[1], Path(sys.argv[2]))
store.serve()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_service_is_refused_until_the_first_has_closed(open_again: OpenStore) -> None:
    first, second = open_again(), open_again()
    first.serve()
    first.serve()
    with pytest.raises(StoreError, match=r"another `platestream serve` .*`store\.url`"):
        second.serve()
    assert second.cameras() == [], "it may look all the same"
    first.close()
    second.serve()


def test_a_service_that_was_killed_holds_nothing_up(
    open_again: OpenStore, url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    store = open_again()
    with pytest.raises(StoreError, match="another"):
        store.serve()
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    store.serve()


def test_a_lost_session_has_lost_its_lease(postgres_url: str, tmp_path_factory: object) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    folder = tmp_path_factory.mktemp("pictures")
    first, second = open_store(postgres_url, folder), open_store(postgres_url, folder)
    first.serve()
    first._database.lease._connection.invalidate()  # type: ignore[union-attr]
    second.serve()
    with pytest.raises(StoreError, match="another"):
        first.due(NOON)
    assert second.due(NOON) == []
    first.close()
    second.close()
