"""The live wall: the newest plates of each camera, and whoever watches them firm up."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from platestream.live.updates import LiveUpdate

KEPT_PER_CAMERA = 12
MAX_CAMERAS = 300
"""More than run at a time: who adds and removes them for ever must fill no memory."""

MAX_WATCHERS = 200
MAX_WATCHING_EACH = 12
"""Streams of one user or token; a browser opens six at most."""

HEARTBEAT_S = 15.0


@dataclass(slots=True, eq=False)
class Watcher:
    """What one watcher has not been told yet: of each plate the newest state only."""

    who: str
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    untold: OrderedDict[str, LiveUpdate] = field(default_factory=OrderedDict)


class Wall:
    """Takes news from the cameras' threads, and tells any number of watchers. Thread-safe.

    A watcher that is slow misses the states between, never the last one; so nobody's queue
    grows beyond what the wall itself holds.
    """

    def __init__(self) -> None:
        self._newest: OrderedDict[str, OrderedDict[str, LiveUpdate]] = OrderedDict()
        self._watchers: set[Watcher] = set()
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def num_watchers(self) -> int:
        """How many watch now."""
        return len(self._watchers)

    def enter(self, who: str = "") -> Watcher | None:
        """Take a place to watch from; None where none is free.

        Args:
            who: Takes one of their own places, too; nobody's when empty.
        """
        watcher = Watcher(who)
        with self._lock:
            own = sum(other.who == who for other in self._watchers) if who else 0
            if len(self._watchers) >= MAX_WATCHERS or own >= MAX_WATCHING_EACH:
                return None
            for plates in self._newest.values():
                watcher.untold.update(plates)
            self._watchers.add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Give a place back."""
        with self._lock:
            self._watchers.discard(watcher)

    def publish(self, update: LiveUpdate) -> None:
        """Put news of a plate on the wall."""
        with self._lock:
            newest = self._newest.setdefault(update.camera, OrderedDict())
            self._newest.move_to_end(update.camera)
            if len(self._newest) > MAX_CAMERAS:
                self._newest.popitem(last=False)
            _put(newest, update, KEPT_PER_CAMERA)
            if update.state == "withdrawn":
                del newest[update.event_id]
            if self._is_closed:
                return
            room = KEPT_PER_CAMERA * len(self._newest)
            for watcher in self._watchers:
                _put(watcher.untold, update, room)
                watcher.loop.call_soon_threadsafe(watcher.woken.set)

    def newest(self, camera: str) -> list[LiveUpdate]:
        """The plates of a camera, newest first."""
        with self._lock:
            return list(reversed(self._newest.get(camera, OrderedDict()).values()))

    def find(self, event_id: str) -> LiveUpdate | None:
        """The newest state of one plate, as long as it is on the wall."""
        with self._lock:
            found = (plates.get(event_id) for plates in self._newest.values())
            return next((update for update in found if update), None)

    async def watch(self, watcher: Watcher) -> AsyncIterator[LiveUpdate | None]:
        """All that is on the wall, then news as it comes; None now and then where none comes."""
        while not self._is_closed:
            for update in self._take(watcher):
                yield update
            try:
                await asyncio.wait_for(watcher.woken.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield None

    def close(self) -> None:
        """Send every watcher home, so that the server can stop."""
        with self._lock:
            self._is_closed = True
            for watcher in self._watchers:
                watcher.loop.call_soon_threadsafe(watcher.woken.set)

    def _take(self, watcher: Watcher) -> list[LiveUpdate]:
        with self._lock:
            watcher.woken.clear()
            taken = list(watcher.untold.values())
            watcher.untold.clear()
            return taken


def _put(plates: OrderedDict[str, LiveUpdate], update: LiveUpdate, room: int) -> None:
    """Keep a plate where it came in, with its newest state; the oldest make room."""
    plates[update.event_id] = update
    while len(plates) > room:
        plates.popitem(last=False)
