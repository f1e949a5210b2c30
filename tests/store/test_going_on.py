"""An event is stored while it goes on, and is one event until it is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from platestream.core.errors import EventNotFound
from platestream.store.records import Message, NewEvent, Query, StripFrame
from platestream.store.store import EventStore

from .events import new_event

LATER = datetime.now(UTC) + timedelta(hours=1)


def going_on(event: NewEvent) -> NewEvent:
    return replace(event, state="sure", sure_at=event.started_at)


def better(event: NewEvent, num_strip: int = 2) -> NewEvent:
    """The same a minute later, with another plate and other pictures."""
    crop = event.crop
    assert crop is not None
    strip = tuple(StripFrame(i, event.started_at, 0.5, rgb=crop) for i in range(num_strip))
    return replace(
        event,
        event=replace(event.event, plate="XY99"),
        started_at=event.started_at + timedelta(days=1),
        ended_at=event.ended_at + timedelta(minutes=1),
        crop=255 - crop,
        strip=strip,
    )


def test_one_id_is_one_event_that_says_what_came_last(store: EventStore, pictures: Path) -> None:
    first = going_on(new_event("AB1234", num_strip=3))
    store.add(first)
    before = store.get(first.id)
    old = store.picture(before.crop_file).read_bytes()
    store.add(better(first))
    (event,) = store.find(Query()).events
    assert (event.id, event.event.plate, event.state) == (first.id, "XY99", "sure")
    assert event.ended_at == first.ended_at + timedelta(minutes=1)
    assert event.started_at == first.started_at, "its pictures stay where they are"
    assert store.picture(event.crop_file).read_bytes() != old
    assert len(store.get(first.id).strip) == 2
    folder = store.picture(event.crop_file).parent
    names = {"crop.jpg", "strip-00.jpg", "strip-01.jpg"}
    assert {path.name for path in folder.iterdir()} - {"frame.jpg"} == names
    assert not list((pictures / "unsettled").iterdir())


def test_where_nothing_is_new_the_pictures_stay(store: EventStore) -> None:
    first = going_on(new_event("AB1234", num_strip=3))
    store.add(first)
    before = store.get(first.id)
    store.add(replace(better(first), is_news=False, crop=None, strip=()))
    after = store.get(first.id)
    assert after.event.plate == "XY99"
    assert (after.crop_file, len(after.strip)) == (before.crop_file, 3)
    assert store.picture(after.crop_file).is_file()


def test_what_is_over_changes_no_more(store: EventStore) -> None:
    event = new_event("AB1234")
    store.add(event, [Message("hook", "gate", event.id, "final", "{}")])
    store.add(going_on(better(event)), [Message("hook", "gate", event.id, "sure", "{}")])
    assert store.get(event.id).event.plate == "AB1234"
    assert [message.kind for message in store.due(LATER)] == ["final"]


def test_what_a_person_says_stays(store: EventStore) -> None:
    event = going_on(new_event("AB1234"))
    store.add(event)
    store.correct(event.id, "CD5678", by="Ann", name=lambda _: "Bert")
    store.add(replace(better(event), state="final", known_as="Carl"))
    after = store.get(event.id)
    assert (after.event.plate, after.corrected_by, after.read_plate) == ("CD5678", "Ann", "XY99")
    assert after.known_as == "Bert"


def test_a_withdrawn_event_is_gone_and_that_is_told(store: EventStore) -> None:
    event = going_on(new_event("AB1234"))
    store.add(event, [Message("hook", "gate", event.id, "sure", "{}")])
    crop = store.picture(store.get(event.id).crop_file)
    gone = replace(event, state="withdrawn")
    store.add(gone, [Message("hook", "gate", event.id, "withdrawn", "{}")])
    with pytest.raises(EventNotFound):
        store.get(event.id)
    assert not crop.exists()
    (sure,) = store.due(LATER)
    store.told(sure.number)
    (withdrawn,) = store.due(LATER)
    assert (sure.kind, withdrawn.kind) == ("sure", "withdrawn")


def test_an_erased_plate_leaves_no_message(store: EventStore) -> None:
    event = going_on(new_event("AB1234"))
    store.add(event, [Message("hook", "gate", event.id, "sure", "{}")])
    assert store.erase("AB1234").num_events == 1
    assert store.num_waiting() == {}
