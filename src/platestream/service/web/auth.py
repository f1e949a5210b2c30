"""Who is asking, and what they may do: users with passwords, tokens for programs, sessions."""

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from platestream.core.errors import ConfigError
from platestream.service.web.passwords import is_password_hash, is_right
from platestream.service.web.sessions import Sessions, digest
from platestream.service.web.throttle import Throttle, neighbourhood

Role: TypeAlias = Literal["viewer", "operator"]
"""A viewer looks; an operator also corrects plates, and keeps watch lists, cameras and users."""

MIN_TOKEN_CHARS = 20
MAX_CHECKING = 8
"""Logins that are checked or wait for it; each has a thread that others need, too."""

MAX_PROVEN = 10_000
WINDOW_S = 300.0


@dataclass(frozen=True, slots=True)
class User:
    """A person who may log in.

    Attributes:
        name: What they type.
        password_hash: Of argon2, see `passwords.hash_password`.
        role: What they may do.
    """

    name: str
    password_hash: str
    role: Role = "viewer"


@dataclass(frozen=True, slots=True)
class Token:
    """A secret that a program sends as ``Authorization: Bearer``.

    Attributes:
        name: Whose it is.
        secret: `MIN_TOKEN_CHARS` or more.
        role: What its bearer may do.
    """

    name: str
    secret: str
    role: Role = "viewer"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking.

    Attributes:
        name: Of the user or token; ``local`` where nobody has to log in.
        role: What they may do.
        by: How we know.
    """

    name: str
    role: Role
    by: Literal["open", "session", "token"]


LOCAL = Identity("local", "operator", "open")
"""Everybody, as long as there are neither users nor tokens."""


class TooManyTries(Exception):  # noqa: N818 - it is told as a wait, not as a fault
    """Too many wrong passwords or tokens came from there, or for that name.

    Attributes:
        wait_s: When to try again, in seconds.
    """

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many tries; wait {wait_s:.0f} s")
        self.wait_s = wait_s


class Auth:
    """Knows users, tokens and sessions. Thread-safe.

    Without users and tokens everybody is `LOCAL`; `check_exposure` sees to it that only this
    machine is then let in.

    Args:
        users: Who may log in.
        tokens: Which programs may ask.
        sessions: Who is logged in; nobody, and forgotten at the end, when omitted.
        now: A clock in seconds that never goes back.

    Attributes:
        sessions: As given.

    Raises:
        ConfigError: a hash is none, or a token is too short.
    """

    def __init__(
        self,
        users: Iterable[User] = (),
        tokens: Iterable[Token] = (),
        *,
        sessions: Sessions | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sessions = sessions or Sessions(now=now)
        self._configured = {user.name: user for user in users}
        self._users = self._configured
        self._tokens = {digest(token.secret): token for token in tokens}
        for user in self._users.values():
            if not is_password_hash(user.password_hash):
                msg = (
                    f"server.users.{user.name}: the password hash is no argon2 hash; make one "
                    "with `platestream serve --hash-password`"
                )
                raise ConfigError(msg)
        for token in self._tokens.values():
            if len(token.secret) < MIN_TOKEN_CHARS:
                msg = (
                    f"server.tokens.{token.name}: a token needs {MIN_TOKEN_CHARS} characters or "
                    "more, such as those of `openssl rand -hex 32`"
                )
                raise ConfigError(msg)
        self._lock = threading.Lock()
        self._by_address = Throttle(5, WINDOW_S, now)
        self._by_name = Throttle(30, WINDOW_S, now)
        # From where each user has logged in before: strangers' guesses cannot lock them out there.
        self._proven: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._checking = threading.BoundedSemaphore(MAX_CHECKING)

    @property
    def configured(self) -> list[User]:
        """Users of the configuration."""
        return list(self._configured.values())

    @property
    def is_open(self) -> bool:
        """Whether nobody has to log in."""
        return not self._users and not self._tokens

    def log_in(self, name: str, password: str, address: str) -> str | None:
        """Check a password and open a session, always a new one.

        Returns:
            The session's id, for the cookie; None when name or password are wrong.

        Raises:
            TooManyTries: somebody is guessing.
        """
        place = neighbourhood(address)
        if not self._checking.acquire(blocking=False):
            raise TooManyTries(1.0)
        try:
            self._reserve(place, name)
            user = self._users.get(name)
            is_theirs = is_right(password, user.password_hash if user else None)
        finally:
            self._checking.release()
        if not is_theirs or user is None:
            return None
        # Not all failures from there: who has a password could guess at others' between.
        self._by_address.take_back(place)
        self._by_name.take_back(name)
        with self._lock:
            self._prove(name, place)
        return self.sessions.open(user.name, user.password_hash)

    def log_out(self, session_id: str) -> None:
        """End a session; one that is not there is none the worse."""
        self.sessions.close(session_id)

    def by_session(self, session_id: str) -> Identity | None:
        """Who a session's cookie stands for; None when it is over or never was."""
        if self.is_open:
            return LOCAL
        name = self.sessions.user_of(session_id, self._password_hash)
        user = self._users.get(name) if name is not None else None
        return Identity(user.name, user.role, "session") if user else None

    def let_in(self, users: Iterable[User]) -> None:
        """Let these in beside those of the configuration, whose names come first.

        Args:
            users: Added on the page; sessions of those who are not among them any more are over.
        """
        self._users = {**{user.name: user for user in users}, **self._configured}

    def _password_hash(self, name: str) -> str | None:
        user = self._users.get(name)
        return user.password_hash if user else None

    def by_token(self, secret: str, address: str) -> Identity | None:
        """Who a bearer token stands for; None when it is nobody's.

        Raises:
            TooManyTries: somebody is guessing.
        """
        token = self._tokens.get(digest(secret))
        if token:
            return Identity(token.name, token.role, "token")
        if (wait_s := self._by_address.reserve(neighbourhood(address))) > 0:
            raise TooManyTries(wait_s)
        return None

    def form_token(self, cookie: str) -> str:
        """What forms carry to prove that our own page sent them (against CSRF).

        Only who has the cookie can make it, and it outlives a restart as the cookie does.
        """
        return hmac.digest(cookie.encode(errors="replace"), b"platestream form", "sha256").hex()

    def is_form_token(self, cookie: str, token: str) -> bool:
        """Whether a form was made for the browser that has this cookie."""
        return hmac.compare_digest(self.form_token(cookie).encode(), token.encode())

    def _reserve(self, place: str, name: str) -> None:
        """Count a try against its address, and its name unless that was proven from there."""
        wait_s = self._by_address.reserve(place)
        with self._lock:
            is_proven = (name, place) in self._proven
        if not wait_s and not is_proven:
            wait_s = self._by_name.reserve(name)
        if wait_s > 0:
            raise TooManyTries(wait_s)

    def _prove(self, name: str, place: str) -> None:
        self._proven[name, place] = None
        self._proven.move_to_end((name, place))
        while len(self._proven) > MAX_PROVEN:
            self._proven.popitem(last=False)
