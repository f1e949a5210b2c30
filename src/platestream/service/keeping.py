"""Puts events into the store, in a thread of its own: no camera ever waits for it.

While the store fails or stands still, events wait in memory, in order, and are tried again. Their
number is bounded, and so are the bytes of their pictures: first events come without their whole
frames, then with their best crop alone, then the oldest are lost, and the log names each.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from platestream.core.errors import PlatestreamError
from platestream.core.urls import mask_url
from platestream.store.records import NewEvent

MAX_WAITING = 2000
"""Events that wait at a time, of all cameras."""

MAX_WAITING_BYTES = 250_000_000
"""Pictures that wait with them. Above that, events wait without their whole frames, and where those
do not make room enough with their best crop alone; above twice as much the oldest are lost."""

RETRY_S = 1.0

SLOW_S = 5.0
"""A store that has worked on one event for so long stands still."""

StoreState: TypeAlias = Literal["ok", "waiting"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How keeping events goes.

    Attributes:
        state: ``waiting`` while the store fails or stands still.
        since: Since when.
        num_kept: Events that were kept since the start.
        num_waiting: Events that wait in memory.
        num_lost: Events that were lost since the start; the log names them.
        last_error: Why they wait; empty once they do not.
    """

    state: StoreState
    since: datetime
    num_kept: int = 0
    num_waiting: int = 0
    num_lost: int = 0
    last_error: str = ""


class Keeper:
    """Takes events at once, and keeps them as soon as the store can.

    Args:
        keep: Keeps one; it may be called again with the same, after one of our errors.
        retry_s: Wait after a failure.
    """

    def __init__(self, keep: Callable[[NewEvent], None], *, retry_s: float = RETRY_S) -> None:
        self._keep, self._retry_s = keep, retry_s
        self._waiting: deque[NewEvent] = deque()
        self._waiting_bytes = 0
        self._changed = threading.Condition()
        self._stop_at_s: float | None = None
        self._busy_since_s: float | None = None
        self._num_kept = self._num_lost = 0
        self._last_error = ""
        self._since, self._state = datetime.now(UTC), "ok"
        self._thread = threading.Thread(target=self._run, name="keeping", daemon=True)

    def start(self) -> None:
        """Start the thread that keeps."""
        self._thread.start()

    def put(self, event: NewEvent) -> None:
        """Take an event; never waits for the store, and never raises."""
        with self._changed:
            if event.is_told_again and self._waits(event.id):
                return
            event = event.thinned(MAX_WAITING_BYTES - self._waiting_bytes)
            self._waiting.append(event)
            self._waiting_bytes += event.picture_bytes
            while len(self._waiting) > MAX_WAITING or (
                len(self._waiting) > 2 and self._waiting_bytes > 2 * MAX_WAITING_BYTES
            ):
                # The first may be in the store's hands.
                lost = self._waiting[1]
                del self._waiting[1]
                self._lose(lost, "too many wait")
            self._changed.notify()

    def _waits(self, event_id: str) -> bool:
        return any(event_id == each.id for each in self._waiting)

    def stop(self, within_s: float) -> None:
        """Keep what waits, for no longer than that; the log names what is lost by it."""
        until_s = time.monotonic() + within_s
        with self._changed:
            self._stop_at_s = until_s
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(max(0.0, until_s - time.monotonic()))
        with self._changed:
            while self._waiting:
                self._lose(self._waiting.popleft(), self._trouble() or "no time was left")

    def health(self) -> StoreHealth:
        """How it goes; waits for nothing."""
        with self._changed:
            trouble = self._trouble()
            state: StoreState = "waiting" if trouble else "ok"
            if state != self._state:
                self._state, self._since = state, datetime.now(UTC)
            counts = self._num_kept, len(self._waiting), self._num_lost
            return StoreHealth(state, self._since, *counts, trouble)

    def _run(self) -> None:
        while (event := self._next()) is not None:
            try:
                self._keep(event)
            except PlatestreamError as error:
                self._wait(mask_url(str(error)))
            except Exception:
                # It would fail each time, and hold up all that follow.
                logger.exception("event %s: a fault of ours", event.id)
                self._done(event, is_kept=False)
            else:
                self._done(event, is_kept=True)

    def _next(self) -> NewEvent | None:
        """The oldest event, once there is one; None when it is time to end."""
        with self._changed:
            self._busy_since_s = None
            while not self._waiting:
                if self._stop_at_s is not None:
                    return None
                self._changed.wait()
            if self._stop_at_s is not None and time.monotonic() >= self._stop_at_s:
                return None
            self._busy_since_s = time.monotonic()
            return self._waiting[0]

    def _done(self, event: NewEvent, *, is_kept: bool) -> None:
        with self._changed:
            if not self._waiting or self._waiting[0] is not event:
                # Given up at the stop, and kept after all.
                logger.warning("event %s of camera %s was kept at last", event.id, event.camera)
                return
            self._waiting.popleft()
            self._waiting_bytes -= event.picture_bytes
            self._num_kept += is_kept
            if not is_kept:
                self._num_lost += 1
            elif self._last_error:
                logger.info("the store keeps events again")
                self._last_error = ""

    def _wait(self, trouble: str) -> None:
        with self._changed:
            if not self._last_error:
                logger.warning("events wait for the store: %s", trouble)
            self._last_error = trouble
            self._busy_since_s = None
            until_s = time.monotonic() + self._retry_s
            while self._stop_at_s is None and (left_s := until_s - time.monotonic()) > 0:
                self._changed.wait(left_s)
        if self._stop_at_s is not None:
            time.sleep(min(self._retry_s, 0.1))

    def _trouble(self) -> str:
        if self._last_error:
            return self._last_error
        if self._busy_since_s is None or time.monotonic() - self._busy_since_s < SLOW_S:
            return ""
        return f"the store has not answered for over {SLOW_S:g} s; see to its disk or server"

    def _lose(self, event: NewEvent, why: str) -> None:
        self._waiting_bytes -= event.picture_bytes
        self._num_lost += 1
        logger.error(
            "event %s of camera %s, which ended at %s, is lost: %s",
            *(event.id, event.camera, event.ended_at.isoformat(timespec="seconds"), why),
        )
