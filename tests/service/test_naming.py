"""Whose plate it is, while people change the watch lists and the store fails."""

from contextlib import closing
from pathlib import Path

import pytest

from platestream.core.errors import StoreError
from platestream.service import naming
from platestream.service.config import ServiceConfig
from platestream.store.database import Database
from platestream.store.picture_files import Pictures
from platestream.store.records import WatchEntry
from platestream.store.sealing import SealKey
from platestream.store.store import EventStore, open_store
from tests.waiting import wait_until


class FailingStore(EventStore):
    """A store that can be told to fail."""

    fails, num_asked = False, 0

    def watch_entries(self) -> list[WatchEntry]:
        self.num_asked += 1
        if self.fails:
            msg = "the database is away"
            raise StoreError(msg)
        return super().watch_entries()


def test_lists_stay_as_they_were_while_the_store_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database, key = Database(f"sqlite:///{tmp_path}/events.db"), SealKey(tmp_path / "settings.key")
    store = failing = FailingStore(database, Pictures(tmp_path), None, key)
    entry = store.watch(WatchEntry("staff", "XY99", "Bert"))
    lists = naming.Naming(ServiceConfig(), failing)

    def name() -> str:
        return lists.name("XY99", masked="XY99", confidence=0.9)

    assert name() == "", "who asks does not look into the store"
    lists.look()
    assert name() == "Bert"
    store.unwatch(entry.id)
    assert name() == "Bert", "known for a while"
    failing.fails = True
    for _ in range(3):
        lists.look()
        assert name() == "Bert"
    assert caplog.text.count("those of before") == 1
    failing.fails = False
    lists.look()
    assert name() == ""
    store.close()


def test_a_plate_that_a_person_wrote_is_taken_to_the_letter(
    tmp_path: Path,
) -> None:
    known = {"Ada": ["XY0099"], "Bert": ["DUW1234"]}
    config = ServiceConfig.model_validate({"known_plates": known})
    with closing(open_store(str(tmp_path / "events.db"), tmp_path)) as store:
        lists = naming.Naming(config, store)
        assert [lists.of(plate) for plate in ("XY0099", "XYO099", "XY0098")] == ["Ada", "", ""]
        assert lists.of("DÜW1234") == "Bert", "many lists leave marks out"


def test_the_lists_are_looked_at_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "LISTS_AGE_S", 0.01)
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path)
    lists = naming.Naming(ServiceConfig(), store)
    lists.start()
    store.watch(WatchEntry("staff", "XY99", "Bert"))
    wait_until(lambda: lists.name("XY99", masked="XY99", confidence=0.9) == "Bert")
    lists.stop()
    lists._thread.join(5)
    store.close()
