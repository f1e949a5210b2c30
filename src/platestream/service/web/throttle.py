"""Slows down guessing: so many failures in a while, then a wait."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

MAX_KEYS = 10_000
"""Whom we keep count of; strangers with many addresses must not fill the memory."""


class Throttle:
    """Counts failures by key over a sliding window.

    Args:
        max_failures: So many in one window are borne.
        window_s: Length of the window.
        now: A clock in seconds that never goes back.
    """

    def __init__(
        self, max_failures: int, window_s: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_failures, self._window_s, self._now = max_failures, window_s, now
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def reserve(self, key: str) -> float:
        """Count a try as failed before anybody looks at it, so that none slip by side by side.

        Returns:
            0, or how long this key must wait, in seconds; the try is not counted then.
        """
        with self._lock:
            failures = self._recent(key)
            if len(failures) >= self._max_failures:
                return failures[0] + self._window_s - self._now()
            failures.append(self._now())
            self._failures[key] = failures
            self._failures.move_to_end(key)
            while len(self._failures) > MAX_KEYS:
                self._failures.popitem(last=False)
            return 0.0

    def take_back(self, key: str) -> None:
        """Uncount a try that did not fail; older failures stand."""
        with self._lock:
            failures = self._recent(key)
            if failures:
                failures.pop()

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures.get(key) or deque(maxlen=self._max_failures)
        while failures and failures[0] <= self._now() - self._window_s:
            failures.popleft()
        return failures


def neighbourhood(address: str) -> str:
    """The key of an address; of IPv6 the /64, all of which one customer has."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
