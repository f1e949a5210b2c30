"""A plate is found in what waits, in whoever's words, and no other is taken for it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from platestream.sinks.payloads import PAYLOADS
from platestream.sinks.registry import SINKS
from platestream.sinks.sink import Sink
from platestream.sinks.webhook import PICTURES_AS
from platestream.store.privacy import Privacy
from platestream.store.records import Message, NewEvent
from platestream.store.store import EventStore

from .conftest import OpenStore
from .events import new_event

NEEDED = {
    "webhook": {"url": "http://receiver.example"},
    "mqtt": {"host": "broker.example"},
    "ntfy": {"topic": "our-gate"},
    "email": {"host": "mail.example", "sender": "us@site.example", "to": ("you@site.example",)},
    "telegram": {"token": "123456:ABC", "chat": "1"},
}
HASHED = Privacy("hash", b"k" * 16)


def receivers() -> Iterator[tuple[str, Sink]]:
    """One of each kind, with every payload and its pictures in every way."""
    assert set(NEEDED) == set(SINKS)
    for kind, settings in SINKS.items():
        ways: list[dict[str, object]] = [{}]
        if kind in ("webhook", "mqtt"):
            ways = [{"payload": payload} for payload in PAYLOADS]
        if kind == "webhook":
            ways = [{**way, "pictures": how} for way in ways for how in PICTURES_AS]
        for way in ways:
            name = " ".join(map(str, (kind, *way.values())))
            yield name, settings(**NEEDED[kind], **way).make(["gate"])


def tell_all(store: EventStore, event: NewEvent) -> set[str]:
    """Let a message to each receiver wait that says an event is sure; their names."""
    kept = replace(store.as_kept(event), state="sure", sure_at=event.started_at)
    told = replace(kept, crop_jpeg=b"\xff\xd8 a plate \xff\xd9")
    messages = [
        Message(name, "gate", event.id, "sure", sink.encode(told)) for name, sink in receivers()
    ]
    store.add(kept, messages)
    return {message.sink for message in messages}


@pytest.mark.parametrize("plate", ["AB1234", "黑Q1624S", "DÜW1234", "서울12가3456"])
@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_no_receiver_waits_for_an_erased_plate(
    store: EventStore, plate: str, *, is_withdrawn: bool
) -> None:
    event = new_event(plate)
    assert tell_all(store, event)
    other = replace(new_event("XY99"), id=event.id)
    store.add(replace(other, state="withdrawn" if is_withdrawn else "final"))
    assert set(store.num_waiting().values()) == {1}, "it reads otherwise by now"
    store.erase(plate)
    assert store.num_waiting() == {}


def test_nor_for_its_hash(open_again: OpenStore) -> None:
    store = open_again(privacy=HASHED)
    event = new_event("AB1234")
    waiting = tell_all(store, event)
    store.add(replace(event, state="withdrawn"))
    store.erase("AB1234")
    # What says nothing of the plate can stay.
    nameless = {name for name in waiting if any(each in name for each in PAYLOADS)}
    nameless -= {name for name in waiting if "native" in name}
    assert set(store.num_waiting()) == nameless


def test_what_names_another_plate_stays(store: EventStore) -> None:
    for plate in ("XAB1234", "AB12345", "A81234", "京AB1234"):
        tell_all(store, new_event(plate))
    before = store.num_waiting()
    assert set(before.values()) == {4}
    store.erase("AB1234")
    assert store.num_waiting() == before


@pytest.mark.parametrize("plate", ["2026", "1123", "7123", "10", "12"])
def test_neither_a_time_nor_an_id_nor_a_number_is_a_plate(store: EventStore, plate: str) -> None:
    event = replace(new_event("XY99"), id="01980b1a-7123-7123-8f44-0b6a5d3c9e21")
    tell_all(store, event)
    before = store.num_waiting()
    store.erase(plate)
    assert store.num_waiting() == before


@pytest.mark.parametrize(
    ("body", "is_named"),
    [
        ({"said": "Tor: 车牌AB1234已到"}, True),
        ({"said": ["x", {"files": "crop_ab1234.jpg"}]}, True),
        ({"said": "line\nAB1234\tgone"}, True),
        ({"said": "AB 1234"}, False),
        ('["AB1234"]', True),
        ('"AB1234"', True),
        ('{"AB1234', True),
        ("1234", False),
        ({"AB1234": "in a key"}, True),
        ({"candidates": ["AB1234"]}, False),
        ({"crop": "AB1234+" + 100 * "a/Z9"}, False),
        ("[" * 100_000 + "AB1234", True),
    ],
)
def test_it_is_a_word_of_any_text(store: EventStore, body: object, *, is_named: bool) -> None:
    said = body if isinstance(body, str) else json.dumps(body)
    store.enqueue([Message("hook", "gate", new_event().id, "sure", said)])
    store.erase("AB1234")
    assert store.num_waiting() == ({} if is_named else {"hook": 1})


def test_all_that_waits_is_looked_at(store: EventStore) -> None:
    for number in range(250):
        body = json.dumps({"said": "AB1234" if number % 2 else "AB12345"})
        store.enqueue([Message("hook", "gate", new_event().id, "sure", body)])
    assert store.count_of(["AB1234"]).num_messages == 125
    assert store.erase("AB1234").num_messages == 125
    assert store.num_waiting() == {"hook": 125}
