"""Tries a camera before it is watched: does it answer, and with what?"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from platestream.core.errors import SourceNotFound
from platestream.core.types import Frame, Rgb
from platestream.core.urls import shown_address
from platestream.live.feeds import FeedSettings
from platestream.live.registry import open_feed

TRY_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What a camera answered.

    Attributes:
        rgb: Its first frame, ``(H, W, 3)`` uint8.
        fps: Frames a second, as it states them.
        first_frame_s: How long that took.
    """

    rgb: Rgb
    fps: float
    first_frame_s: float

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


def try_camera(
    settings: Callable[[threading.Event], FeedSettings], within_s: float = TRY_WITHIN_S
) -> Trial:
    """Connect to a camera and wait for its first frame.

    Args:
        settings: What to open, given what stops it.
        within_s: Longest wait.

    Raises:
        ConfigError: the address is of a kind that no camera has.
        SourceError: there is no picture to be had; says why.
    """
    stop = threading.Event()
    opened = settings(stop)
    # A camera that is watched may be given longer than those who try it wait.
    opened = replace(opened, timeout_s=min(opened.timeout_s, within_s))
    feed = open_feed(opened)
    begin_s = time.monotonic()
    timer = threading.Timer(within_s, stop.set)
    timer.daemon = True
    timer.start()
    try:
        for raw in feed.frames():
            rgb = Frame(0, 0.0, raw.pixels()).rgb
            return Trial(rgb, feed.fps, time.monotonic() - begin_s)
    finally:
        stop.set()
        timer.cancel()
    msg = f"{shown_address(opened.url)}: no picture within {within_s:g} s; is the camera on?"
    raise SourceNotFound(msg)
