"""What a connection may cost before anybody has logged in: a place, some seconds, no more.

uvicorn waits for ever for a head, a body or a client that does not read. Here each of these has a
deadline, and the places are counted: where all are taken, the connection that has waited longest
without a request gives up its own, so that strangers who only hold connections keep nobody out.
"""

import asyncio
import resource
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from platestream.service.web.throttle import neighbourhood

FILES_OF_OURS = 300
"""Descriptors that cameras, store and pictures need beside the connections."""

_WANTED_DESCRIPTORS = 8192
_LOOPBACK = frozenset({neighbourhood("127.0.0.1"), neighbourhood("::1"), ""})


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What is borne.

    Attributes:
        max_connections: In total.
        max_per_address: From one address (of IPv6 one /64); this machine and proxies have no
            limit of their own, as many people may come through them.
        head_s: Until a request's head is there, from its first byte or the connection's start.
        body_s: Until its body is there, beside the time that `body_bytes_per_s` gives it.
        body_bytes_per_s: The slowest client whose uploads are waited for.
        write_s: How long a client may take nothing of an answer.
    """

    max_connections: int = 1000
    max_per_address: int = 128
    head_s: float = 10.0
    body_s: float = 15.0
    body_bytes_per_s: float = 100_000.0
    write_s: float = 30.0


class Places:
    """The connections there are, and who has to go for a new one. Of one event loop.

    Args:
        limits: How many.
        proxies: Addresses that many people come through.
    """

    def __init__(self, limits: ConnectionLimits, proxies: Collection[str] = ()) -> None:
        self.limits = limits
        self._crowds = _LOOPBACK | {neighbourhood(proxy) for proxy in proxies}
        self._taken: dict[Connection, str] = {}  # in the order they came

    def __len__(self) -> int:
        return len(self._taken)

    def take(self, connection: "Connection", address: str) -> bool:
        """Find a place for a connection; whether there is one."""
        place = neighbourhood(address)
        if place not in self._crowds:
            neighbours = [each for each, its in self._taken.items() if its == place]
            if not self._has_room(neighbours, self.limits.max_per_address):
                return False
        if not self._has_room(list(self._taken), self.limits.max_connections):
            return False
        self._taken[connection] = place
        return True

    def leave(self, connection: "Connection") -> None:
        """Give a place back."""
        self._taken.pop(connection, None)

    def _has_room(self, connections: "list[Connection]", most: int) -> bool:
        if len(connections) < most:
            return True
        idle = next((each for each in connections if each.is_idle), None)
        if idle is None:
            return False
        self.leave(idle)
        idle.drop()
        return True


class Connection(H11Protocol):
    """A connection of uvicorn's with deadlines and a place; see `making_connections`."""

    def __init__(self, places: Places, **uvicorns: Any) -> None:
        super().__init__(**uvicorns)
        self._places, self._limits = places, places.limits
        self._timer: asyncio.TimerHandle | None = None
        self._timed = ""
        self._write_timer: asyncio.TimerHandle | None = None

    @property
    def is_idle(self) -> bool:
        """Whether no request is being answered or received beyond its head."""
        return self.cycle is None or self.cycle.response_complete

    def drop(self) -> None:
        """Close it at once, whatever still was to be sent."""
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or go."""
        super().connection_made(transport)
        if self._places.take(self, self.client[0] if self.client else ""):
            self._time()
        else:
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        self._places.leave(self)
        for timer in (self._timer, self._write_timer):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle what came, and see what is waited for now."""
        super().data_received(data)
        self._time()

    def pause_writing(self) -> None:
        """The client takes nothing more for now."""
        super().pause_writing()
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self._limits.write_s, self.drop)

    def resume_writing(self) -> None:
        """It takes something again."""
        super().resume_writing()
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None

    def on_response_complete(self) -> None:
        """See what is waited for next."""
        super().on_response_complete()
        self._time()

    def _time(self) -> None:
        """Set the deadline of what is waited for; one that runs for it goes on."""
        waits_for, within_s = "", 0.0
        if self.conn.their_state is h11.SEND_BODY:
            waits_for, within_s = "body", self._body_s()
        elif self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            waits_for, within_s = "head", self._limits.head_s
        if waits_for == self._timed:
            return
        if self._timer:
            self._timer.cancel()
        self._timed = waits_for
        self._timer = self.loop.call_later(within_s, self.drop) if waits_for else None

    def _body_s(self) -> float:
        length = dict(self.headers).get(b"content-length", b"")
        # One that does not say how long it is gets the time of the longest form.
        num_bytes = int(length) if length.isdigit() and len(length) < 12 else 0
        return self._limits.body_s + num_bytes / self._limits.body_bytes_per_s


def making_connections(places: Places) -> Callable[..., Connection]:
    """What uvicorn makes connections by."""

    def make(**uvicorns: Any) -> Connection:
        return Connection(places, **uvicorns)

    return make


def raise_descriptor_limit() -> int:
    """Allow this process more open files, as far as it may; how many it may open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ceiling = _WANTED_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    wanted = max(soft, min(ceiling, _WANTED_DESCRIPTORS))
    if wanted != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
