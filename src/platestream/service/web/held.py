"""Answers that last: each has a place for as long as it is sent, and nobody has them all."""

import threading
from collections import Counter
from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Places:
    """So many at a time, in all and of one user, token or address. Thread-safe.

    Args:
        most: In all.
        most_each: Of one of them.
    """

    def __init__(self, most: int, most_each: int) -> None:
        self._most, self._most_each = most, most_each
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, who: str) -> bool:
        """Take a place; whether there was one."""
        with self._lock:
            if self._taken.total() >= self._most or self._taken[who] >= self._most_each:
                return False
            self._taken[who] += 1
            return True

    def leave(self, who: str) -> None:
        """Give it back."""
        with self._lock:
            self._taken[who] -= 1
            self._taken += Counter()  # without those who have none


class HeldStream(StreamingResponse):
    """A stream that gives its place back, also where it ends before it began.

    Args:
        pieces: What is sent.
        leave: Gives the place back.
    """

    def __init__(
        self,
        pieces: AsyncIterable[str] | Iterable[bytes],
        leave: Callable[[], None],
        **options: Any,
    ) -> None:
        super().__init__(pieces, **options)
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all, or as much as is wanted."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()
