"""Empties the outbox: tells every sink everything, at least once, each camera's events in order.

A message stays in the outbox until its sink has it, whatever happens to this process. The outbox
gives out only the oldest message of each sink and camera, so a message that has to wait holds
back its own camera's later ones for its own sink, and nothing else. Each sink has a thread.

Nothing waits for ever: a message that its receiver refuses (`SinkRefused`) is given up after
`MAX_REFUSALS` refusals, any other after `MAX_TRIES`, about a week. What is given up is logged and
counted, and stays in the store like every event.
"""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread
from typing import Protocol

from platestream.core.backoff import backoff_s
from platestream.core.errors import SinkError, SinkRefused, StoreError
from platestream.sinks.sink import Sink
from platestream.store.records import Message

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
POLL_S = 1.0

COUNT_WITHIN_S = 1.0
"""Who asks for a figure does not wait longer for a store that does not answer."""

MAX_REFUSALS = 8
"""Some two minutes."""

MAX_TRIES = 2700
"""A week, at the longest waits less jitter."""

_NUM_DUE = 1000
"""More than any house has sinks times cameras, so that no sink's messages hide another's."""

_log = logging.getLogger(__name__)


class Outbox(Protocol):
    """What is needed of the store."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Message]:
        """Messages to tell now: of each sink and camera the oldest at most."""

    def num_waiting(self) -> Mapping[str, int]:
        """How many messages wait for each sink."""

    def told(self, number: int) -> None:
        """Forget a message."""

    def retry(self, number: int, due_at: datetime) -> None:
        """Count a try that failed, and give the message out again later."""


@dataclass(frozen=True, slots=True)
class SinkHealth:
    """How telling one sink goes, since the start of the service.

    Attributes:
        num_told: Messages that arrived.
        num_failed: Tries that failed.
        num_given_up: Messages that were given up.
        last_told_at: When the last one arrived.
        last_error: Why the last try failed; empty once one has arrived again.
        num_waiting: Messages that wait for it, also of earlier runs; None while the store fails.
    """

    num_told: int = 0
    num_failed: int = 0
    num_given_up: int = 0
    last_told_at: datetime | None = None
    last_error: str = ""
    num_waiting: int | None = None


class Delivery:
    """Tells the sinks what is in the outbox, in threads of its own.

    Args:
        outbox: The store.
        sinks: By the names their messages bear; started and closed here.
        first_wait_s: Wait after the first failure; doubles with each further one.
        poll_s: How often the outbox is looked at when nobody says that there is something new.
    """

    def __init__(
        self,
        outbox: Outbox,
        sinks: Mapping[str, Sink],
        *,
        first_wait_s: float = FIRST_WAIT_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._outbox = outbox
        self._sinks = dict(sinks)
        self._first_wait_s, self._poll_s = first_wait_s, poll_s
        # Each entry is replaced by its own sink's thread alone.
        self._health = dict.fromkeys(self._sinks, SinkHealth())
        self._num_refusals: Counter[int] = Counter()
        self._arrived: set[int] = set()
        self._trouble = dict.fromkeys(self._sinks, "")
        self._num_waiting: Mapping[str, int] | None = None
        self._asking, self._counted = Lock(), Event()
        self._counted.set()
        self._stopping = Event()
        self._news = {name: Event() for name in self._sinks}
        self._threads = [
            Thread(target=self._run, args=(name,), name=f"sink {name}", daemon=True)
            for name in self._sinks
        ]

    def start(self) -> None:
        """Begin with what an earlier run left."""
        for sink in self._sinks.values():
            sink.start()
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that there is something new."""
        for news in self._news.values():
            news.set()

    def stop(self, within_s: float = 5.0) -> None:
        """Finish the messages being told, then let go; the others stay in the outbox.

        Args:
            within_s: Longest wait. A receiver that hangs for longer is left; what it was being told
                stays in the outbox, and is told again at the next start.
        """
        until_s = time.monotonic() + within_s
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        hanging = [thread.name for thread in self._threads if thread.is_alive()]
        if hanging:
            _log.warning("left while it hangs, to be told again: %s", ", ".join(hanging))

    def _close(self, name: str) -> None:
        """Let go of a sink, by its own thread, as even that may hang."""
        try:
            self._sinks[name].close()
        except Exception:  # noqa: BLE001 - what is over need not end well
            _log.exception("sink %s: a fault of its own at its end", name)

    def health(self) -> dict[str, SinkHealth]:
        """How each sink does."""
        health = dict(self._health)
        waiting = self._count()
        if waiting is None:
            return health
        return {n: replace(each, num_waiting=waiting.get(n, 0)) for n, each in health.items()}

    def _count(self) -> Mapping[str, int] | None:
        """What waits for each sink; None while the store fails or does not answer at once."""
        with self._asking:
            if self._counted.is_set():
                self._counted = Event()
                Thread(target=self._ask, args=(self._counted,), name="count", daemon=True).start()
            counted = self._counted
        return self._num_waiting if counted.wait(COUNT_WITHIN_S) else None

    def _ask(self, counted: Event) -> None:
        try:
            self._num_waiting = self._outbox.num_waiting()
        except StoreError:  # whose trouble is told elsewhere; all else is known without it
            self._num_waiting = None
        finally:
            counted.set()

    def _run(self, name: str) -> None:
        while not self._stopping.is_set():
            self._news[name].clear()
            if not self._tell_due(name):
                self._news[name].wait(self._poll_s)
        self._close(name)

    def _tell_due(self, name: str) -> bool:
        """Tell what is due; whether anything was told, and so more may be due at once."""
        any_told = False
        try:
            due = self._outbox.due(datetime.now(UTC), limit=_NUM_DUE)
            for message in due:
                if message.sink == name and not self._stopping.is_set():
                    any_told |= self._tell(message)
        except StoreError as error:
            self._note(name, f"the outbox is out of reach ({error})")
            return False
        except Exception as error:  # noqa: BLE001 - it is logged, once
            # Whatever it is: a thread that ends in silence would never tell anything again.
            if self._note(name, f"an unexpected error ({type(error).__name__})"):
                _log.exception("sink %s: where it happened", name)
            return False
        self._note(name, "")
        return any_told

    def _note(self, name: str, trouble: str) -> bool:
        """Log trouble with the outbox, once for as long as it lasts; whether it was logged."""
        is_new = bool(trouble) and trouble != self._trouble[name]
        self._trouble[name] = trouble
        if is_new:
            _log.warning("sink %s: %s; trying again until it works", name, trouble)
        return is_new

    def _tell(self, message: Message) -> bool:
        try:
            if message.number not in self._arrived:
                _check(message)
                self._sinks[message.sink].tell(message)
        except SinkError as error:
            self._fail(message, error)
            return False
        except Exception as error:  # noqa: BLE001 - a bug in a sink must not end its thread unseen
            _log.exception("sink %s: a fault of its own", message.sink)
            self._fail(message, SinkError(f"a fault of its own: {error!r}"))
            return False
        # Until the store has noted that, which on a full disk may take long, it is not told again.
        self._arrived.add(message.number)
        self._outbox.told(message.number)
        self._arrived.discard(message.number)
        del self._num_refusals[message.number]  # a Counter does not mind if there were none
        health = self._health[message.sink]
        self._health[message.sink] = replace(
            health, num_told=health.num_told + 1, last_told_at=datetime.now(UTC), last_error=""
        )
        return True

    def _fail(self, message: Message, error: SinkError) -> None:
        """Put a message off, or give it up."""
        tries, number = message.num_tries + 1, message.number
        # Refusals are counted by themselves: an outage before them says nothing of the message.
        self._num_refusals[number] += isinstance(error, SinkRefused)
        is_lost = tries >= MAX_TRIES or self._num_refusals[number] >= MAX_REFUSALS
        if is_lost:
            self._outbox.told(number)
            del self._num_refusals[number]
            _log.error(
                "sink %s: event %s of camera %s is given up after %d tries: %s",
                *(message.sink, message.event_id, message.camera, tries, error),
            )
        else:
            wait_s = backoff_s(message.num_tries, self._first_wait_s, LONGEST_WAIT_S)
            wait_s = max(error.wait_s or 0, wait_s)
            due_at = datetime.now(UTC) + timedelta(seconds=min(wait_s, LONGEST_WAIT_S))
            self._outbox.retry(number, due_at)
            if not self._health[message.sink].last_error:
                _log.warning("sink %s: %s; trying again until it works", message.sink, error)
        health = self._health[message.sink]
        self._health[message.sink] = replace(
            health,
            num_failed=health.num_failed + 1,
            num_given_up=health.num_given_up + is_lost,
            last_error=str(error),
        )


def _check(message: Message) -> None:
    """Refuse what no sink would understand, or it would hold back its camera for a week."""
    if not message.body:
        msg = "its row in the database is damaged"
        raise SinkRefused(msg)
