"""Finding events: by plate, by looks, by time and place, page by page."""

import math
import random
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove

from platestream.core.errors import ConfigError, StoreBusy
from platestream.core.matching import similarities
from platestream.store import search
from platestream.store.privacy import Privacy
from platestream.store.records import Query
from platestream.store.search import MAX_PAGE
from platestream.store.store import EventStore, open_store

from .conftest import OpenStore
from .events import NOON, new_event

MINUTE = timedelta(minutes=1)


def plates(store: EventStore, query: Query) -> list[str]:
    """What is found, oldest first."""
    return [event.event.plate for event in reversed(store.find(query).events)]


@pytest.fixture
def filled(store: EventStore) -> EventStore:
    for i, plate in enumerate(("AB1234", "AB1284", "XAB12", "京A12345", "Q77")):
        store.add(
            new_event(
                plate,
                NOON + i * MINUTE,
                camera=("gate", "yard")[i % 2],
                confidence=0.5 + i / 10,
                known_as="Anna" if plate == "Q77" else "",
            )
        )
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AB12", ["AB1234", "AB1284", "XAB12"]),
        ("ab-12 34", ["AB1234"]),
        ("京a", ["京A12345"]),
        ("AB12?4", ["AB1234", "AB1284"]),
        ("B12?4", []),  # with a wildcard it is the whole plate
        ("AB12??", ["AB1234", "AB1284"]),
        ("*12*4", ["AB1234", "AB1284"]),
        ("*", ["AB1234", "AB1284", "XAB12", "京A12345", "Q77"]),
        ("???", ["Q77"]),
        ("%", []),
        ("Q7_", ["Q77"]),  # an underscore separates, as a blank does
        ("Q%*", []),
        ("\\", []),
        ("'; DROP TABLE events; --", []),
    ],
)
def test_by_part_of_a_plate_or_with_wildcards(
    filled: EventStore, text: str, found: list[str]
) -> None:
    assert plates(filled, Query(plate=text)) == found


def test_by_looks(filled: EventStore) -> None:
    assert plates(filled, Query(looks_like="AB1244")) == ["AB1234", "AB1284"]
    assert plates(filled, Query(looks_like="ab1234", camera="yard")) == ["AB1284"]
    assert plates(filled, Query(looks_like="ZZZZZZ")) == []


def test_by_looks_as_the_reader_confuses_characters(store: EventStore) -> None:
    for plate in ("OB8I11", "WX7100"):
        store.add(new_event(plate))
    assert plates(store, Query(looks_like="DBBI1I")) == ["OB8I11"]  # D/O, B/8, I/1
    assert plates(store, Query(looks_like="W7A100")) == []  # two that are nothing alike


def test_by_camera_time_confidence_and_list(filled: EventStore) -> None:
    def found(**wanted: object) -> list[str]:
        return plates(filled, Query(**wanted))  # type: ignore[arg-type]

    assert found(camera="yard") == ["AB1284", "京A12345"]
    assert found(camera="nowhere") == []
    # The second passage lasted from 12:00:56 to 12:01:00.
    assert found(since=NOON + MINUTE, until=NOON + 2 * MINUTE) == ["AB1284", "XAB12"]
    assert found(until=NOON + MINUTE - timedelta(seconds=4)) == ["AB1234"]
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    assert found(since=(NOON + 4 * MINUTE).astimezone(kathmandu)) == ["Q77"]
    assert found(min_confidence=0.8) == ["京A12345", "Q77"]
    assert found(known=True) == ["Q77"]
    assert found(known=False, plate="*4*") == ["AB1234", "AB1284", "京A12345"]


def test_whole_plates_are_found_by_their_hashes(open_again: OpenStore) -> None:
    privacy = Privacy("hash", b"k" * 16)
    store = open_again(privacy=privacy)
    event_id = store.add(new_event("AB1234"))
    store.add(new_event("AB1235"))
    (found,) = store.find(Query(plate="ab-1234")).events
    assert (found.id, found.plate_hash) == (event_id, privacy.hash("AB1234"))
    assert store.find(Query(plate="AB123")).events == []
    assert store.find(Query(looks_like="AB1234")).events == []


def test_pages_stay_as_they_are_while_events_arrive(store: EventStore) -> None:
    rng = random.Random(4)
    # Some end in the same moment, so that ids must decide.
    old = [store.add(new_event(at=NOON + rng.randrange(5) * MINUTE)) for _ in range(23)]
    seen: list[str] = []
    cursor = None
    while True:
        page = store.find(Query(), limit=5, cursor=cursor)
        seen += [event.id for event in page.events]
        store.add(new_event(at=NOON + timedelta(hours=1)))
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert sorted(seen) == sorted(old)
    key = {event.id: (event.ended_at, event.id) for event in map(store.get, old)}
    assert seen == sorted(old, key=key.__getitem__, reverse=True)


def test_the_last_page_says_so(store: EventStore) -> None:
    for _ in range(4):
        store.add(new_event())
    first = store.find(Query(), limit=2)
    second = store.find(Query(), limit=2, cursor=first.next_cursor)
    assert (len(second.events), second.next_cursor) == (2, None)
    assert store.find(Query(), limit=4).next_cursor is None


@pytest.mark.parametrize("limit", [0, -1, MAX_PAGE + 1])
def test_a_page_has_a_size(store: EventStore, limit: int) -> None:
    with pytest.raises(ConfigError, match="limit"):
        store.find(Query(), limit=limit)
    with pytest.raises(ConfigError, match="limit"):
        store.stays(limit=limit)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é", "\udc80", "MjAyNi0xMS0yMyAA", "=" * 9])
def test_a_cursor_that_is_none_is_refused(store: EventStore, cursor: str) -> None:
    with pytest.raises(ConfigError, match="cursor"):
        store.find(Query(), cursor=cursor)


@pytest.mark.parametrize("text", ["\0", "A\0B", "\udc80"])
@pytest.mark.parametrize("field", ["plate", "looks_like", "camera"])
def test_text_that_no_database_holds_is_refused(store: EventStore, field: str, text: str) -> None:
    with pytest.raises(ConfigError, match=field):
        store.find(Query(**{field: text}))


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 1, 1),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
    ],
)
def test_a_time_needs_its_zone(store: EventStore, at: datetime) -> None:
    with pytest.raises(ConfigError, match="since"):
        store.find(Query(since=at))
    with pytest.raises(ConfigError, match="until"):
        store.count_by_hour(Query(until=at))


def test_the_ends_of_time_are_times(store: EventStore) -> None:
    event_id = store.add(new_event())
    ends = Query(since=datetime.min.replace(tzinfo=UTC), until=datetime.max.replace(tzinfo=UTC))
    assert [event.id for event in store.find(ends).events] == [event_id]


def test_cameras_are_named_once_and_in_order(store: EventStore) -> None:
    assert store.cameras() == []
    for camera in ("yard", "gate", "yard", "Gate", "gate"):
        store.add(new_event(camera=camera, num_strip=0))
    assert store.cameras() == ["Gate", "gate", "yard"]


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda store: store.cameras(), "events_by_camera"),
        (lambda store: store.prune(max_bytes=10**9), "events_with_pictures"),
        (lambda store: list(store.corrections()), "events_corrected"),
        (lambda store: store.find(Query()), "events_by_time"),
        (lambda store: store.find(Query(camera="gate")), "events_by_camera"),
        (lambda store: store.find(Query(known=True)), r"events_known\b"),
        (lambda store: store.total(Query(known=True)), r"events_known\b"),
        (lambda store: store.find(Query(known=True, camera="gate")), "events_known_by_camera"),
        (lambda store: store.erase("AB1234"), "events_by_read_plate"),
        (lambda store: store.due(NOON), "messages_in_order"),
        (lambda store: store.num_waiting(), "messages_in_order"),
    ],
)
def test_what_is_asked_often_or_of_few_goes_by_an_index(
    tmp_path: Path, ask: Callable[[EventStore], object], index: str
) -> None:
    """As SQLite plans it; no statement goes through all events, and only one all messages."""
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    asked: list[tuple[str, Any]] = []
    listen(Engine, "before_cursor_execute", hear := _hearing(asked))
    try:
        ask(store)
    finally:
        remove(Engine, "before_cursor_execute", hear)
    store.close()
    database = sqlite3.connect(tmp_path / "events.db")
    plans = [
        str(step[3])
        for statement, values in asked
        if "lower(messages.body)" not in statement  # what it says is looked for, in words of others
        if statement.lstrip().startswith(("SELECT", "WITH"))
        for step in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    database.close()
    assert any(re.search(index, step) for step in plans), plans
    whole = [s for s in plans if re.match(r"SCAN (events|messages)(?! USING)", s)]
    assert whole == []


def _hearing(asked: list[tuple[str, Any]]) -> Callable[..., None]:
    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    return hear


def test_what_cannot_match_is_not_compared(
    filled: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []

    def note(wanted: str, others: list[str]) -> Any:
        compared.extend(others)
        return similarities(wanted, others)

    monkeypatch.setattr(search, "similarities", note)
    assert plates(filled, Query(looks_like="A" * 64)) == []
    assert compared == []
    assert plates(filled, Query(looks_like="AB1234")) == ["AB1234", "AB1284"]
    assert sorted(compared) == ["AB1234", "AB1284", "XAB12", "京A12345"]


@given(st.text("AB8", max_size=12), st.text("AB8", min_size=1, max_size=12))
def test_lengths_that_are_left_out_are_never_alike(wanted: str, other: str) -> None:
    shortest = max(1, math.ceil(len(wanted) * search.MIN_LIKENESS - 1e-9))
    longest = math.floor(len(wanted) / search.MIN_LIKENESS + 1e-9)
    if not shortest <= len(other) <= longest:
        assert similarities(wanted, [other])[0] < search.MIN_LIKENESS


def test_comparing_is_given_up(filled: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COMPARE_WITHIN_S", -1.0)
    with pytest.raises(StoreBusy, match="narrow the search"):
        filled.find(Query(looks_like="AB1234"))


def test_few_go_through_all_events_at_a_time(
    filled: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = most = 0
    lock = threading.Lock()

    def compare_slowly(wanted: str, others: list[str]) -> Any:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.2)
        with lock:
            at_once -= 1
        return similarities(wanted, others)

    monkeypatch.setattr(search, "similarities", compare_slowly)

    def look(_: int) -> str:
        try:
            filled.find(Query(looks_like="AB1234"))
        except StoreBusy:
            return "busy"
        return "found"

    with ThreadPoolExecutor(40) as pool:
        told = pool.map(look, range(40))
        began_s = time.monotonic()
        assert filled.find(Query()).events, "pages without a search wait for nobody"
        assert time.monotonic() - began_s < 0.5
    assert most == 2
    assert Counter(told) == {"found": 6, "busy": 34}
