"""What waits to be told: nothing is lost, and each camera's messages go in order."""

from datetime import timedelta

from platestream.store.records import Message
from platestream.store.store import EventStore

from .conftest import OpenStore
from .events import NOON, new_event

SECOND = timedelta(seconds=1)


def add(store: EventStore, *sinks: str, camera: str = "gate", body: str = "{}") -> str:
    new = new_event(camera=camera)
    return store.add(new, [Message(sink, camera, new.id, "event", body) for sink in sinks])


def test_a_message_comes_out_as_it_went_in(store: EventStore) -> None:
    event_id = add(store, "hook", body='{"plate": "京A12345"}')
    (message,) = store.due(NOON)
    wanted = Message("hook", "gate", event_id, "event", '{"plate": "京A12345"}', message.number)
    assert message == wanted
    assert message.number > 0


def test_only_the_oldest_of_a_sink_and_camera_is_due(store: EventStore) -> None:
    first = [add(store, "hook", "mqtt"), add(store, "hook", camera="yard")]
    second = add(store, "hook", "mqtt")
    due = store.due(NOON)
    assert [(m.sink, m.camera, m.event_id) for m in due] == [
        ("hook", "gate", first[0]),
        ("mqtt", "gate", first[0]),
        ("hook", "yard", first[1]),
    ]
    assert store.due(NOON, limit=1) == due[:1]
    store.told(due[0].number)
    assert [m.event_id for m in store.due(NOON) if m.sink == "hook"] == [first[1], second]


def test_what_waits_is_counted_by_sink(store: EventStore) -> None:
    assert store.num_waiting() == {}
    add(store, "hook", "mqtt")
    add(store, "hook", camera="yard")
    assert store.num_waiting() == {"hook": 2, "mqtt": 1}
    store.told(store.due(NOON)[0].number)
    assert store.num_waiting() == {"hook": 1, "mqtt": 1}


def test_one_that_must_wait_holds_back_only_its_own_camera_and_sink(store: EventStore) -> None:
    add(store, "hook", "mqtt")
    add(store, "hook")
    add(store, "hook", camera="yard")
    head = store.due(NOON)[0]
    store.retry(head.number, NOON + 10 * SECOND)
    assert [(m.sink, m.camera) for m in store.due(NOON)] == [("mqtt", "gate"), ("hook", "yard")]
    assert head.number not in [m.number for m in store.due(NOON + 9 * SECOND)]
    again = store.due(NOON + 10 * SECOND)[0]
    assert (again.number, again.num_tries) == (head.number, 1)
    assert again.due_at == NOON + 10 * SECOND
    store.retry(head.number, NOON + 30 * SECOND)
    assert store.due(NOON + 30 * SECOND)[0].num_tries == 2


def test_a_clock_that_was_set_back_holds_up_nothing(store: EventStore) -> None:
    add(store, "hook")
    (message,) = store.due(NOON)
    store.retry(message.number, NOON + 300 * SECOND)
    assert store.due(NOON) == []
    assert [m.number for m in store.due(NOON - timedelta(days=1))] == [message.number]


def test_it_outlives_a_restart(open_again: OpenStore) -> None:
    store = open_again()
    add(store, "hook")
    add(store, "hook")
    store.retry(store.due(NOON)[0].number, NOON + SECOND)
    before = store.due(NOON + SECOND)
    store.close()
    assert open_again().due(NOON + SECOND) == before


def test_numbers_count_up_even_when_all_was_told(store: EventStore) -> None:
    numbers = []
    for _ in range(3):
        add(store, "hook")
        (message,) = store.due(NOON)
        numbers.append(message.number)
        store.told(message.number)
    assert numbers == sorted(set(numbers))


def test_what_was_erased_meanwhile_is_told_to_nobody(store: EventStore) -> None:
    add(store, "hook")
    (message,) = store.due(NOON)
    store.erase("AB1234")
    store.told(message.number)
    store.retry(message.number, NOON)
    assert store.due(NOON) == []
