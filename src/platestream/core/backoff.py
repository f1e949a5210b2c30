"""Waits that grow while nothing works, cut at random so that many who wait do not come as one."""

import random
from collections.abc import Callable
from typing import TypeAlias

Jitter: TypeAlias = Callable[[float, float], float]
"""Draws a number between two."""

_MAX_DOUBLINGS = 32
"""Bounds the power: a camera may be away for years."""


def backoff_s(
    num_failures: int, first_s: float, most_s: float, jitter: Jitter = random.uniform
) -> float:
    """Seconds to wait after a failure: from half of a doubling time to all of it.

    Args:
        num_failures: How many came before it.
        first_s: The longest wait after the first one.
        most_s: The longest of all.
        jitter: Draws the wait from the two ends of its range.
    """
    longest_s = min(most_s, first_s * 2.0 ** min(num_failures, _MAX_DOUBLINGS))
    return jitter(longest_s / 2, longest_s)


class Backoff:
    """Counts the failures since something last worked.

    Args:
        first_s: The longest wait after the first.
        most_s: The longest of all.
        jitter: See `backoff_s`.
    """

    def __init__(
        self, first_s: float = 0.5, most_s: float = 30.0, jitter: Jitter = random.uniform
    ) -> None:
        self._first_s, self._most_s, self._jitter = first_s, most_s, jitter
        self._num_failures = 0

    def fail(self) -> float:
        """Seconds to wait after one more failure."""
        wait_s = backoff_s(self._num_failures, self._first_s, self._most_s, self._jitter)
        self._num_failures += 1
        return wait_s

    def succeed(self) -> None:
        """Begin again with short waits."""
        self._num_failures = 0
