"""A receiver that fails for a day, a clock that jumps: real store and receiver, made-up time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from platestream.live.timeline import Timeline
from platestream.service import delivery as delivery_module
from platestream.service.delivery import Delivery
from platestream.sinks.native import native
from platestream.sinks.posting import Poster
from platestream.sinks.webhook import WebhookSink
from platestream.store.records import Message
from platestream.store.store import EventStore, open_store
from tests.receivers import HttpReceiver, http_receiver
from tests.store.events import new_event

HOOK, STEP = "hook", timedelta(seconds=30)


class Clock(datetime):
    """The time of day as the service sees it."""

    at = datetime(2026, 11, 23, 12, tzinfo=UTC)

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return cls.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    own = type("OwnClock", (Clock,), {})
    monkeypatch.setattr(delivery_module, "datetime", own)
    return own


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    yield store
    store.close()


def put(store: EventStore, camera: str, num: int) -> list[str]:
    """Events with a message each; returns their ids."""
    events = [new_event(camera=camera) for _ in range(num)]
    for event in events:
        body = json.dumps({"id": event.id, "camera": camera})
        store.add(event, [Message(HOOK, camera, event.id, "final", body)])
    return [event.id for event in events]


def deliverer(store: EventStore, receiver: HttpReceiver) -> Delivery:
    return Delivery(store, {HOOK: WebhookSink(Poster(receiver.url), native)})


def work(delivery: Delivery, clock: type[Clock], steps: int, step: timedelta = STEP) -> None:
    """Let time pass, and tell what is due."""
    for _ in range(steps):
        clock.at += step
        while delivery._tell_due(HOOK):
            pass


def test_a_receiver_that_answers_500_for_a_day_gets_all_in_order_afterwards(
    store: EventStore, receiver: HttpReceiver, clock: type[Clock]
) -> None:
    sent = {camera: put(store, camera, 4) for camera in ("gate", "yard")}
    delivery = deliverer(store, receiver)
    receiver.answer = lambda _: (500, {})
    work(delivery, clock, 24 * 30, timedelta(minutes=2))
    health = delivery.health()[HOOK]
    assert (health.num_told, health.num_given_up, health.num_waiting) == (0, 0, 8)
    assert "answered 500" in health.last_error
    # Of each camera the oldest alone; in the end after two and a half to five minutes each, which
    # here is four to six.
    tried = {json.loads(request.body)["id"] for request in receiver.requests}
    assert tried == {ids[0] for ids in sent.values()}
    assert 2 * 24 * 10 <= len(receiver.requests) <= 2 * (24 * 15 + 20)
    receiver.requests.clear()
    receiver.answer = lambda _: (204, {})
    work(delivery, clock, 10)
    arrived = [json.loads(request.body) for request in receiver.requests]
    for camera, ids in sent.items():
        assert [each["id"] for each in arrived if each["camera"] == camera] == ids
    assert delivery.health()[HOOK].num_waiting == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-9), timedelta(days=2)])
def test_a_clock_that_jumps_holds_up_no_message(
    store: EventStore, receiver: HttpReceiver, clock: type[Clock], jump: timedelta
) -> None:
    ids = put(store, "gate", 2)
    delivery = deliverer(store, receiver)
    receiver.answer = lambda _: (503, {})
    work(delivery, clock, 60)  # by now it waits for minutes
    receiver.answer = lambda _: (204, {})
    receiver.requests.clear()
    clock.at += jump
    work(delivery, clock, 1, timedelta(seconds=1))
    assert [json.loads(request.body)["id"] for request in receiver.requests] == ids


def test_a_clock_that_jumps_while_a_car_stands_there_keeps_its_frames_in_order() -> None:
    timeline, noon = Timeline(), datetime(2026, 1, 1, 12, tzinfo=UTC)
    hour = timedelta(hours=1)
    stamps = [timeline.stamp(s, noon + timedelta(seconds=s)) for s in (0.0, 0.1, 0.2)]
    # Daylight saving done by hand; the seconds that durations are made of go on.
    stamps += [timeline.stamp(s, noon - hour + timedelta(seconds=s)) for s in (0.3, 0.4)]
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] == pytest.approx(0.4)
    assert timeline.wall_time(0.2) == noon + timedelta(seconds=0.2)
    assert timeline.wall_time(0.4) == noon - hour + timedelta(seconds=0.4)
