"""Events in, events out, in either database."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Thread
from typing import Any

import cv2
import numpy as np
import pytest

from platestream.core.alphabet import MAX_PLATE_CHARS
from platestream.core.errors import ConfigError, DataError, EventNotFound, StoreError
from platestream.store.picture_files import Pictures
from platestream.store.privacy import Privacy
from platestream.store.records import Message, NewEvent, Query
from platestream.store.store import EventStore

from .conftest import OpenStore
from .events import NOON, new_event, picture


def test_an_event_comes_back_as_it_went_in(store: EventStore) -> None:
    new = new_event("京A12345", direction="gate:in", known_as="Anna")
    assert store.add(new) == new.id
    event = store.get(new.id)
    assert event.event == replace(new.event, crop=event.crop_file, id=new.id)
    for name in ("id", "camera", "started_at", "ended_at", "best_at", "zones"):
        assert getattr(event, name) == getattr(new, name)
    assert (event.direction, event.known_as) == ("gate:in", "Anna")
    assert (event.read_plate, event.plate_hash) == ("京A12345", "")
    assert (event.corrected_by, event.corrected_at) == ("", None)
    for kept, given in zip(event.strip, new.strip, strict=True):
        wanted = replace(given, rgb=None, file=kept.file)
        assert asdict(kept) == asdict(wanted)


def test_what_the_reader_said_stands_beside_what_a_rule_made_of_it(store: EventStore) -> None:
    new = replace(new_event("AB0234"), read_plate="ABO234")
    event = store.get(store.add(new))
    assert (event.event.plate, event.read_plate) == ("AB0234", "ABO234")
    corrected = store.correct(new.id, "AB0284", by="Anna")
    assert (corrected.event.plate, corrected.read_plate) == ("AB0284", "ABO234")
    assert store.erase("ABO234").num_events == 1


def test_a_correction_made_while_its_pictures_are_written_stays(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = replace(new_event("AB1234"), state="sure", sure_at=NOON)
    store.add(new)
    write = Pictures.write

    def slowly(*args: Any) -> int:
        store.correct(new.id, "XY9999", by="Anna")
        return write(*args)

    monkeypatch.setattr(Pictures, "write", slowly)
    store.add(replace(new, state="final"))
    event = store.get(new.id)
    assert (event.event.plate, event.read_plate, event.corrected_by) == ("XY9999", "AB1234", "Anna")
    assert len(store.find(Query(plate="XY9999")).events) == 1


def test_pictures_that_are_stored_stay_where_there_is_no_room_for_others(store: EventStore) -> None:
    new = replace(new_event(), state="sure", sure_at=NOON)
    store.add(new)
    before = store.get(new.id)
    store.add(replace(new, state="final", frame=None, strip=(), is_thinned=True))
    after = store.get(new.id)
    assert (after.state, after.frame_file) == ("final", before.frame_file)
    assert [each.file for each in after.strip] == [each.file for each in before.strip]
    assert store.picture(after.frame_file).is_file()


def test_the_crop_that_was_read_is_kept_for_want_of_room_or_not(store: EventStore) -> None:
    new = replace(new_event(), state="sure", sure_at=NOON)
    store.add(new)
    crop = np.full_like(new.crop, 200)
    later = replace(new, state="final", crop=crop, best_at=new.best_at + timedelta(seconds=1))
    store.add(later.thinned(crop.nbytes))
    after = store.get(new.id)
    assert (after.frame_file, after.stack_file, after.strip) == ("", "", ())
    kept = cv2.imread(str(store.picture(after.crop_file)))
    assert abs(int(kept.mean()) - 200) <= 1


def test_the_average_is_told_of_where_it_is(store: EventStore) -> None:
    new = new_event()
    new = replace(new, event=replace(new.event, num_stacked=9), stack=picture(256, 64))
    for first_bytes, then_bytes, num_stacked in ((10**9, 0, 9), (0, 10**9, 9), (0, 0, 0)):
        event = replace(new, id=new_event().id, state="sure", sure_at=NOON)
        store.add(event.thinned(first_bytes))
        store.add(replace(event, state="final").thinned(then_bytes))
        kept = store.get(event.id)
        assert kept.event.num_stacked == num_stacked
        if num_stacked:
            assert store.picture(kept.stack_file).is_file()


def test_what_is_no_news_takes_no_average_away(store: EventStore) -> None:
    new = new_event()
    new = replace(new, event=replace(new.event, num_stacked=9), stack=picture(256, 64))
    store.add(replace(new, state="sure", sure_at=NOON))
    later = replace(new, state="sure", is_news=False, best_at=new.best_at + timedelta(seconds=1))
    store.add(later.thinned(0))
    kept = store.get(new.id)
    assert kept.event.num_stacked == 9
    assert store.picture(kept.stack_file).is_file()


def test_pictures_go_of_a_plate_that_may_not_be_kept_for_want_of_room_or_not(
    open_again: OpenStore,
) -> None:
    store = open_again(privacy=Privacy("listed"))
    new = replace(new_event(known_as="Anna"), state="sure", sure_at=NOON)
    store.add(new)
    kept = store.get(new.id).crop_file
    assert store.picture(kept).is_file()
    store.add(replace(new, state="final", known_as="", is_thinned=True))
    assert store.get(new.id).crop_file == ""
    with pytest.raises(EventNotFound):
        store.picture(kept)


def test_a_search_for_nothing_but_separators_finds_nobody(store: EventStore) -> None:
    store.add(new_event())
    with pytest.raises(ConfigError, match="at least one letter"):
        store.find(Query(plate=" - "))


def test_pictures_lie_beside_it_and_look_the_same(store: EventStore) -> None:
    event = store.get(store.add(new_event()))
    files = [event.crop_file, event.frame_file, *(frame.file for frame in event.strip)]
    sizes = []
    for file in files:
        bgr = cv2.imread(str(store.picture(file)))
        assert bgr is not None
        assert abs(bgr.mean(axis=(0, 1)) - (90, 30, 200)).max() < 3
        sizes.append(bgr.shape[:2])
    assert sizes == [(20, 60), (180, 320), (20, 60), (20, 60)]


def test_the_average_of_several_crops_lies_beside_the_crop(store: EventStore) -> None:
    new = new_event()
    stacked = replace(new, event=replace(new.event, num_stacked=9), stack=picture(256, 64))
    event = store.get(store.add(stacked))
    assert event.event.num_stacked == 9
    assert event.stack_file == event.crop_file.replace("crop.jpg", "stack.jpg")
    bgr = cv2.imread(str(store.picture(event.stack_file)))
    assert bgr is not None
    assert bgr.shape == (64, 256, 3)
    assert store.get(store.add(new_event())).stack_file == ""


def test_adding_twice_keeps_the_first(store: EventStore) -> None:
    first = new_event("AB1234")
    messages = [Message("hook", "gate", first.id, "event", "{}")]
    assert store.add(first, messages) == store.add(replace(first, camera="yard"), messages)
    assert [e.camera for e in store.find(Query()).events] == ["gate"]
    assert store.picture(store.get(first.id).crop_file).exists()
    (message,) = store.due(NOON)
    store.told(message.number)
    assert store.due(NOON) == []


def test_threads_may_add_at_once(store: EventStore) -> None:
    events = [new_event(f"AB{i:03}", NOON + timedelta(minutes=i)) for i in range(24)]

    def add(share: list[NewEvent]) -> None:
        for event in share:
            store.add(event)
            store.find(Query(camera="gate"))

    threads = [Thread(target=add, args=(events[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.id for e in store.find(Query()).events] == [e.id for e in reversed(events)]


def test_times_come_back_in_utc_whatever_went_in(store: EventStore) -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    new = new_event(at=NOON.astimezone(kathmandu))
    event = store.get(store.add(new))
    assert event.ended_at == NOON
    assert event.ended_at.tzinfo is UTC
    with pytest.raises(StoreError, match="time zone"):
        store.add(new_event(at=datetime(2026, 1, 1)))


def test_an_event_without_pictures_is_one(store: EventStore) -> None:
    event = store.get(store.add(replace(new_event(num_strip=0), crop=None, frame=None)))
    assert (event.crop_file, event.frame_file, event.strip) == ("", "", ())


def test_what_cannot_be_drawn_leaves_no_event(store: EventStore, pictures: Path) -> None:
    broken = replace(new_event().strip[0], rgb=picture(0, 0))
    with pytest.raises(StoreError, match="strip-00"):
        store.add(replace(new_event(), strip=(broken,)))
    assert store.find(Query()).events == []
    assert not pictures.exists()


def test_a_full_disk_is_one_of_our_errors(store: EventStore, pictures: Path) -> None:
    pictures.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="pictures"):
        store.add(new_event())
    assert store.find(Query()).events == []


@pytest.mark.parametrize("event_id", ["", "7", "../../etc/passwd", "\0", "A" * 36, "\udc80"])
def test_no_other_id_is_asked_for_or_taken(store: EventStore, event_id: str) -> None:
    with pytest.raises(EventNotFound, match="no such event"):
        store.get(event_id)
    with pytest.raises(StoreError, match="UUID"):
        store.add(replace(new_event(), id=event_id))


@pytest.mark.parametrize(
    "file",
    [
        "",
        "/etc/passwd",
        "../events.db",
        "2026-11-23/../../events.db",
        "2026-11-23/{id}/../{id}/crop.jpg",
        "2026-11-23/{id}/crop.jpg\n",
        "2026-11-23/{id}/crop.jpg\0.png",
        "2026-11-23/{id}/crop.png",
        "2026-11-23/{id}",
        "2026-11-23\\{id}\\crop.jpg",
        "./2026-11-23/{id}/crop.jpg",
        "unsettled/2026-11-23_{id}",
        "٢026-11-23/{id}/crop.jpg",
        "~/crop.jpg",
        "\udc80",
    ],
)
def test_no_path_leads_out_of_the_pictures(store: EventStore, file: str) -> None:
    event_id = store.add(new_event())
    with pytest.raises(StoreError, match="no picture of this store"):
        store.picture(file.format(id=event_id))


def test_a_picture_that_is_gone_is_not_found(store: EventStore) -> None:
    with pytest.raises(EventNotFound, match="pruned"):
        store.picture(f"2026-11-23/{new_event().id}/crop.jpg")


def test_a_correction_stands_beside_the_reading(store: EventStore) -> None:
    event_id = store.add(new_event("AB1234"))
    corrected = store.correct(event_id, "ab-12 35", by="Anna")
    assert (corrected.event.plate, corrected.read_plate) == ("AB1235", "AB1234")
    assert corrected.corrected_by == "Anna"
    assert corrected.corrected_at is not None
    assert datetime.now(UTC) - corrected.corrected_at < timedelta(minutes=5)
    assert corrected.event.candidates == new_event("AB1234").event.candidates
    assert len(corrected.strip) == 2
    assert store.find(Query(plate="AB1235")).events[0].id == event_id
    assert store.find(Query(plate="AB1234")).events == []


def test_corrections_come_in_the_order_they_were_made(store: EventStore) -> None:
    ids = [store.add(new_event(f"AB{i}", NOON - timedelta(hours=i))) for i in range(3)]
    for i in (1, 0):
        store.correct(ids[i], "XY1", by="Anna")
    assert [event.id for event in store.corrections()] == [ids[1], ids[0]]


def test_a_correction_has_to_be_a_plate(store: EventStore) -> None:
    event_id = store.add(new_event())
    for wrong in ("", " - ", "AB#1", "A" * (MAX_PLATE_CHARS + 1), "\0"):
        with pytest.raises(DataError):
            store.correct(event_id, wrong, by="Anna")
    with pytest.raises(EventNotFound):
        store.correct(new_event().id, "AB1", by="Anna")
    for nobody in ("", "\0"):
        with pytest.raises(ConfigError, match="by"):
            store.correct(event_id, "AB1", by=nobody)
    assert list(store.corrections()) == []


def test_everything_outlives_a_restart(open_again: OpenStore) -> None:
    first = open_again()
    event_id = first.add(new_event())
    first.correct(event_id, "XY1", by="Anna")
    first.close()
    second = open_again()
    assert second.get(event_id).event.plate == "XY1"
    assert second.cameras() == ["gate"]


def test_events_count_by_the_hour_they_ended_in(store: EventStore) -> None:
    for minutes, camera in ((-1, "gate"), (0, "gate"), (59, "yard"), (121, "gate")):
        store.add(new_event(at=NOON + timedelta(minutes=minutes), camera=camera))
    hour = timedelta(hours=1)
    assert store.count_by_hour(Query()) == [(NOON - hour, 1), (NOON, 2), (NOON + 2 * hour, 1)]
    assert store.count_by_hour(Query(camera="yard")) == [(NOON, 1)]
    half = timedelta(minutes=30)
    counts = [(NOON - half, 2), (NOON + half, 1), (NOON + 3 * half, 1)]
    assert store.count_by_hour(Query(), past=30) == counts, "as hours are in India"
    assert store.cameras() == ["gate", "yard"]


def test_details_are_plain_json(store: EventStore) -> None:
    """Who looks into the database with other tools finds what the files say."""
    event = store.get(store.add(new_event("琼B1")))
    assert "琼B1" in json.dumps(asdict(event.event), ensure_ascii=False)


def test_messages_are_made_of_what_is_kept(open_again: OpenStore) -> None:
    store = open_again(privacy=Privacy("hash", b"k" * 16))
    new = new_event("AB1234")
    kept = store.as_kept(new)
    assert kept.event.plate == ""
    assert kept.plate_hash == store.get(store.add(kept)).plate_hash != ""
