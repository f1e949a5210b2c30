"""What people set on the page, over SQLite and PostgreSQL."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from platestream.store.records import Query, StoredSession, StoredUser
from platestream.store.store import EventStore, open_store

from .conftest import OpenStore
from .events import NOON, new_event

HOUR = timedelta(hours=1)


def test_cameras_are_kept_until_they_are_dropped(open_again: OpenStore) -> None:
    store = open_again()
    store.settings.put_camera("gate", {"url": "rtsp://a/b", "zones": {"d": [[0.1, 0.2]]}})
    store.settings.put_camera("gate", {"url": "rtsp://a/c", "enabled": False})
    store.close()
    store = open_again()
    assert store.settings.cameras() == {"gate": {"url": "rtsp://a/c", "enabled": False}}
    store.settings.drop_camera("gate")
    assert store.settings.cameras() == {}


def test_what_is_dropped_is_gone_from_the_file(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    store.settings.put_camera("gate", {"password": "kamera-geheim"})
    store.settings.drop_camera("gate")
    held = b"".join(path.read_bytes() for path in tmp_path.glob("events.db*"))
    assert b"kamera-geheim" not in held
    store.close()


def test_a_user_that_is_dropped_takes_the_sessions_along(store: EventStore) -> None:
    anna, bert = StoredUser("anna", "hash a", "viewer"), StoredUser("bert", "hash b", "operator")
    for user in (bert, anna, StoredUser("anna", "hash a", "viewer")):
        store.settings.put_user(user)
    sessions = [StoredSession(name[0], name, "hash", NOON, NOON) for name in ("anna", "bert")]
    store.settings.keep_sessions(sessions, [])
    assert store.settings.users() == [anna, bert]
    store.settings.drop_user("anna")
    assert store.settings.users() == [bert]
    assert store.settings.sessions() == [sessions[1]]


def test_sessions_come_in_the_order_of_their_use(store: EventStore) -> None:
    old, new = (StoredSession(key, "anna", "hash", NOON, NOON) for key in "ab")
    store.settings.keep_sessions([old, new], ["never there"])
    used = StoredSession("a", "anna", "hash", NOON, NOON + HOUR)
    store.settings.keep_sessions([used], [])
    assert store.settings.sessions() == [new, used]
    store.settings.keep_sessions([], ["b"])
    assert store.settings.sessions() == [used]


def test_which_weights_read_at_a_time(store: EventStore) -> None:
    note, at = store.settings.note_weights, store.settings.weights_at
    assert at(NOON) == {}
    note({"reader": "a" * 64}, NOON)
    note({"reader": "a" * 64}, NOON + HOUR)
    note({"reader": "b" * 64}, NOON + 2 * HOUR)
    assert at(NOON - HOUR) == {}, "nobody noted it then"
    assert at(NOON + 1.5 * HOUR) == {"reader": "a" * 64}
    assert at(NOON + 3 * HOUR) == {"reader": "b" * 64}


def test_totals_count_events_and_plates(store: EventStore) -> None:
    for number, plate in enumerate(("AB1", "AB1", "AB2", "XY9", "")):
        store.add(new_event(plate, NOON + number * HOUR))
    assert store.total(Query()).num_events == 5
    assert store.total(Query()).num_plates == 3, "one without a plate is none"
    part = store.total(Query(plate="AB"))
    assert (part.num_events, part.num_plates, part.is_all) == (3, 2, True)
    newest = store.total(Query(), most=2)
    assert (newest.num_events, newest.is_all) == (2, False)
    assert store.total(Query(plate="QQ")).num_events == 0


def test_damaged_settings_are_read_as_empty(tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    store = open_store(f"sqlite:///{file}", tmp_path / "pictures")
    store.settings.put_camera("gate", {"url": "rtsp://a/b"})
    store.settings.put_user(StoredUser("anna", "hash", "viewer"))
    store.settings.keep_sessions([StoredSession("a", "anna", "hash", NOON, NOON)], [])
    store.settings.note_weights({"reader": "a"}, NOON)
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("UPDATE cameras SET settings = '{'")
        raw.execute("UPDATE users SET role = 7, password_hash = x'ff'")
        raw.execute("UPDATE sessions SET used_at = 'soon', password_hash = x'ff'")
        raw.execute("UPDATE weights SET checksums = '[1'")
        raw.commit()
    assert store.settings.cameras() == {"gate": {}}
    assert store.settings.users() == [StoredUser("anna", "", "7")], "whose hash lets nobody in"
    (session,) = store.settings.sessions()
    assert session.password_hash == ""
    assert store.settings.weights_at(NOON) == {}
    store.close()
