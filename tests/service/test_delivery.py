import json
import random
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from platestream.core.errors import SinkError, SinkRefused, StoreError
from platestream.service.delivery import LONGEST_WAIT_S, MAX_REFUSALS, MAX_TRIES, Delivery
from platestream.sinks.mqtt import MqttSink
from platestream.sinks.native import native
from platestream.sinks.posting import Poster
from platestream.sinks.sink import Notice, Passage, Sink
from platestream.sinks.topics import native_topics
from platestream.sinks.webhook import WebhookSettings, WebhookSink
from platestream.store.records import Message
from tests.receivers import PASSWORD, USER, Broker, Request, http_receiver, listener, wait_until
from tests.service.outbox import MemoryOutbox
from tests.sinks.passages import passage


class ListSink:
    """Notes what it is told, after `before` had its say."""

    hears_cameras = wants_frame = False

    def __init__(self, before: Callable[[Notice], None] = lambda _: None) -> None:
        self.told: list[tuple[str, str]] = []
        self.state = "new"
        self._before = before

    def start(self) -> None:
        self.state = "started"

    def encode(self, passage: Passage) -> str:
        return json.dumps({"id": passage.id})

    def tell(self, notice: Notice) -> None:
        self._before(notice)
        self.told.append((notice.camera, notice.event_id))

    def check(self) -> str:
        return "it listens"

    def close(self) -> None:
        self.state = "closed"


@contextmanager
def delivering(outbox: MemoryOutbox, **sinks: Sink) -> Iterator[Delivery]:
    delivery = Delivery(outbox, sinks, first_wait_s=0.001, poll_s=0.01)
    delivery.start()
    try:
        yield delivery
    finally:
        delivery.stop()


def test_everything_is_told_in_order() -> None:
    outbox, sink = MemoryOutbox(), ListSink()
    for number in range(5):
        outbox.put("a", "gate", str(number))
        outbox.put("a", "yard", str(number))
    with delivering(outbox, a=sink) as delivery:
        wait_until(lambda: not outbox.left())
        assert delivery.health()["a"].num_told == 10
        assert sink.state == "started"
    assert [i for c, i in sink.told if c == "gate"] == ["0", "1", "2", "3", "4"]
    assert [i for c, i in sink.told if c == "yard"] == ["0", "1", "2", "3", "4"]
    assert sink.state == "closed"


def test_what_waits_is_told_unless_the_store_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> dict[str, int]:
        msg = "the database is away"
        raise StoreError(msg)

    outbox = MemoryOutbox()
    outbox.put("a", "gate", "1")
    delivery = Delivery(outbox, {"a": ListSink(), "b": ListSink()})
    assert {n: health.num_waiting for n, health in delivery.health().items()} == {"a": 1, "b": 0}
    monkeypatch.setattr(outbox, "num_waiting", fail)
    assert [health.num_waiting for health in delivery.health().values()] == [None, None]


def test_who_says_that_there_is_news_need_not_wait() -> None:
    outbox, sink = MemoryOutbox(), ListSink()
    delivery = Delivery(outbox, {"a": sink}, poll_s=3600)
    delivery.start()
    outbox.put("a", "gate", "1")
    delivery.wake()
    wait_until(lambda: sink.told)
    delivery.stop()


def test_a_server_that_fails_now_and_then_gets_all_in_order() -> None:
    rng = random.Random(1)
    taken: dict[str, list[str]] = defaultdict(list)

    def answer(request: Request) -> tuple[int, dict[str, str]]:
        status = rng.choice([200, 200, 500, 503, 404])
        if status == 200:
            body = json.loads(request.body)
            taken[body["camera"]].append(body["id"])
        return status, {}

    outbox = MemoryOutbox()
    with http_receiver() as receiver:
        receiver.answer = answer
        sink = WebhookSink(Poster(receiver.url), native)
        for number in range(20):
            for camera in ("gate", "yard"):
                told = passage(number, camera=camera)
                outbox.put("hook", camera, told.id, sink.encode(told))
        with delivering(outbox, hook=sink) as delivery:
            wait_until(lambda: not outbox.left())
            health = delivery.health()["hook"]
        assert len(receiver.requests) == 40 + health.num_failed
    assert health.num_failed > 0
    assert taken == {c: [passage(n).id for n in range(20)] for c in ("gate", "yard")}


def test_a_slow_sink_holds_up_no_other() -> None:
    go_on = Event()
    outbox = MemoryOutbox()
    slow, quick = ListSink(lambda _: go_on.wait(30) and None), ListSink()
    for number in range(10):
        outbox.put("slow", "gate", str(number))
        outbox.put("quick", "gate", str(number))
    with delivering(outbox, slow=slow, quick=quick):
        wait_until(lambda: len(quick.told) == 10)
        assert slow.told == []
        go_on.set()


def test_a_camera_that_must_wait_holds_up_no_other() -> None:
    def before(notice: Notice) -> None:
        if notice.camera == "gate":
            msg = "not now"
            raise SinkError(msg, 3600)

    outbox, sink = MemoryOutbox(), ListSink(before)
    for number in range(3):
        outbox.put("a", "gate", str(number))
        outbox.put("a", "yard", str(number))
    with delivering(outbox, a=sink):
        wait_until(lambda: len(sink.told) == 3)
    assert sink.told == [("yard", "0"), ("yard", "1"), ("yard", "2")]
    assert [m.event_id for m in outbox.left()] == ["0", "1", "2"]


def test_a_refused_message_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    tries: Counter[str] = Counter()

    def before(notice: Notice) -> None:
        tries[notice.event_id] += 1
        if notice.event_id == "poison":
            msg = "answered 422"
            raise SinkRefused(msg)

    outbox, sink = MemoryOutbox(), ListSink(before)
    for event_id in ("1", "poison", "2"):
        outbox.put("a", "gate", event_id)
    with delivering(outbox, a=sink) as delivery:
        wait_until(lambda: not outbox.left())
        health = delivery.health()["a"]
    assert sink.told == [("gate", "1"), ("gate", "2")]
    assert tries == {"1": 1, "poison": MAX_REFUSALS, "2": 1}
    assert (health.num_told, health.num_failed, health.num_given_up) == (2, MAX_REFUSALS, 1)
    assert health.last_error == ""
    assert "event poison of camera gate is given up after 8 tries: answered 422" in caplog.text


def test_an_outage_is_waited_out_longer_than_a_refusal() -> None:
    num_left = 2 * MAX_REFUSALS

    def before(_: Notice) -> None:
        nonlocal num_left
        if num_left:
            num_left -= 1
            msg = "away"
            raise SinkError(msg)

    outbox, sink = MemoryOutbox(), ListSink(before)
    outbox.put("a", "gate", "1")
    delivery = Delivery(outbox, {"a": sink}, first_wait_s=1e-9, poll_s=0.01)
    delivery.start()
    wait_until(lambda: sink.told)
    delivery.stop()
    assert delivery.health()["a"].num_given_up == 0


def test_an_outage_does_not_count_as_refusals() -> None:
    answers: list[SinkError] = [SinkError("away") for _ in range(MAX_REFUSALS)]
    answers += [SinkRefused("no") for _ in range(MAX_REFUSALS - 1)]

    def before(_: Notice) -> None:
        if answers:
            raise answers.pop(0)

    outbox, sink = MemoryOutbox(), ListSink(before)
    outbox.put("a", "gate", "1")
    delivery = Delivery(outbox, {"a": sink}, first_wait_s=1e-9, poll_s=0.01)
    delivery.start()
    wait_until(lambda: not outbox.left())
    delivery.stop()
    assert sink.told == [("gate", "1")]


def test_nothing_waits_for_ever() -> None:
    def before(_: Notice) -> None:
        msg = "away"
        raise SinkError(msg)

    outbox, sink = MemoryOutbox(), ListSink(before)
    outbox.put("a", "gate", "old", tries=MAX_TRIES - 1)
    outbox.put("a", "yard", "young", tries=MAX_TRIES - 2)
    with delivering(outbox, a=sink) as delivery:
        wait_until(lambda: delivery.health()["a"].num_failed >= 2)
    assert [m.event_id for m in outbox.left()] == ["young"]


def test_stopping_loses_nothing() -> None:
    outbox = MemoryOutbox()
    for number in range(5):
        outbox.put("a", f"camera{number}", str(number))
    started, go_on = Event(), Event()

    def before(_: Notice) -> None:
        started.set()
        go_on.wait(30)

    first = ListSink(before)
    delivery = Delivery(outbox, {"a": first})
    delivery.start()
    started.wait(30)
    delivery._stopping.set()
    go_on.set()
    delivery.stop()
    assert first.told == [("camera0", "0")]  # the one being told is finished
    second = ListSink()
    with delivering(outbox, a=second):
        wait_until(lambda: not outbox.left())
    assert [i for _, i in second.told] == ["1", "2", "3", "4"]


class FullDisk(MemoryOutbox):
    """Gives messages out, and cannot note that they arrived."""

    def __init__(self, num_failures: int) -> None:
        super().__init__()
        self.num_failures = num_failures

    def told(self, number: int) -> None:
        if self.num_failures:
            self.num_failures -= 1
            msg = "the disk is full"
            raise StoreError(msg)
        super().told(number)


def test_what_arrived_is_not_told_again_while_the_store_cannot_note_it() -> None:
    outbox, sink = FullDisk(3), ListSink()
    outbox.put("a", "gate", "1")
    outbox.put("a", "gate", "2")
    with delivering(outbox, a=sink) as delivery:
        wait_until(lambda: not outbox.left())
        assert delivery.health()["a"].num_told == 2
    assert sink.told == [("gate", "1"), ("gate", "2")]


def test_a_crash_between_telling_and_noting_tells_twice() -> None:
    outbox, sink = FullDisk(10**9), ListSink()
    outbox.put("a", "gate", "1")
    with delivering(outbox, a=sink):
        wait_until(lambda: sink.told)
    outbox.num_failures = 0
    with delivering(outbox, a=sink):
        wait_until(lambda: not outbox.left())
    assert sink.told == [("gate", "1"), ("gate", "1")]


def test_a_faulty_sink_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    faults = [ZeroDivisionError("oh"), KeyError("no")]

    def before(_: Notice) -> None:
        if faults:
            raise faults.pop()

    outbox, sink = MemoryOutbox(), ListSink(before)
    outbox.put("a", "gate", "1")
    with delivering(outbox, a=sink) as delivery:
        wait_until(lambda: sink.told)
        wait_until(lambda: delivery.health()["a"].num_told == 1)
        assert delivery.health()["a"].num_failed == 2
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("error", [StoreError("the database is away"), OSError(5, "I/O error")])
def test_an_outbox_that_fails_is_asked_again_and_logged_once(
    error: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, sink = MemoryOutbox(), ListSink()
    due, failures = outbox.due, [error] * 5

    def fail_first(now: datetime, *, limit: int) -> list[Message]:
        if failures:
            raise failures.pop()
        return due(now, limit=limit)

    monkeypatch.setattr(outbox, "due", fail_first)
    outbox.put("a", "gate", "1")
    with delivering(outbox, a=sink):
        wait_until(lambda: sink.told)
    assert caplog.text.count("trying again until it works") == 1


@pytest.mark.parametrize(
    ("tries", "longest_s"), [(0, 1), (1, 2), (5, 32), (8, 256), (9, 300), (MAX_TRIES - 2, 300)]
)
def test_waits_double_and_differ_and_end(tries: int, longest_s: float) -> None:
    outbox = MemoryOutbox()
    for number in range(100):
        outbox.put("a", f"camera {number}", str(number), tries=tries)

    def busy(_: Notice) -> None:
        msg = "busy"
        raise SinkError(msg)

    delivery = Delivery(outbox, {"a": ListSink(busy)}, first_wait_s=1)
    before = datetime.now(UTC)
    assert not delivery._tell_due("a")
    after = datetime.now(UTC)
    due_at = [at for _, at in outbox.put_off]
    assert len(set(due_at)) > 90
    assert min(due_at) >= before + timedelta(seconds=longest_s / 2)
    assert max(due_at) <= after + timedelta(seconds=longest_s)


@pytest.mark.parametrize(("asked_s", "least_s", "most_s"), [(60, 60, 61), (10**9, 299, 300)])
def test_a_receiver_may_ask_for_a_longer_wait(asked_s: float, least_s: int, most_s: int) -> None:
    def before(_: Notice) -> None:
        msg = "busy"
        raise SinkError(msg, asked_s)

    outbox = MemoryOutbox()
    outbox.put("a", "gate", "1")
    before_at = datetime.now(UTC)
    with delivering(outbox, a=ListSink(before)):
        wait_until(lambda: outbox.put_off)
    ((_, due_at),) = outbox.put_off
    assert due_at >= before_at + timedelta(seconds=least_s)
    assert due_at <= datetime.now(UTC) + timedelta(seconds=min(most_s, LONGEST_WAIT_S))


def test_a_broker_killed_in_between_gets_all_in_order(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    sink = MqttSink(
        "127.0.0.1", broker.port, native_topics("p"), username=USER, password=PASSWORD, timeout_s=5
    )
    outbox = MemoryOutbox()

    def put(numbers: range) -> None:
        for number in numbers:
            outbox.put("mqtt", "gate", str(number), sink.encode(passage(number)))

    def ids(bodies: list[bytes]) -> list[str]:
        return list(dict.fromkeys(json.loads(body)["id"] for body in bodies))

    try:
        put(range(5))
        with listener(broker) as heard, delivering(outbox, mqtt=sink):
            wait_until(lambda: len(ids(events(heard))) == 5)
            wait_until(lambda: not outbox.left())
            first = ids(events(heard))
            broker.kill()
            put(range(5, 10))
            wait_until(lambda: outbox.put_off)
            assert len(outbox.left()) == 5
            outbox.is_open = (
                False  # until somebody listens again: what is lost unheard proves nothing
            )
            broker.start()
            with listener(broker) as heard_later:
                outbox.is_open = True
                wait_until(lambda: not outbox.left())
                wait_until(lambda: len(ids(events(heard_later))) == 5)
                later = ids(events(heard_later))
    finally:
        broker.kill()
    assert first == [passage(n).id for n in range(5)]
    assert later == [passage(n).id for n in range(5, 10)]


def events(heard: list) -> list[bytes]:  # type: ignore[type-arg]
    return [bytes(m.payload) for m in heard if m.topic == "p/gate/event"]


@contextmanager
def trickling() -> Iterator[int]:
    """Takes whole requests and answers a byte of a header at a time, for ever."""
    server, is_over = socket.create_server(("127.0.0.1", 0)), Event()

    def trickle(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not is_over.wait(0.05):
                client.sendall(b"x")

    def serve() -> None:
        with suppress(OSError):
            while True:
                Thread(target=trickle, args=(server.accept()[0],), daemon=True).start()

    Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1]
    finally:
        is_over.set()
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def test_a_receiver_that_trickles_its_answer_holds_up_no_end_and_loses_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox = MemoryOutbox()
    outbox.put("hook", "gate", "1")
    with trickling() as port:
        hook = WebhookSettings(url=f"http://127.0.0.1:{port}/", timeout_s=0.5).make(())
        delivery = Delivery(outbox, {"hook": hook})
        delivery.start()
        time.sleep(1.0)  # longer than its limit for each byte
        begin_s = time.monotonic()
        delivery.stop(within_s=0.3)
        assert time.monotonic() - begin_s < 2
        assert "left while it hangs, to be told again: sink hook" in caplog.text
        assert [message.event_id for message in outbox.left()] == ["1"]
    for thread in delivery._threads:  # it is cut off with the server
        thread.join(10)
    with delivering(outbox, hook=(sink := ListSink())):
        wait_until(lambda: not outbox.left())
    assert sink.told == [("gate", "1")]
