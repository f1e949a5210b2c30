"""No camera waits for a store that fails or stands still, and nothing is lost without a word."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from platestream.core.errors import StoreError
from platestream.service import keeping
from platestream.service.keeping import Keeper
from platestream.store.records import NewEvent
from tests.service.site import new_event
from tests.waiting import wait_until


class Gate:
    """A store's `add` that works, fails or stands still, as a test wants."""

    def __init__(self) -> None:
        self.kept: list[NewEvent] = []
        self.fails = False
        self.goes_on = threading.Event()
        self.goes_on.set()

    def keep(self, event: NewEvent) -> None:
        self.goes_on.wait(30)
        if self.fails:
            msg = "the database is away"
            raise StoreError(msg)
        self.kept.append(event)


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.goes_on.set()


@pytest.fixture
def keeper(gate: Gate) -> Iterator[Keeper]:
    keeper = Keeper(gate.keep, retry_s=0.01)
    keeper.start()
    yield keeper
    gate.goes_on.set()
    keeper.stop(5)


def test_events_are_kept_in_order_after_a_store_failed(
    gate: Gate, keeper: Keeper, caplog: pytest.LogCaptureFixture
) -> None:
    gate.fails = True
    events = [new_event() for _ in range(5)]
    for event in events:
        keeper.put(event)
    wait_until(lambda: keeper.health().state == "waiting")
    health = keeper.health()
    assert (health.num_waiting, health.last_error) == (5, "the database is away")
    gate.fails = False
    wait_until(lambda: len(gate.kept) == 5)
    wait_until(lambda: keeper.health().state == "ok")
    assert [event.id for event in gate.kept] == [event.id for event in events]
    health = keeper.health()
    assert (health.num_kept, health.num_waiting, health.num_lost) == (5, 0, 0)
    assert health.last_error == ""
    assert caplog.text.count("events wait for the store") == 1


def test_a_store_that_stands_still_holds_up_nobody_and_is_told(
    gate: Gate, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SLOW_S", 0.05)
    gate.goes_on.clear()
    begin_s = time.monotonic()
    for _ in range(50):
        keeper.put(new_event())
    assert time.monotonic() - begin_s < 2
    wait_until(lambda: keeper.health().state == "waiting")
    assert "has not answered" in keeper.health().last_error
    gate.goes_on.set()
    wait_until(lambda: keeper.health().num_kept == 50)
    assert keeper.health().state == "ok"


def test_what_waits_is_bounded_in_number_and_bytes(
    gate: Gate,
    keeper: Keeper,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    events = [new_event() for _ in range(6)]
    monkeypatch.setattr(keeping, "MAX_WAITING", 4)
    monkeypatch.setattr(keeping, "MAX_WAITING_BYTES", 2 * events[0].picture_bytes)
    gate.goes_on.clear()
    for event in events:
        keeper.put(event)
    assert keeper.health().num_waiting == 4
    assert keeper.health().num_lost == 2
    for lost in events[1:3]:  # the first was in the store's hands
        assert f"event {lost.id} of camera gate" in caplog.text
    gate.goes_on.set()
    wait_until(lambda: len(gate.kept) == 4)
    assert [event.id for event in gate.kept] == [events[i].id for i in (0, 3, 4, 5)]
    # The first two fit, then there is no room; the last one takes that of the second, now lost.
    assert [event.frame is not None for event in gate.kept] == [True, False, False, False]
    assert [len(event.strip) for event in gate.kept] == [4, 0, 0, 4]
    assert all(event.crop is not None for event in gate.kept)
    wait_until(lambda: keeper.health().num_waiting == 0)
    assert keeper._waiting_bytes == 0


def test_what_lost_pictures_for_want_of_room_says_so() -> None:
    event = new_event()
    assert event.thinned(10**9) is event
    assert event.thinned(0).is_thinned


def test_crops_alone_are_bounded_too(
    gate: Gate, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [replace(new_event(), frame=None, strip=(), stack=None) for _ in range(40)]
    most_bytes = 5 * events[0].picture_bytes
    monkeypatch.setattr(keeping, "MAX_WAITING_BYTES", most_bytes)
    gate.goes_on.clear()
    for event in events:
        keeper.put(event)
        assert keeper._waiting_bytes <= 2 * most_bytes
    assert (keeper.health().num_waiting, keeper.health().num_lost) == (10, 30)
    gate.goes_on.set()
    wait_until(lambda: len(gate.kept) == 10)
    assert [event.id for event in gate.kept][1:] == [event.id for event in events[-9:]]


def test_a_parked_car_fills_no_queue_and_its_end_is_kept(gate: Gate, keeper: Keeper) -> None:
    gate.goes_on.clear()
    sure = replace(new_event(), state="sure")
    keeper.put(sure)
    for _ in range(1000):
        keeper.put(replace(sure, is_news=False))
    keeper.put(replace(sure, state="final"))
    assert keeper.health().num_waiting == 2
    gate.goes_on.set()
    wait_until(lambda: len(gate.kept) == 2)
    assert [event.state for event in gate.kept] == ["sure", "final"]
    keeper.put(replace(sure, is_news=False))
    wait_until(lambda: len(gate.kept) == 3)


def test_a_stop_waits_for_a_store_that_comes_back(gate: Gate) -> None:
    keeper = Keeper(gate.keep, retry_s=0.01)
    keeper.start()
    gate.fails = True
    keeper.put(new_event())
    wait_until(lambda: keeper.health().state == "waiting")
    threading.Timer(0.3, lambda: setattr(gate, "fails", False)).start()
    keeper.stop(10)
    assert len(gate.kept) == 1
    assert keeper.health().num_lost == 0


def test_a_stop_ends_in_time_and_names_what_is_lost(
    gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = Keeper(gate.keep)
    keeper.start()
    gate.goes_on.clear()
    events = [new_event() for _ in range(3)]
    for event in events:
        keeper.put(event)
    begin_s = time.monotonic()
    keeper.stop(0.2)
    assert time.monotonic() - begin_s < 3
    assert all(f"event {event.id} of camera gate" in caplog.text for event in events)
    assert keeper.health().num_lost == 3


def test_an_event_that_breaks_something_of_ours_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults, kept = [ValueError("what is that?")], []

    def keep(event: NewEvent) -> None:
        if faults:
            raise faults.pop()
        kept.append(event)

    keeper = Keeper(keep)
    keeper.start()
    for _ in range(2):
        keeper.put(new_event())
    keeper.stop(5)
    assert len(kept) == 1
    assert keeper.health().num_lost == 1
    assert "what is that?" in caplog.text
