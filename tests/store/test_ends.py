"""Searches until a moment in the past find what began before it, and look at nothing later."""

import random
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.event import listen, remove

from platestream.store import store as store_module
from platestream.store.database import Database
from platestream.store.ends import last_end
from platestream.store.records import NewEvent, Query, Total
from platestream.store.store import EventStore, open_store

from .events import NOON, new_event

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THREE_WEEKS = timedelta(weeks=3)


def lasting(plate: str, begun: datetime, lasted: timedelta, camera: str = "gate") -> NewEvent:
    made = new_event(plate, begun + lasted, camera=camera, num_strip=0)
    return replace(made, started_at=begun, best_at=begun)


def plates(store: EventStore, query: Query) -> list[str]:
    """What is found, newest first."""
    return [event.event.plate for event in store.each(query)]


@pytest.fixture
def filled(store: EventStore) -> EventStore:
    """Passages around noon, and others on each of the three days after it."""
    for event in (
        lasting("BEFORE1", NOON - 2 * HOUR, 4 * timedelta(seconds=1)),
        lasting("SPANS1", NOON - timedelta(seconds=1), timedelta(seconds=2)),
        lasting("SPANS2", NOON - timedelta(minutes=1), HOUR),
        lasting("SPANS3", NOON - timedelta(microseconds=1), HOUR + timedelta(microseconds=1)),
        lasting("NIGHT", NOON - HOUR, 20 * HOUR, camera="yard"),
        lasting("WEEKS", NOON - timedelta(minutes=5), THREE_WEEKS),
        lasting("BEYOND1", NOON, timedelta(seconds=2)),
        lasting("BEYOND2", NOON, 2 * DAY),
        *(lasting(f"LATER{day}", NOON + day * DAY, HOUR / 2) for day in (1, 2, 3)),
    ):
        store.add(event)
    return store


def test_what_was_in_view_at_the_end_is_found_and_nothing_that_came_later(
    filled: EventStore,
) -> None:
    until = Query(until=NOON)
    found = ["WEEKS", "NIGHT", "SPANS3", "SPANS2", "SPANS1", "BEFORE1"]
    assert plates(filled, until) == found
    assert plates(filled, replace(until, since=NOON - HOUR)) == found[:-1]
    assert plates(filled, replace(until, camera="yard")) == ["NIGHT"]
    assert plates(filled, replace(until, camera="gate")) == [f for f in found if f != "NIGHT"]
    assert plates(filled, replace(until, plate="SPANS")) == ["SPANS3", "SPANS2", "SPANS1"]
    assert plates(filled, replace(until, looks_like="WEEKS")) == ["WEEKS"]
    assert filled.total(until) == Total(6, 6, is_all=True)
    hours = [NOON - 2 * HOUR, NOON, NOON + HOUR, NOON + 19 * HOUR, NOON + THREE_WEEKS - HOUR]
    assert filled.count_by_hour(until) == list(zip(hours, [1, 2, 1, 1, 1], strict=True))


def test_the_last_end_is_that_of_who_stood_there(filled: EventStore) -> None:
    with filled._database.reading() as connection:
        assert last_end(connection, NOON) == NOON + THREE_WEEKS - timedelta(minutes=5)
        assert last_end(connection, NOON, "yard") == NOON + 19 * HOUR
        # Nobody was in view, so an hour later all are over that could have been.
        assert last_end(connection, NOON - DAY) == NOON - DAY + HOUR
        assert last_end(connection, NOON + DAY, "yard") == NOON + DAY + HOUR


def test_any_passages_give_what_a_slow_look_gives(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MAX_PAGE", 7)
    dice = random.Random(18)
    events = [
        lasting(
            f"P{number}",
            NOON + dice.randrange(96) * HOUR / 2,
            dice.choice((0.001, 0.5, 1, 1.5, 30)) * HOUR,
            dice.choice(("gate", "yard")),
        )
        for number in range(60)
    ]
    for event in events:
        store.add(event)
    for _ in range(40):
        camera = dice.choice(("", "gate", "yard"))
        since = NOON + dice.randrange(96) * HOUR / 2
        query = Query(camera=camera, since=since, until=since + dice.randrange(60) * HOUR / 2)
        assert sorted(plates(store, query)) == sorted(
            event.event.plate
            for event in events
            if (not camera or event.camera == camera)
            and event.ended_at >= since
            and query.until is not None
            and event.started_at < query.until
        )


@pytest.mark.parametrize(
    ("camera", "index"), [("", "events_by_time"), ("gate", "events_by_camera")]
)
@pytest.mark.parametrize("ask", ["find", "total", "count_by_hour"])
def test_both_ends_of_a_search_are_ends_in_an_index(
    filled: EventStore, ask: str, camera: str, index: str
) -> None:
    last, page = plans(filled, ask, Query(camera=camera, since=NOON - HOUR, until=NOON))
    assert "events_that_lasted" in last
    if filled._database.is_sqlite:
        assert re.search(r"events_that_lasted \(started_at>\? AND started_at<\?\)", last)
        key = "camera=? AND ended_at" if camera else "ended_at"
        assert f"{index} ({key}>? AND ended_at<?)" in page
    else:
        assert index in page
        condition = next(line for line in page.splitlines() if "Index Cond" in line)
        assert "ended_at >=" in condition
        assert "ended_at <=" in condition


@pytest.mark.parametrize("camera", ["", "gate"])
def test_a_later_page_begins_where_the_one_before_ended(filled: EventStore, camera: str) -> None:
    query = Query(camera=camera, since=NOON - HOUR, until=NOON)
    cursor = filled.find(query, limit=2).next_cursor
    (page,) = plans(filled, "find", query, cursor=cursor)
    if filled._database.is_sqlite:
        assert "AND (ended_at,id)<(?,?))" in page
    else:
        condition = next(line for line in page.splitlines() if "Index Cond" in line)
        assert "ROW(ended_at, (id)::text) <" in condition


def plans(store: EventStore, ask: str, query: Query, **options: Any) -> list[str]:
    """How the database goes about each question that it is asked."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    listen(Engine, "before_cursor_execute", hear)
    try:
        getattr(store, ask)(query, **options)
    finally:
        remove(Engine, "before_cursor_execute", hear)
    how = "EXPLAIN QUERY PLAN" if store._database.is_sqlite else "EXPLAIN"
    with store._database.reading() as connection:
        if not store._database.is_sqlite:  # of few rows it would read all, and rightly
            for way in ("seqscan", "bitmapscan", "sort"):
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
        return [
            "\n".join(
                str(row[-1]) for row in connection.exec_driver_sql(f"{how} {statement}", values)
            )
            for statement, values in asked
            if "FROM events" in statement
        ]


def test_an_older_store_gets_the_index_when_it_is_opened(url: str, tmp_path: Path) -> None:
    Database(url).close()
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("DROP INDEX events_that_lasted"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    database.close()
    store = open_store(url, tmp_path / "pictures")
    last, _ = plans(store, "find", Query(until=NOON))
    store.close()
    assert "events_that_lasted" in last


def test_an_end_that_no_clock_has_reached_has_no_search_look_at_everything(
    filled: EventStore,
) -> None:
    lost = datetime(9999, 12, 31, 23, tzinfo=UTC)
    filled.add(lasting("NEVER", NOON - HOUR, lost - NOON))
    filled.add(
        replace(lasting("CLOCK", NOON, 2 * HOUR), started_at=datetime(1970, 1, 1, tzinfo=UTC))
    )
    with filled._database.reading() as connection:
        assert last_end(connection, NOON, "gate") == NOON + THREE_WEEKS - timedelta(minutes=5)
        assert last_end(connection, NOON - DAY) == NOON - DAY + HOUR
        assert last_end(connection, lost) == lost + timedelta(
            minutes=59, seconds=59, microseconds=999999
        )
    assert "NEVER" not in plates(filled, Query(until=NOON))
    assert plates(filled, Query(since=NOON + 30 * DAY)) == ["NEVER"]


@pytest.mark.parametrize(
    "bad", ["", "x", "2026-11-24 99:99:99", "2026-11-23", b"\xff\x00", -1, 2**62, "now"]
)
def test_damaged_times_hide_no_other_event(tmp_path: Path, bad: object) -> None:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    ids = [store.add(lasting(f"BAD{n}", NOON - HOUR, 3 * HOUR)) for n in range(2)]
    store.add(lasting("WEEKS", NOON - HOUR, THREE_WEEKS))
    store.add(lasting("LATER", NOON + DAY, HOUR))
    with closing(sqlite3.connect(tmp_path / "events.db")) as raw:
        for column, event_id in zip(("started_at", "ended_at"), ids, strict=True):
            raw.execute(f"UPDATE events SET {column} = ? WHERE id = ?", [bad, event_id])
        raw.commit()
    found = plates(store, Query(until=NOON))
    with store._database.reading() as connection:
        assert last_end(connection, NOON) == NOON - HOUR + THREE_WEEKS
    store.close()
    assert "WEEKS" in found
    assert "LATER" not in found
