"""Sessions over restarts: who stays in, who does not, and what a thief of the database has."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from platestream.core.errors import StoreError
from platestream.service.config import ServerConfig
from platestream.service.web.auth import Auth, User
from platestream.service.web.passwords import hash_password
from platestream.service.web.sessions import IDLE_S, LIFETIME_S, USED_EVERY_S, Sessions
from platestream.service.web_wiring import make_auth
from platestream.store.page_settings import Settings
from platestream.store.records import StoredSession
from platestream.store.store import EventStore, open_store
from tests.service.site import HASH, PASSWORD
from tests.service.web.test_auth import Clock

OTTO = [User("otto", HASH, "operator")]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    opened = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    yield opened
    opened.close()


def started(store: EventStore, clock: Clock, users: list[User] = OTTO) -> Auth:
    return Auth(users, sessions=Sessions(store.settings, clock), now=clock)


def test_who_is_logged_in_stays_so_as_long_as_without_a_restart(store: EventStore) -> None:
    clock = Clock()
    session = started(store, clock).log_in("otto", PASSWORD, "::1") or ""
    clock.now_s += IDLE_S
    assert started(store, clock).by_session(session)
    clock.now_s += 1
    assert started(store, clock).by_session(session) is None, "idle for too long"


def test_that_it_was_used_is_known_after_a_restart(store: EventStore) -> None:
    clock = Clock()
    session = started(store, clock).log_in("otto", PASSWORD, "::1") or ""
    began_s = clock.now_s
    while clock.now_s < began_s + LIFETIME_S - IDLE_S:
        auth = started(store, clock)
        clock.now_s += IDLE_S - 1
        assert auth.by_session(session)
        auth.sessions.stop()
    clock.now_s = began_s + LIFETIME_S + 1
    assert started(store, clock).by_session(session) is None, "a week is the most"


def test_it_is_stored_now_and_then_and_not_at_each_use(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []
    keep = Settings.keep_sessions

    def count(settings: Settings, sessions: list[object], ended: set[str]) -> None:
        stored.append(len(sessions))
        keep(settings, sessions, ended)  # type: ignore[arg-type]

    monkeypatch.setattr(Settings, "keep_sessions", count)
    clock = Clock()
    auth = started(store, clock)
    session = auth.log_in("otto", PASSWORD, "::1") or ""
    for _ in range(100):
        clock.now_s += USED_EVERY_S / 50
        auth.by_session(session)
        auth.sessions.store()
    assert stored == [1, 1, 1]


def test_who_logged_out_is_out_for_good(store: EventStore) -> None:
    auth = started(store, Clock())
    session = auth.log_in("otto", PASSWORD, "::1") or ""
    auth.log_out(session)
    assert started(store, Clock()).by_session(session) is None
    assert store.settings.sessions() == []


def test_another_password_ends_it_and_another_role_counts(store: EventStore) -> None:
    session = started(store, Clock()).log_in("otto", PASSWORD, "::1") or ""
    identity = started(store, Clock(), [User("otto", HASH, "viewer")]).by_session(session)
    assert identity is not None
    assert identity.role == "viewer", "roles are those of now"
    other = [User("otto", hash_password("another horse battery"), "operator")]
    assert started(store, Clock(), other).by_session(session) is None
    assert started(store, Clock(), [User("vera", HASH)]).by_session(session) is None


def test_a_password_in_clear_is_the_same_after_a_restart(store: EventStore) -> None:
    def server(password: str) -> ServerConfig:
        return ServerConfig.model_validate({"users": {"otto": {"password": password}}})

    before = make_auth(server(PASSWORD), Sessions(store.settings))
    session = before.log_in("otto", PASSWORD, "::1") or ""
    again = make_auth(server(PASSWORD), Sessions(store.settings))
    assert again.by_session(session)
    changed = make_auth(server("another horse battery"), Sessions(store.settings))
    assert changed.by_session(session) is None


def test_a_thief_of_the_database_cannot_log_in(store: EventStore, tmp_path: Path) -> None:
    auth = started(store, Clock())
    session = auth.log_in("otto", PASSWORD, "::1") or ""
    token = auth.form_token(session)
    held = b"".join(path.read_bytes() for path in tmp_path.glob("events.db*"))
    for secret in (session, token, PASSWORD):
        assert secret.encode() not in held
    (stored,) = store.settings.sessions()
    for taken in (stored.digest, stored.password_hash):
        assert auth.by_session(taken) is None
        assert auth.log_in("otto", taken, "::1") is None
        assert not auth.is_form_token(session, taken)


def test_forms_that_were_open_before_a_restart_can_be_sent(store: EventStore) -> None:
    auth = started(store, Clock())
    session = auth.log_in("otto", PASSWORD, "::1") or ""
    token = auth.form_token(session)
    assert started(store, Clock()).is_form_token(session, token)


class Failing:
    """A store that fails for a while."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.fails = settings, True

    def sessions(self) -> list[StoredSession]:
        return self._settings.sessions()

    def keep_sessions(self, sessions: Sequence[StoredSession], ended: Iterable[str], /) -> None:
        if self.fails:
            msg = "the disk is full"
            raise StoreError(msg)
        self._settings.keep_sessions(sessions, ended)


def test_a_store_that_fails_keeps_nobody_out(
    store: EventStore, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Failing(store.settings)
    auth = Auth(OTTO, sessions=Sessions(failing, Clock()))  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING):
        first = auth.log_in("otto", PASSWORD, "::1") or ""
        second = auth.log_in("otto", PASSWORD, "::1") or ""
        auth.log_out(first)
    assert auth.by_session(second)
    assert caplog.text.count("stored later") == 1
    failing.fails = False
    auth.sessions.store()
    assert len(store.settings.sessions()) == 1, "and what ended meanwhile is not there"


def test_one_that_began_while_the_clock_was_ahead_lasts_no_longer(store: EventStore) -> None:
    clock = Clock()
    clock.now_s += 365 * 24 * 3600
    session = started(store, clock).log_in("otto", PASSWORD, "::1") or ""
    clock.now_s -= 365 * 24 * 3600
    for _ in range(int(LIFETIME_S / IDLE_S) + 1):
        auth = started(store, clock)
        assert auth.by_session(session)
        auth.sessions.stop()
        clock.now_s += IDLE_S - 1
    auth = started(store, clock)
    auth.by_session(session)
    clock.now_s += IDLE_S - 1
    assert auth.by_session(session) is None
