"""What of a plate is kept, and what is nowhere to be found."""

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from platestream.core.errors import ConfigError, DataError
from platestream.store.database import Database
from platestream.store.privacy import Privacy
from platestream.store.records import Query, WatchEntry
from platestream.store.tables import METADATA

from .conftest import OpenStore
from .events import new_event

KEY = b"sixteen or more."
HASHED, LISTED = Privacy("hash", KEY), Privacy("listed")


def everything_in(url: str, folder: Path) -> str:
    """Every row of every table, and all bytes and names of the files beside it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = [f"{path} {path.read_bytes().decode(errors='replace')}" for path in files]
    database = Database(url)
    with database.reading() as connection:
        for table in METADATA.sorted_tables:
            # As tuples: a row by itself is written with its middle left out.
            found += (str(tuple(row)) for row in connection.execute(select(table)))
    database.close()
    return "\n".join(found)


def test_a_hash_is_hmac_sha256_of_the_plate_as_we_write_it() -> None:
    wanted = hmac.new(KEY, "京A12345".encode(), hashlib.sha256).hexdigest()
    assert HASHED.hash("京A-12345") == HASHED.hash("京a 12345") == wanted
    assert Privacy("hash", KEY[::-1]).hash("京A12345") != wanted
    assert HASHED.hash("") == Privacy().hash("AB1234") == ""


@pytest.mark.parametrize("key", [b"", b"fifteen is less"])
def test_a_short_key_is_refused(key: bytes) -> None:
    with pytest.raises(ConfigError, match="16 bytes"):
        Privacy("hash", key)


def test_a_hashed_event_says_when_and_where_but_not_who(open_again: OpenStore) -> None:
    store = open_again(privacy=HASHED)
    new = new_event("QQ7777", direction="gate:in", known_as="Anna")
    new = replace(new, event=replace(new.event, num_stacked=9), stack=new.crop)
    event = store.get(store.add(new))
    assert (event.stack_file, event.event.num_stacked) == ("", 0)
    assert event.plate_hash == HASHED.hash("QQ7777")
    assert (event.event.plate, event.read_plate, event.event.plate_masked) == ("", "", "")
    assert event.event.candidates == ()
    assert (event.crop_file, event.frame_file) == ("", "")
    assert [(f.text, f.file) for f in event.strip] == [(None, ""), (None, "")]
    assert [f.quality for f in event.strip] == [f.quality for f in new.strip]
    assert (event.started_at, event.zones, event.direction) == (
        new.started_at,
        new.zones,
        "gate:in",
    )
    assert (event.event.regions, event.event.confidence) == ((("BR", 0.9), ("AR", 0.1)), 0.98)


@pytest.mark.parametrize("privacy", [HASHED, LISTED])
def test_nothing_holds_a_plate_that_may_not_be_kept(
    tmp_path: Path, privacy: Privacy, open_again: OpenStore, url: str
) -> None:
    store = open_again(privacy=privacy)
    store.add(replace(new_event("QQ7777"), read_plate="QQ7771"))
    store.close()
    found = everything_in(url, tmp_path)
    assert "rtsp://gate" in found
    assert "QQ777" not in found
    assert ".jpg" not in found


def test_only_listed_plates_are_kept(open_again: OpenStore) -> None:
    store = open_again(privacy=LISTED)
    store.watch(WatchEntry("staff", "AB 1234"))
    watched = store.get(store.add(new_event("AB1234")))
    known = store.get(store.add(new_event("XY99", known_as="Bert")))
    stranger = store.get(store.add(new_event("QQ7777")))
    assert [e.event.plate for e in (watched, known, stranger)] == ["AB1234", "XY99", ""]
    assert [bool(e.crop_file) for e in (watched, known, stranger)] == [True, True, False]
    assert [f.text for f in watched.strip] == ["AB1234", None]
    assert [f.text for f in stranger.strip] == [None, None]
    assert stranger.plate_hash == ""


def test_the_frame_of_a_listed_plate_may_show_others(open_again: OpenStore) -> None:
    store = open_again(privacy=LISTED)
    event = store.get(store.add(new_event("XY99", known_as="Bert")))
    assert (bool(event.crop_file), event.frame_file) == (True, "")


@pytest.mark.parametrize("privacy", [HASHED, LISTED])
def test_nobody_writes_in_by_hand_what_may_not_be_kept(
    open_again: OpenStore, privacy: Privacy
) -> None:
    before = open_again()
    in_clear = before.add(new_event("AB1234"))
    store = open_again(privacy=privacy)
    for event_id in (in_clear, store.add(new_event("QQ7777"))):
        with pytest.raises(DataError, match="privacy"):
            store.correct(event_id, "QQ7778", by="Anna")
    assert list(store.corrections()) == []


def test_a_listed_plate_may_be_corrected(open_again: OpenStore) -> None:
    store = open_again(privacy=LISTED)
    store.watch(WatchEntry("staff", "AB1234"))
    event_id = store.add(new_event("AB1284", known_as="Anna"))
    assert store.correct(event_id, "AB1234", by="Bert").event.plate == "AB1234"


def test_a_name_goes_with_its_plate_and_so_does_the_right_to_be_kept(
    open_again: OpenStore,
) -> None:
    store = open_again(privacy=LISTED)
    event_id = store.add(new_event("AB1284", known_as="Anna"))
    with pytest.raises(DataError, match="privacy"):
        store.correct(event_id, "QQ7777", by="Bert", name=lambda _: "")
    assert store.get(event_id).event.plate == "AB1284"
    named = store.correct(event_id, "ab 1234", by="Bert", name=lambda plate: f"owner of {plate}")
    assert (named.event.plate, named.known_as) == ("AB1234", "owner of AB1234")


@pytest.mark.parametrize("privacy", [Privacy(), HASHED, LISTED])
def test_going_over_an_event_twice_changes_nothing_more(privacy: Privacy) -> None:
    once = privacy.apply(new_event("QQ7777"), lambda _: False)
    twice = privacy.apply(once, lambda _: False)
    assert (twice.plate_hash, twice.event) == (once.plate_hash, once.event)
    assert twice.crop is once.crop


def test_events_from_before_stay_as_they_were(open_again: OpenStore) -> None:
    event_id = open_again().add(new_event("AB1234"))
    store = open_again(privacy=HASHED)
    assert store.get(event_id).event.plate == "AB1234"
    assert len(store.find(Query(plate="AB1234")).events) == 1
    store.add(new_event("AB1234"))
    assert len(store.find(Query(plate="AB1234")).events) == 2
    assert store.erase("AB1234").num_events == 2


def test_an_event_may_come_without_its_plate(open_again: OpenStore) -> None:
    kept = HASHED.apply(new_event("QQ7777"), lambda _: False)
    store = open_again(privacy=HASHED)
    assert store.get(store.add(replace(kept))).plate_hash == HASHED.hash("QQ7777")
