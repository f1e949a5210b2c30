"""Plates to look out for."""

import pytest

from platestream.core.alphabet import MAX_PLATE_CHARS
from platestream.core.errors import ConfigError, DataError, EventNotFound
from platestream.store import watchlists
from platestream.store.records import WatchEntry
from platestream.store.store import EventStore

from .conftest import OpenStore


def test_entries_are_kept_by_list_and_plate(open_again: OpenStore) -> None:
    store = open_again()
    yard = store.watch(WatchEntry("yard", "xy 99"))
    anna = store.watch(WatchEntry("staff", "ab-1234", "Anna"))
    assert (anna.plate, anna.label) == ("AB1234", "Anna")
    assert anna.id != yard.id
    store.close()
    assert open_again().watch_entries() == [anna, yard]


def test_a_plate_is_once_on_a_list(store: EventStore) -> None:
    first = store.watch(WatchEntry("staff", "AB1234", "Anna"))
    second = store.watch(WatchEntry("staff", "AB 1234", "Bert"))
    other = store.watch(WatchEntry("banned", "AB1234", "Anna"))
    assert (second.id, second.label) == (first.id, "Bert")
    assert store.watch_entries() == [other, second]


def test_an_entry_goes_once(store: EventStore) -> None:
    entry = store.watch(WatchEntry("staff", "AB1234"))
    store.unwatch(entry.id)
    assert store.watch_entries() == []
    for entry_id in (entry.id, 0, -1, 2**40, 2**70):
        with pytest.raises(EventNotFound, match=str(entry_id)):
            store.unwatch(entry_id)


@pytest.mark.parametrize("plate", ["", " ", "AB#", "A" * (MAX_PLATE_CHARS + 1), "AB*"])
def test_an_entry_has_to_be_a_plate(store: EventStore, plate: str) -> None:
    with pytest.raises(DataError):
        store.watch(WatchEntry("staff", plate))


def test_text_that_no_database_holds_is_refused(store: EventStore) -> None:
    with pytest.raises(ConfigError, match="label"):
        store.watch(WatchEntry("staff", "AB1", "\0"))
    with pytest.raises(ConfigError, match="list_name"):
        store.watch(WatchEntry("\udc80", "AB1"))


def test_the_lists_have_an_end(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchlists, "MAX_ENTRIES", 5)
    store.watch_all([WatchEntry("staff", f"AB{number}") for number in range(4)])
    store.watch(WatchEntry("staff", "AB4"))
    store.watch(WatchEntry("staff", "AB4", "a new label"))
    for add in (
        lambda: store.watch(WatchEntry("staff", "AB5")),
        lambda: store.watch_all([WatchEntry("other", "AB4"), WatchEntry("other", "AB5")]),
    ):
        with pytest.raises(DataError, match="more than 5; take some off first"):
            add()
    assert [entry.plate for entry in store.watch_entries()] == [f"AB{n}" for n in range(5)]
