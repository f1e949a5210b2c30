"""The time of day, by which old events are removed: of a clock that jumps ahead with suspicion.

Clocks are set wrong by a battery that is empty, a receiver of satellites or a server of time that
errs, and set right within the day. What was removed meanwhile would be gone.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

JUMP_S = 3600.0
"""So far ahead at once goes no clock that is right."""

TRUSTED_AFTER_S = 24 * 3600.0
"""A clock that has stood ahead for so long was put right by that."""


class TrustedClock:
    """Follows the clock of the machine, but only a day later where that jumps ahead.

    Args:
        now: Seconds of the clock that may jump.
        steady: Seconds of one that does not.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now, self._steady = now, steady
        self._offset_s = now() - steady()
        self._ahead_since_s: float | None = None

    def __call__(self) -> datetime:
        """The time it is."""
        steady_s = self._steady()
        offset_s = self._now() - steady_s
        if offset_s <= self._offset_s + JUMP_S:
            self._offset_s, self._ahead_since_s = offset_s, None
        elif self._ahead_since_s is None:
            self._ahead_since_s = steady_s
        elif steady_s - self._ahead_since_s >= TRUSTED_AFTER_S:
            self._offset_s, self._ahead_since_s = offset_s, None
        return datetime.fromtimestamp(steady_s + self._offset_s, UTC)
