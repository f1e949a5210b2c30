"""Old events go, too many pictures go, a person's data goes, and nothing of it stays behind."""

import json
import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from platestream.core.errors import ConfigError, EventNotFound, StoreError
from platestream.core.ids import uuid7
from platestream.store import retention
from platestream.store.erasure import Traces
from platestream.store.picture_files import GRACE_S
from platestream.store.privacy import Privacy
from platestream.store.records import Message, NewEvent, Query, WatchEntry
from platestream.store.retention import Pruned
from platestream.store.store import EventStore

from .conftest import OpenStore
from .events import NOON, new_event

DAY = timedelta(days=1)


def files_in(pictures: Path) -> list[Path]:
    return [path for path in pictures.rglob("*") if path.is_file()]


def add(store: EventStore, days_ago: float, plate: str = "AB1234") -> str:
    new = new_event(plate, datetime.now(UTC) - days_ago * DAY)
    return store.add(new, [Message("hook", new.camera, new.id, "event", new.event.plate)])


def test_old_events_go_with_all_that_hangs_on_them(store: EventStore, pictures: Path) -> None:
    old, young = add(store, 31), add(store, 29)
    size = sum(store.picture(f).stat().st_size for f in pictures_of(store, old))
    assert store.prune(max_age=30 * DAY) == Pruned(1, 4, size)
    assert [event.id for event in store.find(Query()).events] == [young]
    assert [message.event_id for message in store.due(datetime.now(UTC))] == [young]
    assert {path.parent.name for path in files_in(pictures)} == {young}
    assert store.prune(max_age=30 * DAY) == Pruned()


def test_what_waits_of_passages_without_an_event_goes_when_it_is_old(store: EventStore) -> None:
    now = datetime.now(UTC)

    def withdraw(days_ago: float) -> str:
        event = going_on(began_at(now - days_ago * DAY))
        store.add(event, [Message(event.id, "gate", event.id, "sure", "{}")])
        store.add(replace(event, state="withdrawn"))
        return event.id

    old, young = withdraw(31), withdraw(29)
    parked = replace(going_on(began_at(now - 31 * DAY)), ended_at=now)
    store.add(parked, [Message("hook", "gate", parked.id, "sure", "{}")])
    state = "00000000-0000-" + str(uuid4())[14:]  # of a camera; no passage has a lower one
    store.enqueue([Message("camera", "gate", state, "camera-lost", "{}")])
    assert old in store.num_waiting()
    assert store.prune(max_age=36_600 * DAY) == Pruned()
    assert old in store.num_waiting(), "nothing is as old as that"
    assert store.prune(max_age=30 * DAY) == Pruned()
    assert store.num_waiting() == {young: 1, "hook": 1, "camera": 1}


def began_at(at: datetime) -> NewEvent:
    return new_event(at=at, event_id=uuid7(at))


def going_on(event: NewEvent) -> NewEvent:
    return replace(event, state="sure", sure_at=event.started_at)


def pictures_of(store: EventStore, event_id: str) -> list[str]:
    event = store.get(event_id)
    return [event.crop_file, event.frame_file, *(frame.file for frame in event.strip)]


def test_too_many_pictures_go_oldest_first_and_their_events_stay(
    store: EventStore, pictures: Path
) -> None:
    ids = [add(store, days) for days in (3, 2, 1)]
    sizes = [
        sum(store.picture(f).stat().st_size for f in pictures_of(store, event_id))
        for event_id in ids
    ]
    file = store.get(ids[0]).crop_file
    assert store.prune(max_bytes=sum(sizes)) == Pruned()
    pruned = store.prune(max_bytes=sum(sizes) - 1)
    assert pruned == Pruned(0, 4, sizes[0])
    event = store.get(ids[0])
    assert (event.event.plate, event.event.crop) == ("AB1234", "")
    assert pictures_of(store, ids[0]) == ["", "", "", ""]
    with pytest.raises(EventNotFound):
        store.picture(file)
    assert {path.parent.name for path in files_in(pictures)} == set(ids[1:])
    assert store.prune(max_bytes=0) == Pruned(0, 8, sizes[1] + sizes[2])
    assert files_in(pictures) == []


def test_pictures_that_the_disk_keeps_hold_up_no_others(
    store: EventStore, pictures: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [add(store, days) for days in (35, 34, 33)]
    (stuck,) = pictures.glob(f"2*/{ids[1]}")
    shutil.rmtree(stuck)
    stuck.touch()  # no folder: nobody can remove it as one, root neither
    with pytest.raises(StoreError, match="cannot remove pictures"):
        store.prune(max_age=30 * DAY)
    assert [path.parent.name for path in pictures.rglob("*.jpg")] == []
    assert store.find(Query()).events == []
    long_ago = time.time() - GRACE_S - 60
    for mark in (pictures / "unsettled").iterdir():
        os.utime(mark, (long_ago, long_ago))
    add(store, 40)
    assert store.prune(max_age=30 * DAY).num_events == 1
    assert f"{ids[1]} cannot be cleared away" in caplog.text
    store.close()


def test_more_than_a_batch_goes_at_once(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    for days in range(5):
        add(store, 40 + days)
    keep = add(store, 1)
    assert store.prune(max_bytes=1).num_pictures == 24
    assert store.prune(max_age=30 * DAY).num_events == 5
    assert [event.id for event in store.find(Query()).events] == [keep]


def test_a_person_is_erased_from_everywhere(
    open_again: OpenStore, tmp_path: Path, url: str
) -> None:
    store = open_again()
    theirs = [add(store, 1, "QQ7777"), add(store, 2, "QQ7777"), add(store, 3, "XY9999")]
    store.correct(theirs[2], "QQ7777", by="Anna")
    misread = add(store, 4, "QQ7777")
    store.correct(misread, "ZZ1111", by="Anna")
    other = add(store, 1, "AB1234")
    store.watch(WatchEntry("staff", "QQ7777", "Anna"))
    store.watch(WatchEntry("staff", "AB1234"))
    assert store.count_of(["qq-7777", theirs[0]]) == Traces(4, 4, 1)
    assert store.erase("qq-7777") == Traces(4, 4, 1)
    assert [event.id for event in store.find(Query()).events] == [other]
    assert [entry.plate for entry in store.watch_entries()] == ["AB1234"]
    assert store.erase("QQ7777").num_events == 0
    if url.startswith("sqlite"):
        # Not even in freed pages or in the log, while the store is still open.
        left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"AB1234" in left
        assert b"QQ777" not in left


@pytest.mark.parametrize("by_id", [True, False])
def test_what_waits_of_a_passage_that_was_withdrawn_is_erased_too(
    store: EventStore, *, by_id: bool
) -> None:
    for plate in ("黑Q1624S", "AB1234"):
        body = json.dumps({"plate": plate})
        event = replace(new_event(plate), state="sure", sure_at=NOON)
        store.add(event, [Message(plate, "gate", event.id, "sure", body)])
        store.add(replace(event, state="withdrawn"))
        if plate.startswith("黑"):
            theirs = event.id if by_id else plate
    assert store.count_of([theirs, event.id]) == Traces(0, 2, 0)
    assert store.erase(theirs) == Traces(0, 1, 0), "its event is gone"
    assert store.num_waiting() == {"AB1234": 1}


def test_one_event_may_be_erased_by_its_id(store: EventStore, pictures: Path) -> None:
    one, other = add(store, 1), add(store, 1)
    assert store.erase(one).num_events == 1
    assert [event.id for event in store.find(Query()).events] == [other]
    assert {path.parent.name for path in files_in(pictures)} == {other}
    assert store.erase(one).num_events == 0


def test_no_plate_is_nobodys(open_again: OpenStore) -> None:
    store = open_again(privacy=Privacy("listed"))
    add(store, 1)
    assert store.erase("") == store.erase(" - ") == Traces()
    with pytest.raises(ConfigError):
        store.erase("\0")
    assert len(store.find(Query()).events) == 1


def test_what_a_crash_left_is_swept_when_its_writer_must_be_dead(
    open_again: OpenStore, pictures: Path
) -> None:
    kept = add(open_again(), 1)
    dead = "2026-11-23/00000000-0000-7000-8000-000000000000"
    leave(pictures, dead)
    leave(pictures, f"{next(pictures.glob('2*/*')).parent.name}/{kept}")
    open_again()
    assert (pictures / dead / "crop.jpg").exists()
    long_ago = time.time() - GRACE_S - 60
    for mark in (pictures / "unsettled").iterdir():
        os.utime(mark, (long_ago, long_ago))
    store = open_again()
    assert not (pictures / dead).exists()
    assert all(store.picture(file).exists() for file in pictures_of(store, kept))
    assert list((pictures / "unsettled").iterdir()) == []


def leave(pictures: Path, folder: str) -> None:
    """What a writer leaves that dies before its event, or right after it, is in the database."""
    (pictures / folder).mkdir(parents=True, exist_ok=True)
    (pictures / folder / "crop.jpg").touch()
    (pictures / "unsettled" / folder.replace("/", "_")).touch()


def test_strangers_among_the_marks_are_left_alone(open_again: OpenStore, pictures: Path) -> None:
    add(open_again(), 1)
    stranger = pictures / "unsettled" / "keep_me"
    stranger.touch()
    os.utime(stranger, (0, 0))
    open_again().prune(max_age=DAY * 9)
    assert stranger.exists()
