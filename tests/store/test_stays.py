"""Arrivals paired with departures."""

import random
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy
from sqlalchemy import text

from platestream.store.privacy import Privacy
from platestream.store.records import NewEvent, Stay
from platestream.store.stays import stays
from platestream.store.store import EventStore

from .conftest import OpenStore
from .events import NOON, new_event

HOUR = timedelta(hours=1)


def add(store: EventStore, direction: str, hours: float, plate: str = "AB1234") -> str:
    return store.add(new_event(plate, NOON + hours * HOUR, direction=direction))


def test_an_arrival_and_the_departure_that_follows_are_a_stay(store: EventStore) -> None:
    arrival, departure = add(store, "gate:in", 0), add(store, "gate:in,back:out", 2)
    stay = Stay(
        "AB1234",
        "",
        arrival,
        departure,
        NOON,
        NOON + 2 * HOUR,
        arrival_camera="gate",
        departure_camera="gate",
        arrival_direction="gate:in",
        departure_direction="back:out",
    )
    assert store.stays() == [stay]
    assert store.stays(inside_only=True) == []


def test_who_has_not_left_is_still_here(store: EventStore) -> None:
    add(store, "gate:in", 0)
    add(store, "gate:out", -1)
    here, left = store.stays()
    assert (here.arrived_at, here.departed_at, here.is_inside) == (NOON, None, True)
    assert (left.arrived_at, left.departed_at, left.is_inside) == (None, NOON - HOUR, False)
    assert (left.arrival_camera, left.departure_camera) == ("", "gate")
    assert store.stays(inside_only=True) == [here]


def test_a_stay_has_the_name_that_was_known_last(store: EventStore) -> None:
    store.add(replace(new_event("AB1234", NOON, direction="gate:in"), known_as="Ada"))
    (stay,) = store.stays()
    assert stay.known_as == "Ada"
    out = new_event("AB1234", NOON + HOUR, direction="gate:out")
    store.add(replace(out, known_as="Grace"))
    (stay,) = store.stays()
    assert stay.known_as == "Grace"


def test_a_second_arrival_closes_nothing_and_opens_a_stay(store: EventStore) -> None:
    first, second = add(store, "gate:in", 0), add(store, "gate:in", 1)
    out, lone = add(store, "gate:out", 2), add(store, "gate:out", 3)
    assert [(s.arrival_id, s.departure_id) for s in store.stays()] == [
        ("", lone),
        (second, out),
        (first, ""),
    ]
    assert [s.came_again for s in store.stays()] == [False, False, True]
    assert store.stays(inside_only=True) == [], "who came again is not there twice"
    third = add(store, "gate:in", 4)
    assert [s.arrival_id for s in store.stays(inside_only=True)] == [third]


def test_other_plates_and_passages_without_direction_do_not_matter(store: EventStore) -> None:
    arrival = add(store, "gate:in", 0)
    add(store, "gate:out", 1, "XY99")
    add(store, "", 1)
    add(store, "gate:into", 1)
    add(store, "in", 1)
    departure = add(store, "gate:out", 2)
    stays = [s for s in store.stays() if s.plate == "AB1234"]
    assert [(s.arrival_id, s.departure_id) for s in stays] == [(arrival, departure)]


def test_a_correction_pairs_what_a_misreading_parted(store: EventStore) -> None:
    arrival, departure = add(store, "gate:in", 0, "AB1284"), add(store, "gate:out", 1)
    assert len(store.stays()) == 2
    store.correct(arrival, "AB1234", by="Anna")
    (stay,) = store.stays()
    assert (stay.plate, stay.arrival_id, stay.departure_id) == ("AB1234", arrival, departure)


def test_hashed_plates_pair_and_plates_that_are_not_kept_do_not(open_again: OpenStore) -> None:
    privacy = Privacy("hash", b"k" * 16)
    store = open_again(privacy=privacy)
    add(store, "gate:in", 0)
    add(store, "gate:out", 1)
    (stay,) = store.stays()
    assert (stay.plate, stay.plate_hash) == ("", privacy.hash("AB1234"))
    store.close()
    store = open_again(privacy=Privacy("listed"))
    add(store, "gate:in", 2)
    assert store.stays() == [stay]


def test_newest_first_and_no_more_than_wanted(store: EventStore) -> None:
    ids = [add(store, "gate:in", i, f"AB{i}") for i in range(5)]
    assert [s.arrival_id for s in store.stays(limit=2)] == [ids[4], ids[3]]


def test_any_order_of_events_gives_what_a_slow_look_gives(store: EventStore) -> None:
    rng = random.Random(7)
    events = [
        replace(new_event(rng.choice("ABC") * 3, NOON + i * HOUR), direction=direction)
        for i, direction in enumerate(rng.choices(("gate:in", "gate:out", "gate:by"), k=40))
    ]
    for event in rng.sample(events, len(events)):
        store.add(event)
    found = store.stays(limit=1000)
    assert {_core(stay) for stay in found} == slow_stays(events)
    assert {stay for stay in found if stay.is_inside} == set(store.stays(inside_only=True))


Core = tuple[str, str, str, datetime | None, datetime | None, bool]


def _core(stay: Stay) -> Core:
    ids = (stay.arrival_id, stay.departure_id)
    return (stay.plate, *ids, stay.arrived_at, stay.departed_at, stay.came_again)


def slow_stays(events: list[NewEvent]) -> set[Core]:
    """Go through the events of each plate in time order, remembering the last arrival."""
    found: set[Core] = set()
    arrived: dict[str, tuple[str, datetime]] = {}
    for event in events:
        plate, at = event.event.plate, event.ended_at
        came = arrived.pop(plate, None) if not event.direction.endswith("by") else None
        if event.direction == "gate:out":
            arrival_id, arrived_at = came or ("", None)
            found.add((plate, arrival_id, event.id, arrived_at, at, False))
        elif event.direction == "gate:in":
            if came:
                found.add((plate, came[0], "", came[1], None, True))
            arrived[plate] = (event.id, at)
    return found | {(p, id_, "", at, None, False) for p, (id_, at) in arrived.items()}


def test_stays_are_told_without_a_look_at_all_events(store: EventStore) -> None:
    for number in range(300):
        add(store, ("gate:in", "gate:out", "")[number % 3], number, f"AB{number // 3}")
    for inside_only in (False, True):
        plan = explained(store, inside_only=inside_only)
        assert "events_over_lines_by_plate" in plan
        assert re.search(r"events_over_lines\b(?!_)", plan)
        assert not re.search(r"SCAN passage$|Seq Scan|TEMP B-TREE|WindowAgg", plan, re.MULTILINE)


def explained(store: EventStore, *, inside_only: bool) -> str:
    """How the database would go about it."""
    asked: list[Any] = []
    with store._database.reading() as connection:
        if not store._database.is_sqlite:  # of few rows it would read all, and rightly
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
        sqlalchemy.event.listen(connection, "before_execute", lambda *args: asked.append(args[1]))
        stays(connection, inside_only=inside_only, limit=10)
        question = asked[0].compile(connection, compile_kwargs={"literal_binds": True})
        how = "EXPLAIN QUERY PLAN" if store._database.is_sqlite else "EXPLAIN"
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{how} {question}"))
