"""Whether a camera still shows anything: pictures that stand still, and pictures that are black."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.uint8]
"""Luma of some of a picture's pixels: ``(H, W)`` uint8."""

Sight: TypeAlias = Literal["live", "frozen", "black"]

MAX_NOISE = 3
"""Levels that a pixel of a frozen picture may change by: its encoder still dithers."""

MAX_CHANGED_SHARE = 0.0005
"""Of its pixels: a clock in a corner, or the leaves of a tree, change more."""

BLACK_LEVEL = 30
"""Of 255. In a black picture nearly no pixel is brighter; a night with one lamp has some."""

BLACK_SHARE = 0.998

BLACK_AFTER_S = 2.0


@dataclass(slots=True)
class SightWatch:
    """Looks at a picture now and then.

    Attributes:
        frozen_after_s: So long the same picture, and the camera counts as frozen.
        sight: What it shows.
        brightness: Mean luma of the last picture, 0..1.
    """

    frozen_after_s: float
    sight: Sight = "live"
    brightness: float = 0.0
    _same: Gray | None = None
    _same_since_s: float = 0.0
    _black_since_s: float | None = None

    def see(self, gray: Gray, now_s: float) -> Sight:
        """Judge the next picture; black goes before frozen."""
        self.brightness = float(gray.mean()) / 255
        if self._same is None or not _is_same(self._same, gray):
            self._same, self._same_since_s = gray, now_s
        is_dark = float(np.mean(gray <= BLACK_LEVEL)) >= BLACK_SHARE
        if not is_dark:
            self._black_since_s = None
        elif self._black_since_s is None:
            self._black_since_s = now_s
        if self._black_since_s is not None and now_s - self._black_since_s >= BLACK_AFTER_S:
            self.sight = "black"
        elif now_s - self._same_since_s >= self.frozen_after_s:
            self.sight = "frozen"
        else:
            self.sight = "live"
        return self.sight


def _is_same(one: Gray, other: Gray) -> bool:
    if one.shape != other.shape:
        return False
    change = np.abs(one.astype(np.int16) - other)
    return float(np.mean(change > MAX_NOISE)) <= MAX_CHANGED_SHARE
