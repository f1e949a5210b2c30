"""Who is logged in, also after a restart: sessions in memory, and in the store without secrets."""

import hashlib
import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from platestream.core.errors import StoreError
from platestream.store.records import StoredSession

logger = logging.getLogger(__name__)

MAX_SESSIONS = 1000
MAX_SESSIONS_EACH = 20
"""Of one user, whose own oldest one ends for a further one: nobody pushes out others'."""

IDLE_S = 12 * 3600.0
LIFETIME_S = 7 * 24 * 3600.0
USED_EVERY_S = 600.0
"""That a session was used is stored so often."""

RETRY_S = 30.0


class KeepsSessions(Protocol):
    """Where sessions outlive a restart; see `store.settings.Settings`."""

    def sessions(self) -> list[StoredSession]:
        """All of them, the one that was used last at the end."""

    def keep_sessions(self, sessions: Sequence[StoredSession], ended: Iterable[str], /) -> None:
        """Keep some as they are now, and forget others."""


@dataclass(slots=True)
class _Session:
    user_name: str
    password_hash: str
    made_at: float
    used_at: float
    stored_at: float = 0.0


class Sessions:
    """Cookies of those who are logged in. Thread-safe.

    The store has the SHA-256 of each cookie: whoever reads it cannot log in by that, since a cookie
    has 256 random bits. A session is over once its user is gone or has another password.

    Args:
        keep: Where they outlive a restart; None not to.
        now: Seconds of a clock that goes on over a restart.
    """

    def __init__(
        self, keep: KeepsSessions | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._keep, self._now = keep, now
        self._open: OrderedDict[str, _Session] = OrderedDict()
        self._ended: set[str] = set()
        self._lock, self._storing = threading.Lock(), threading.Lock()
        self._is_failing = False
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sessions", daemon=True)
        for stored in keep.sessions() if keep else ():
            self._open[stored.digest] = _Session(
                stored.user_name,
                stored.password_hash,
                stored.made_at.timestamp(),
                stored.used_at.timestamp(),
                stored.used_at.timestamp(),
            )

    def start(self) -> None:
        """Begin to store now and then when sessions were used."""
        self._thread.start()

    def stop(self, within_s: float = 1.0) -> None:
        """Store it once more, and stop."""
        self._is_stopping.set()
        if self._thread.ident is None:
            self.store()
        else:
            self._thread.join(within_s)

    def password_hashes(self, user_name: str) -> list[str]:
        """The hashes that a user's sessions began with, the newest first."""
        with self._lock:
            found = [s.password_hash for s in self._open.values() if s.user_name == user_name]
        return list(dict.fromkeys(reversed(found)))

    def open(self, user_name: str, password_hash: str) -> str:
        """Open a session; returns its id, for the cookie."""
        session_id, now = secrets.token_urlsafe(32), self._now()
        with self._lock:
            own = [key for key, each in self._open.items() if each.user_name == user_name]
            for key in own[: max(0, len(own) + 1 - MAX_SESSIONS_EACH)]:
                self._end(key)
            self._open[digest(session_id)] = _Session(user_name, password_hash, now, now)
            while len(self._open) > MAX_SESSIONS:
                self._end(next(iter(self._open)))
        self.store()
        return session_id

    def close(self, session_id: str) -> None:
        """End a session; one that is not there is none the worse."""
        with self._lock:
            self._end(digest(session_id))
        self.store()

    def user_of(self, session_id: str, password_hash_of: Callable[[str], str | None]) -> str | None:
        """Whose session it is, which is used by that; None when it is over or never was.

        Args:
            session_id: Of the cookie.
            password_hash_of: Tells a user's as it is now; None where there is no such user.
        """
        key, now = digest(session_id), self._now()
        with self._lock:
            session = self._open.get(key)
            if session is None:
                return None
            if session.made_at > now:
                # While the clock was ahead: it would last until then, and its time after that.
                session.made_at, session.stored_at = now, 0.0
            is_over = now - session.used_at > IDLE_S or now - session.made_at > LIFETIME_S
            if is_over or password_hash_of(session.user_name) != session.password_hash:
                self._end(key)
                return None
            session.used_at = now
            return session.user_name

    def store(self) -> None:
        """Store what is new; where the store fails, it is tried again later."""
        if self._keep is None:
            return
        with self._storing:
            with self._lock:
                due = {
                    key: replace(each)
                    for key, each in self._open.items()
                    if each.used_at - each.stored_at >= USED_EVERY_S
                }
                ended = self._ended.copy()
            if not (due or ended):
                return
            try:
                self._keep.keep_sessions([_stored(key, each) for key, each in due.items()], ended)
            except StoreError as error:
                if not self._is_failing:
                    logger.warning("who is logged in is stored later: %s", error)
                self._is_failing = True
                return
            self._is_failing = False
            with self._lock:
                self._ended -= ended
                for key, each in due.items():
                    with suppress(KeyError):  # it ended meanwhile
                        self._open[key].stored_at = each.used_at

    def _end(self, key: str) -> None:
        if self._open.pop(key, None) is not None:
            self._ended.add(key)

    def _run(self) -> None:
        while not self._is_stopping.wait(RETRY_S):
            self.store()
        self.store()


def digest(secret: str) -> str:
    """What we keep of a secret; looking up a hash tells no timing of the secret itself."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _stored(key: str, session: _Session) -> StoredSession:
    return StoredSession(
        key, session.user_name, session.password_hash, _utc(session.made_at), _utc(session.used_at)
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
