"""An outbox in memory, as the store's."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from threading import Lock

from platestream.store.records import Message


class MemoryOutbox:
    """Keeps messages in the order they were put in.

    Attributes:
        put_off: Number of a message and until when, for each `retry`.
        is_open: Whether it gives anything out.
    """

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._lock = Lock()
        self.is_open = True
        self.put_off: list[tuple[int, datetime]] = []

    def put(self, sink: str, camera: str, event_id: str, body: str = "{}", tries: int = 0) -> None:
        with self._lock:
            number = max((m.number for m in self._messages), default=0) + 1
            message = Message(sink, camera, event_id, "event", body, number, tries)
            self._messages.append(message)

    def num_waiting(self) -> dict[str, int]:
        return dict(Counter(message.sink for message in self.left()))

    def left(self) -> list[Message]:
        with self._lock:
            return list(self._messages)

    def due(self, now: datetime, *, limit: int = 100) -> list[Message]:
        with self._lock:
            oldest: dict[tuple[str, str], Message] = {}
            for message in self._messages:
                oldest.setdefault((message.sink, message.camera), message)
            found = [m for m in oldest.values() if m.due_at is None or m.due_at <= now]
            return found[:limit] if self.is_open else []

    def told(self, number: int) -> None:
        with self._lock:
            self._messages = [m for m in self._messages if m.number != number]

    def retry(self, number: int, due_at: datetime) -> None:
        with self._lock:
            self.put_off.append((number, due_at))
            self._messages = [
                replace(m, num_tries=m.num_tries + 1, due_at=due_at) if m.number == number else m
                for m in self._messages
            ]
