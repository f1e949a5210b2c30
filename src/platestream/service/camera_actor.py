"""A camera on another machine: it works there, and tells the service what it saw when asked.

The service asks, so that it hears of each camera from one place only: what a machine that was
taken for dead still sees is never told twice.
"""

import logging
import os
import threading
from collections import deque
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeAlias

from platestream.core.types import Rgb
from platestream.core.urls import Redactor
from platestream.live.health import CameraHealth
from platestream.live.updates import LiveUpdate, nobody
from platestream.live.workers import Listeners
from platestream.service.memory import give_pictures_back
from platestream.service.secrets import discreet, secrets_of
from platestream.service.wiring import CameraPlan, load_configured, make_worker
from platestream.store.records import NewEvent
from platestream.video.engine import Engine

MAX_WAITING = 200
"""What waits for the service to ask, at most; beyond that news of plates in view go, then the
oldest passages, and the log names each."""

MAX_WAITING_BYTES = 250_000_000
"""Pictures that wait with it; see `NewEvent.thinned` for what comes then."""

MAX_TAKEN = 10
"""Of that, how many are told at a time: each may have a whole frame of 25 MB."""

WAIT_S = 1.0
"""How long a question waits for news; the health that is told is no older."""

News: TypeAlias = LiveUpdate | NewEvent

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a camera tells.

    Attributes:
        first: Number of the first piece of news; they count up from 0.
        news: In order.
        health: How the camera does.
        load: Processes that want to run on its machine, for each of its cores, in the last minute.
        is_over: Whether it has stopped, and nothing follows these.
    """

    first: int
    news: list[News]
    health: CameraHealth
    load: float
    is_over: bool


@dataclass(slots=True, eq=False)
class Outbox:
    """News that wait to be taken, each until the service has it."""

    waiting: deque[News] = field(default_factory=deque)
    first: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def update(self, _camera: str, update: LiveUpdate) -> None:
        """Put news of a plate in view; while too much waits it is left out."""
        with self.changed:
            if len(self.waiting) < MAX_WAITING:
                self.waiting.append(update)
                self.changed.notify_all()

    def event(self, event: NewEvent) -> None:
        """Put a passage to store; where there is no room, what matters less makes it."""
        with self.changed:
            if event.is_told_again and self._waits(event.id):
                return
            taken_bytes = sum(e.picture_bytes for e in self.waiting if isinstance(e, NewEvent))
            self.waiting.append(event.thinned(MAX_WAITING_BYTES - taken_bytes))
            if len(self.waiting) > MAX_WAITING:
                self._make_room()
            self.changed.notify_all()

    def _waits(self, event_id: str) -> bool:
        return any(isinstance(each, NewEvent) and each.id == event_id for each in self.waiting)

    def _make_room(self) -> None:
        # The first may be on their way to the service, which counts them.
        untold = list(enumerate(self.waiting))[MAX_TAKEN:]
        updates = (place for place, each in untold if isinstance(each, LiveUpdate))
        events = [(place, each.id) for place, each in untold if isinstance(each, NewEvent)]
        last = {event_id: place for place, event_id in events}
        told_again = (place for place, event_id in events if place < last[event_id])
        position = next(updates, next(told_again, MAX_TAKEN))
        lost = self.waiting[position]
        if isinstance(lost, NewEvent) and position == last[lost.id]:
            logger.error(
                "event %s of camera %s is lost: the service takes no events; see to it, or to the "
                "network",
                *(lost.id, lost.camera),
            )
        del self.waiting[position]

    def forget(self, num_taken: int) -> None:
        """Let go of what the service has."""
        with self.changed:
            while self.first < num_taken and self.waiting:
                self.waiting.popleft()
                self.first += 1

    def wait(self, timeout_s: float) -> None:
        """Until there is something."""
        with self.changed:
            self.changed.wait_for(lambda: self.waiting, timeout_s)

    def look(self) -> tuple[int, list[News]]:
        """The oldest news, and the number of the first."""
        with self.changed:
            return self.first, list(islice(self.waiting, MAX_TAKEN))


class CameraActor:
    """A camera at work in an actor; its methods are called from several threads.

    Args:
        plan: Of the camera.

    Raises:
        ModelError: weights are missing or damaged on this machine.
    """

    def __init__(self, plan: CameraPlan) -> None:
        give_pictures_back()
        # For as long as this process lives: its log lies on this machine.
        self._discreet = discreet(Redactor(secrets_of(plan.camera)))
        self._discreet.__enter__()
        self._outbox = Outbox()
        listeners = Listeners(self._outbox.update, self._outbox.event, namer=nobody)
        self._worker = make_worker(plan, self.engine(plan), listeners)
        self._is_over = False

    def engine(self, plan: CameraPlan) -> Engine:
        """The networks."""
        return load_configured(plan.reader)

    def ready(self) -> None:
        """Answer as soon as the networks are loaded."""

    def start(self) -> None:
        """Begin to watch."""
        self._worker.start()

    def take(self, num_taken: int) -> Answer:
        """What is new, once there is something; how it does, at the latest after `WAIT_S`.

        Args:
            num_taken: How many pieces of news the service has; it is told the others, again too.
        """
        self._outbox.forget(num_taken)
        self._outbox.wait(0.0 if self._is_over else WAIT_S)
        is_over = self._is_over  # before the news: none comes after it
        first, news = self._outbox.look()
        health = self._worker.health()
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
        return Answer(first, news, health, load, is_over and len(news) < MAX_TAKEN)

    def snapshot(self, with_plates: bool) -> Rgb | None:
        """Its newest frame."""
        return self._worker.snapshot(with_plates=with_plates)

    def stop(self, within_s: float) -> None:
        """End what is in view, and hand over the events; `take` tells them."""
        self._worker.ask_to_stop()
        self._worker.join(within_s)
        self._is_over = True


def ended(event: NewEvent) -> NewEvent:
    """The end of a passage whose camera is gone, as it was known last."""
    bare = replace(event, crop=None, frame=None, stack=None, strip=())
    return replace(bare, state="final", since=event.ended_at, is_news=False)
