import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import ConfigError
from platestream.service.web import throttle
from platestream.service.web.auth import LOCAL, Auth, Identity, Token, TooManyTries, User
from platestream.service.web.passwords import hash_password, is_password_hash, is_right
from platestream.service.web.sessions import (
    IDLE_S,
    LIFETIME_S,
    MAX_SESSIONS,
    MAX_SESSIONS_EACH,
)
from platestream.service.web.throttle import Throttle, neighbourhood
from tests.service.site import HASH, OPERATOR_TOKEN, PASSWORD


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def auth_at(clock: Clock) -> Auth:
    users = [User("otto", HASH, "operator")]
    return Auth(users, [Token("script", OPERATOR_TOKEN, "operator")], now=clock)


def test_a_hash_is_argon2id_and_checks_its_password_only() -> None:
    assert HASH.startswith("$argon2id$")
    assert is_password_hash(HASH)
    assert not is_password_hash(PASSWORD)
    assert is_right(PASSWORD, HASH)
    assert not is_right(PASSWORD + "x", HASH)
    assert not is_right(PASSWORD, None), "nobody has a password"
    assert hash_password(PASSWORD) != HASH, "salted"


@pytest.mark.parametrize("password", ["", "123456789", "x" * 1025])
def test_passwords_that_are_too_short_or_too_long_are_refused(password: str) -> None:
    with pytest.raises(ConfigError, match="10 to 1024"):
        hash_password(password)


def test_short_tokens_and_clear_passwords_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"server\.tokens\.x: .*20"):
        Auth(tokens=[Token("x", "short")])
    with pytest.raises(ConfigError, match=r"server\.users\.x: .*--hash-password"):
        Auth(users=[User("x", "a clear password")])


def test_without_users_and_tokens_everybody_is_local() -> None:
    auth = Auth()
    assert auth.is_open
    assert auth.by_session("") == LOCAL
    assert not auth_at(Clock()).is_open


def test_a_session_ends_by_idleness_by_age_and_by_logging_out() -> None:
    clock = Clock()
    auth = auth_at(clock)
    otto = Identity("otto", "operator", "session")
    session = auth.log_in("otto", PASSWORD, "::1")
    assert session
    clock.now_s += IDLE_S
    assert auth.by_session(session) == otto
    clock.now_s += IDLE_S + 1
    assert auth.by_session(session) is None

    session = auth.log_in("otto", PASSWORD, "::1") or ""
    began_s = clock.now_s
    while clock.now_s < began_s + LIFETIME_S:
        assert auth.by_session(session) == otto
        clock.now_s += IDLE_S / 2
    clock.now_s = began_s + LIFETIME_S + 1
    assert auth.by_session(session) is None, "however busy it was"

    session = auth.log_in("otto", PASSWORD, "::1") or ""
    auth.log_out(session)
    assert auth.by_session(session) is None


def test_sessions_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platestream.service.web.auth.is_right", lambda *_: True)
    names = [f"user {number}" for number in range(60)]
    auth = Auth([User(name, HASH) for name in names], now=Clock())
    sessions = [
        auth.log_in(name, "", f"::{number}") or ""
        for name in names
        for number in range(MAX_SESSIONS_EACH)
    ]
    alive = [auth.by_session(session) is not None for session in sessions]
    assert alive == [False] * (len(sessions) - MAX_SESSIONS) + [True] * MAX_SESSIONS


def test_nobody_pushes_out_the_sessions_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platestream.service.web.auth.is_right", lambda *_: True)
    auth = Auth([User("vera", HASH), User("otto", HASH)], now=Clock())
    of_vera = auth.log_in("vera", "", "::1") or ""
    of_otto = [auth.log_in("otto", "", "::1") or "" for _ in range(MAX_SESSIONS + 5)]
    assert auth.by_session(of_vera)
    alive = [auth.by_session(session) is not None for session in of_otto]
    assert alive.count(True) == MAX_SESSIONS_EACH
    assert alive[-1]


def test_guessing_passwords_makes_an_address_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platestream.service.web.auth.is_right", lambda *_: False)
    clock = Clock()
    auth = auth_at(clock)
    for _ in range(5):
        assert auth.log_in("otto", "wrong", "192.0.2.7") is None
    with pytest.raises(TooManyTries) as held:
        auth.log_in("otto", "wrong", "192.0.2.7")
    assert held.value.wait_s == 300
    monkeypatch.undo()
    with pytest.raises(TooManyTries):
        auth.log_in("otto", PASSWORD, "192.0.2.7")
    assert auth.log_in("otto", PASSWORD, "192.0.2.8"), "others are let in"
    clock.now_s += 301
    assert auth.log_in("otto", PASSWORD, "192.0.2.7")


def test_guessing_from_many_addresses_makes_a_name_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platestream.service.web.auth.is_right", lambda *_: False)
    auth = auth_at(Clock())
    for host in range(30):
        assert auth.log_in("otto", "wrong", f"198.51.100.{host}") is None
    with pytest.raises(TooManyTries):
        auth.log_in("otto", "wrong", "203.0.113.1")


def test_guesses_side_by_side_are_counted_before_they_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    num_checked = 0

    def check_slowly(*_: object) -> bool:
        nonlocal num_checked
        num_checked += 1
        time.sleep(0.02)
        return False

    monkeypatch.setattr("platestream.service.web.auth.is_right", check_slowly)
    auth = auth_at(Clock())

    def guess(_: int) -> None:
        with contextlib.suppress(TooManyTries):
            auth.log_in("otto", "wrong", "192.0.2.7")

    with ThreadPoolExecutor(44) as pool:
        list(pool.map(guess, range(200)))
    assert num_checked == 5


def test_strangers_do_not_lock_out_who_was_here_before() -> None:
    clock = Clock()
    auth = auth_at(clock)
    assert auth.log_in("otto", PASSWORD, "192.0.2.7")
    for _ in range(3):  # again and again
        for host in range(40):
            with contextlib.suppress(TooManyTries), pytest.MonkeyPatch.context() as patch:
                patch.setattr("platestream.service.web.auth.is_right", lambda *_: False)
                auth.log_in("otto", "wrong", f"198.51.100.{host}")
        with pytest.raises(TooManyTries):
            auth.log_in("otto", PASSWORD, "203.0.113.1")
        assert auth.log_in("otto", PASSWORD, "192.0.2.7")
        clock.now_s += 301


def test_one_address_alone_locks_out_nobody() -> None:
    auth = auth_at(Clock())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("platestream.service.web.auth.is_right", lambda *_: False)
        for _ in range(200):
            with contextlib.suppress(TooManyTries):
                auth.log_in("otto", "wrong", "198.51.100.1")
    assert auth.log_in("otto", PASSWORD, "192.0.2.7")


def test_who_has_a_password_guesses_no_more_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    auth = Auth([User("vera", HASH), User("otto", HASH)], now=Clock())
    monkeypatch.setattr("platestream.service.web.auth.is_right", lambda given, _: given == "right")
    for _ in range(5):
        assert auth.log_in("vera", "right", "192.0.2.7")
        assert auth.log_in("otto", "wrong", "192.0.2.7") is None
    with pytest.raises(TooManyTries):
        auth.log_in("otto", "wrong", "192.0.2.7")


def test_guessing_tokens_makes_an_address_wait_and_spares_who_has_one() -> None:
    auth = auth_at(Clock())
    for guess in range(5):
        assert auth.by_token(f"guess {guess}", "192.0.2.7") is None
    with pytest.raises(TooManyTries):
        auth.by_token("guess", "192.0.2.7")
    assert auth.by_token(OPERATOR_TOKEN, "192.0.2.7") == Identity("script", "operator", "token")


def test_a_throttle_remembers_so_many_keys_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MAX_KEYS", 3)
    held = Throttle(1, 10, Clock())
    assert [held.reserve(key) for key in "abcd"] == [0, 0, 0, 0]
    assert [held.reserve(key) for key in "bcd"] == [10, 10, 10]
    assert held.reserve("a") == 0, "it was forgotten"
    held.take_back("d")
    assert held.reserve("d") == 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_customer_is_one_neighbour(address: str, key: str) -> None:
    assert neighbourhood(address) == key


@given(st.text(max_size=20), st.text(max_size=80))
def test_no_other_text_is_a_form_token(cookie: str, text: str) -> None:
    auth = Auth()
    assert auth.is_form_token(cookie, auth.form_token(cookie))
    assert not auth.is_form_token(cookie, text)
