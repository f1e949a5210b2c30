"""Nobody else on the machine reads what the store keeps."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from platestream.core.private import make_private_folder
from platestream.store.export import FORMATS, write_events
from platestream.store.records import Query
from platestream.store.store import open_store

from .events import new_event


def is_private(path: Path) -> bool:
    """Whether nobody but its owner can reach it."""
    return not path.stat().st_mode & 0o077


@pytest.fixture(autouse=True)
def _careless() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
    }


def test_all_that_a_store_makes_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "platestream"
    store = open_store(str(folder / "events.db"), folder / "pictures")
    store.add(new_event())
    for kind in FORMATS:
        write_events(store.each(Query()), folder / f"out.{kind}")
    found = modes(tmp_path)
    store.close()
    assert len(found) > 10
    assert {"var/platestream/events.db-wal", "var/platestream/events.db-shm"} <= set(found)
    for name, mode in found.items():
        assert mode == (0o700 if (tmp_path / name).is_dir() else 0o600) or "-" in name, name
        assert not mode & 0o077, name


def test_what_was_open_to_others_is_closed_when_it_is_opened(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    store.add(new_event())
    store.close()
    (tmp_path / "events.db").chmod(0o644)
    (tmp_path / "pictures").chmod(0o755)
    assert not is_private(tmp_path / "events.db")
    open_store(str(tmp_path / "events.db"), tmp_path / "pictures").close()
    assert is_private(tmp_path / "events.db")
    assert is_private(tmp_path / "pictures")


def test_all_that_lies_beside_an_open_database_is_closed_at_the_next_start(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    store.add(new_event())
    store.settings.put_camera("gate", {"password": "s3cret"})  # which makes the key
    beside = [path for path in tmp_path.iterdir() if path.is_file()]
    assert {path.name for path in beside} >= {f"events.db{end}" for end in ("-wal", "-shm", ".key")}
    for path in beside:
        path.chmod(0o644)
    open_store(str(tmp_path / "events.db"), tmp_path / "pictures").close()
    assert [path.name for path in beside if path.exists() and not is_private(path)] == []
    store.close()


def test_a_folder_that_was_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    make_private_folder(tmp_path / "shared" / "new" / "deep")
    assert modes(tmp_path) == {"shared": 0o755, "shared/new": 0o700, "shared/new/deep": 0o700}
