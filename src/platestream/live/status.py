"""What a camera without a reader can know of itself: its state, and what went wrong last."""

import logging
import math
import time
import traceback
from datetime import UTC, datetime

from platestream.core.urls import mask_url
from platestream.live.frozen import Sight
from platestream.live.health import CameraHealth, CameraState, Rate

logger = logging.getLogger(__name__)

OVER_AFTER_S = 10.0
"""Trouble that has not come again for so long, while pictures come, is over."""


class CameraStatus:
    """The states of one camera; the only place that changes them.

    ``connecting`` > ``live`` at the first frame, > ``lost`` when the connection breaks, > ``live``
    at the next frame. While it is connected it may look ``frozen`` or ``black``; it is ``lost``,
    too, when its last picture is old, whatever else still comes. ``ended`` is the last one.

    Args:
        name: The camera's, for the log.
        silence_s: Longest time between two pictures; without end for what makes none by itself.
    """

    def __init__(self, name: str, silence_s: float = math.inf) -> None:
        self._name, self._silence_s = name, silence_s
        self._seen_s = self._noted_s = -math.inf
        self._state: CameraState = "connecting"
        self._since = datetime.now(UTC)
        self._rate = Rate()
        self._num_reconnects = 0
        self._last_frame_at: datetime | None = None
        self._last_error = ""

    @property
    def is_connected(self) -> bool:
        """Whether frames come."""
        return self._state in ("live", "frozen", "black")

    def begin(self) -> None:
        """A connection gave its first frame."""
        self._num_reconnects += self._state == "lost"
        self._change("live")

    def tick(self, now_s: float) -> None:
        """A frame was decoded."""
        self._rate.tick(now_s)
        self._seen_s = now_s
        if self._last_error and now_s - self._noted_s > OVER_AFTER_S:
            self._last_error = ""

    def take(self, at: datetime) -> None:
        """A frame taken at `at` was kept for the reader."""
        self._last_frame_at = at

    def show(self, sight: Sight) -> None:
        """The frames that come look like this."""
        self._change(sight)

    def lose(self) -> None:
        """The connection broke, or there was none to be had."""
        self._change("connecting" if self._state == "connecting" else "lost")

    def end(self) -> None:
        """No frame will ever come again."""
        self._change("ended")

    def note(self, problem: str) -> None:
        """Log what is wrong, once for as long as it is the same, and show it in the health."""
        problem = mask_url(problem)
        if problem != self._last_error:
            logger.warning("camera %s: %s", self._name, problem)
        self._last_error, self._noted_s = problem, time.monotonic()

    def note_unexpected(self, error: Exception) -> None:
        """The same for what should not happen: where it did goes to the log, without passwords."""
        where = "".join(traceback.format_exception(error))
        logger.error("camera %s: an unexpected error\n%s", self._name, mask_url(where))
        self.note(f"an unexpected error ({type(error).__name__}); see the log")

    def health(self, now_s: float | None = None) -> CameraHealth:
        """All of it; what others count is left at nothing."""
        now_s = time.monotonic() if now_s is None else now_s
        if self.is_connected and now_s - self._seen_s > self._silence_s:
            self._change("lost")
        return CameraHealth(
            state=self._state,
            since=self._since,
            fps_in=self._rate.per_s(),
            num_reconnects=self._num_reconnects,
            last_frame_at=self._last_frame_at,
            last_error=self._last_error,
        )

    def _change(self, state: CameraState) -> None:
        if state != self._state:
            logger.info("camera %s: %s", self._name, state)
            self._state, self._since = state, datetime.now(UTC)
