"""A service over a store with damaged rows: it starts, ends what was left, and tells the others."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from platestream.core.errors import SinkError
from platestream.service.bookkeeper import Bookkeeper
from platestream.service.config import ServiceConfig
from platestream.service.delivery import Delivery
from platestream.service.receivers import make_sinks
from platestream.service.telling import Telling
from platestream.sinks.sink import Notice
from platestream.store.records import Message, Query
from platestream.store.store import open_store
from tests.service.test_delivery import ListSink
from tests.store.events import NOON, new_event
from tests.store.test_damage import BAD, COLUMNS
from tests.waiting import wait_until

OF_EVENTS = [column for table, column in COLUMNS if table == "events" and column != "state"]
OF_MESSAGES = [column for table, column in COLUMNS if table == "messages"]


def spoil(database: Path, table: str, column: str, number: int, value: object) -> None:
    with closing(sqlite3.connect(database)) as raw:
        raw.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = {number}", [value])
        raw.commit()


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_events_that_were_left_open_stop_no_service(bad: object, tmp_path: Path) -> None:
    url = tmp_path / "events.db"
    store = open_store(str(url), tmp_path / "pictures")
    for number in range(len(OF_EVENTS) + 1):
        at = NOON + timedelta(hours=number)
        store.add(replace(new_event(f"AB{number:04}", at), state="sure", sure_at=at))
    store.close()
    for number, column in enumerate(OF_EVENTS, start=1):
        spoil(url, "events", column, number, bad)
    store = open_store(str(url), tmp_path / "pictures")
    config = ServiceConfig.model_validate(
        {"sinks": {"hook": {"type": "webhook", "url": "http://127.0.0.1:9/"}}}
    )
    Bookkeeper(store, Telling(config, make_sinks(config)), lambda: None).end_what_was_left()
    sound = f"AB{len(OF_EVENTS):04}"
    states = {each.event.plate: each.state for each in store.find(Query(), limit=100).events}
    assert states[sound] == "final"
    assert len(store.left_open()) <= 1, "all but one whose id is damaged"
    store.close()


def away_for_all_but_one(notice: Notice) -> None:
    if notice.camera != "sound":
        msg = "away"
        raise SinkError(msg)


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_damaged_messages_hold_back_no_other_camera(bad: object, tmp_path: Path) -> None:
    url = tmp_path / "events.db"
    store = open_store(str(url), tmp_path / "pictures")
    for number, column in enumerate(OF_MESSAGES, start=1):
        event = new_event()
        store.enqueue([Message("hook", column, event.id, "final", "{}")])
        spoil(url, "messages", column, number, bad)
    store.enqueue([Message("hook", "sound", "1", "final", "{}")])
    sink = ListSink(away_for_all_but_one)
    delivery = Delivery(store, {"hook": sink}, first_wait_s=0.01, poll_s=0.01)
    delivery.start()
    try:
        wait_until(lambda: sink.told == [("sound", "1")])
        assert delivery.health()["hook"].num_failed >= 1
    finally:
        delivery.stop()
        store.close()
