"""Who is asking, and what they may do: users with passwords, tokens for programs, sessions."""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from platestream.core.errors import ConfigError
from platestream.service.web.passwords import is_password_hash, is_right
from platestream.service.web.throttle import Throttle, neighbourhood

Role: TypeAlias = Literal["viewer", "operator"]
"""A viewer looks; an operator also corrects plates and keeps the watch lists."""

MIN_TOKEN_CHARS = 20
MAX_SESSIONS = 1000
MAX_SESSIONS_EACH = 20
"""Of one user, whose own oldest one ends for a further one: nobody pushes out others'."""

MAX_CHECKING = 8
"""Logins that are checked or wait for it; each has a thread that others need, too."""

MAX_PROVEN = 10_000
IDLE_S = 12 * 3600.0
LIFETIME_S = 7 * 24 * 3600.0
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


@dataclass(slots=True)
class _Session:
    identity: Identity
    made_at: float
    used_at: float


class Auth:
    """Knows users, tokens and sessions. Thread-safe.

    Sessions live in memory: a restart logs everybody out. Without users and tokens everybody
    is `LOCAL`; `check_exposure` sees to it that only this machine is then let in.

    Args:
        users: Who may log in.
        tokens: Which programs may ask.
        now: A clock in seconds that never goes back.

    Raises:
        ConfigError: a hash is none, or a token is too short.
    """

    def __init__(
        self,
        users: Iterable[User] = (),
        tokens: Iterable[Token] = (),
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._users = {user.name: user for user in users}
        self._tokens = {_digest(token.secret): token for token in tokens}
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
        self._now = now
        self._key = secrets.token_bytes(32)
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._lock = threading.Lock()
        self._by_address = Throttle(5, WINDOW_S, now)
        self._by_name = Throttle(30, WINDOW_S, now)
        # From where each user has logged in before: strangers' guesses cannot lock them out there.
        self._proven: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._checking = threading.BoundedSemaphore(MAX_CHECKING)

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
            return self._open_session(user)

    def _open_session(self, user: User) -> str:
        session_id, now = secrets.token_urlsafe(32), self._now()
        own = [key for key, each in self._sessions.items() if each.identity.name == user.name]
        for key in own[: max(0, len(own) + 1 - MAX_SESSIONS_EACH)]:
            del self._sessions[key]
        identity = Identity(user.name, user.role, "session")
        self._sessions[_digest(session_id)] = _Session(identity, now, now)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return session_id

    def log_out(self, session_id: str) -> None:
        """End a session; one that is not there is none the worse."""
        with self._lock:
            self._sessions.pop(_digest(session_id), None)

    def by_session(self, session_id: str) -> Identity | None:
        """Who a session's cookie stands for; None when it is over or never was."""
        if self.is_open:
            return LOCAL
        now = self._now()
        with self._lock:
            session = self._sessions.get(_digest(session_id))
            if session is None:
                return None
            if now - session.used_at > IDLE_S or now - session.made_at > LIFETIME_S:
                del self._sessions[_digest(session_id)]
                return None
            session.used_at = now
            return session.identity

    def by_token(self, secret: str, address: str) -> Identity | None:
        """Who a bearer token stands for; None when it is nobody's.

        Raises:
            TooManyTries: somebody is guessing.
        """
        token = self._tokens.get(_digest(secret))
        if token:
            return Identity(token.name, token.role, "token")
        if (wait_s := self._by_address.reserve(neighbourhood(address))) > 0:
            raise TooManyTries(wait_s)
        return None

    def form_token(self, cookie: str) -> str:
        """What forms carry to prove that our own page sent them (against CSRF)."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

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


def _digest(secret: str) -> str:
    """What we keep of a secret; looking up a hash tells no timing of the secret itself."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
