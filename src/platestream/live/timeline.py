"""Two clocks of a camera: seconds that always grow, and the time of day they stand for."""

import math
from bisect import bisect_right
from datetime import datetime, timedelta

STEP_S = 0.001
"""Two frames are at least so far apart, whatever the camera says."""

MAX_DRIFT_S = 0.5
"""When the time of day is off by more (the clock was set, a file of another hour began), it is
noted anew."""

MAX_ANCHORS = 1024


class Timeline:
    """Seconds since a camera's start, and what the clock on the wall showed at each of them."""

    def __init__(self) -> None:
        self.last_s = -STEP_S
        self._anchors: list[tuple[float, datetime]] = []

    def stamp(self, elapsed_s: float, at: datetime) -> float:
        """Time of the next frame, later than the last one's.

        Args:
            elapsed_s: What its source says.
            at: When it was taken.
        """
        self.last_s = max(elapsed_s, self.last_s + STEP_S)
        is_new = not self._anchors
        if is_new or abs((at - self.wall_time(self.last_s)).total_seconds()) > MAX_DRIFT_S:
            self._anchors.append((self.last_s, at))
            # A clock that is set all the time must not fill the memory.
            del self._anchors[:-MAX_ANCHORS]
        return self.last_s

    def wall_time(self, pts_s: float) -> datetime:
        """The time of day at a second of the timeline; only after the first stamp."""
        index = max(0, bisect_right(self._anchors, pts_s, key=lambda anchor: anchor[0]) - 1)
        begin_s, at = self._anchors[index]
        return at + timedelta(seconds=pts_s - begin_s)


class Lag:
    """How far behind its camera a stream is read: what waits in buffers on the way.

    The quickest frame so far is taken to be on time. That is let go slowly, since no two clocks
    run alike.
    """

    FORGET = 0.01
    JUMP_S = 30.0

    def __init__(self) -> None:
        self._least_s = math.inf
        self._last_s = 0.0

    def see(self, arrived_s: float, pts_s: float) -> float:
        """Seconds that a frame came late.

        Args:
            arrived_s: Of our own steady clock.
            pts_s: Of the camera's; any start, and it may jump.
        """
        late_s = arrived_s - pts_s
        self._least_s += self.FORGET * max(0.0, arrived_s - self._last_s)
        self._last_s = arrived_s
        if not 0 <= late_s - self._least_s < self.JUMP_S:
            self._least_s = late_s
        return late_s - self._least_s
