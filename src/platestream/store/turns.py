"""Searches through all events take turns: few at a time, and nobody waits long for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from platestream.core.errors import StoreBusy

MAX_COSTLY, MAX_WAITING = 2, 4
"""Searches at a time, and how many more wait for their turn."""

TURN_WITHIN_S = 5.0


class Turns:
    """Gives turns to threads."""

    def __init__(self) -> None:
        self._costly = BoundedSemaphore(MAX_COSTLY)
        self._waiting = BoundedSemaphore(MAX_COSTLY + MAX_WAITING)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, which ends with the ``with`` block.

        Raises:
            StoreBusy: too many are waiting, or it took too long.
        """
        msg = "the store is busy with other searches; try again soon"
        if not self._waiting.acquire(blocking=False):
            raise StoreBusy(msg)
        try:
            if not self._costly.acquire(timeout=TURN_WITHIN_S):
                raise StoreBusy(msg)
            try:
                yield
            finally:
                self._costly.release()
        finally:
            self._waiting.release()
