"""Looks at a camera's frames now and then: does it show a picture that moves?"""

import random
from typing import Protocol

from platestream.live.frozen import Gray, Sight, SightWatch

LOOK_EVERY_S = 0.5
"""How often two neighbouring frames are looked at, on average: at regular times they might always
be key frames."""

STEP_PX = 8


class HasLuma(Protocol):
    """A frame that may not be pixels yet."""

    def luma(self, step_px: int) -> Gray:
        """Brightness of every so many-th pixel each way."""


class SightSampler:
    """Chooses the pairs of frames that a `SightWatch` judges.

    Args:
        frozen_after_s: So long the same picture, and the camera is frozen; None never.
    """

    def __init__(self, frozen_after_s: float | None) -> None:
        self._frozen_after_s = frozen_after_s or float("inf")
        self._next_s = 0.0
        self.begin()

    @property
    def brightness(self) -> float:
        """Mean luma of the last frame that was looked at, 0..1."""
        return self._watch.brightness

    def begin(self) -> None:
        """Forget what was seen: how it looked before it was lost tells nothing of now."""
        self._watch = SightWatch(self._frozen_after_s)
        self._before: Gray | None = None

    def look(self, frame: HasLuma, now_s: float) -> Sight | None:
        """What the camera shows, if this frame was the second of a pair; None for most."""
        if now_s < self._next_s:
            return None
        gray = frame.luma(STEP_PX)
        if self._before is None:
            self._before = gray
            return None
        sight = self._watch.see(self._before, gray, now_s)
        self._before = None
        self._next_s = now_s + LOOK_EVERY_S * random.uniform(0.5, 1.5)
        return sight
