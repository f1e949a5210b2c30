"""Two services on one store: the second is told so, and what is told is told once."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from platestream.core.errors import StoreError
from platestream.store.lease import FileLease
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


def test_a_database_has_one_lease_whatever_links_lead_to_it(tmp_path: Path) -> None:
    first = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    first.serve()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.db").symlink_to(tmp_path / "events.db")
    (tmp_path / "folder").symlink_to(tmp_path)
    for other in ("elsewhere/link.db", "folder/events.db"):
        second = open_store(str(tmp_path / other), tmp_path / "pictures")
        with pytest.raises(StoreError, match="another"):
            second.serve()
        second.close()
    first.close()


def test_who_lost_the_file_of_its_lease_takes_it_anew_or_tells_no_more(tmp_path: Path) -> None:
    first, second = (open_store(str(tmp_path / "e.db"), tmp_path / "pictures") for _ in range(2))
    first.serve()
    (tmp_path / "e.db-service").unlink()
    assert first.due(NOON) == []
    with pytest.raises(StoreError, match="another"):
        second.serve()
    (tmp_path / "e.db-service").unlink()
    second.serve()
    with pytest.raises(StoreError, match="another"):
        first.due(NOON)
    assert second.due(NOON) == []
    for each in (first, second):
        each.close()


def test_many_threads_ask_for_one_lease_whose_file_is_lost(tmp_path: Path) -> None:
    """As those of the receivers do; none may close what another has just locked."""
    lease = FileLease(tmp_path / "e.db")
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            lease.take()
            (tmp_path / "e.db-service").unlink()
            assert list(pool.map(lambda _: lease.take(), range(4))) == [True] * 4
    lease.release()


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
