"""The pictures that tried cameras gave, for those who tried them, and for a little while."""

import secrets
import threading
from collections import OrderedDict

MAX_KEPT = 8


class TrialPictures:
    """Keeps the newest few in memory, each under a name that nobody guesses. Thread-safe."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, jpeg: bytes) -> str:
        """Keep a picture; returns its name."""
        name = secrets.token_hex(16)
        with self._lock:
            self._kept[name] = jpeg
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return name

    def get(self, name: str) -> bytes | None:
        """A picture; None once newer ones took its place."""
        with self._lock:
            return self._kept.get(name)
