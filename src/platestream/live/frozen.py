"""Whether a camera still shows anything: pictures that stand still, and pictures that are black."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.uint8]
"""Luma of some of a picture's pixels: ``(H, W)`` uint8."""

Sight: TypeAlias = Literal["live", "frozen", "black"]

SAME_LEVELS = 1
"""Levels that no pixel of two same pictures differs by more than."""

SAME_SHARE = 0.75
"""Of the pairs of neighbouring pictures, how many are the same when a camera is frozen. Measured on
seven clips at three qualities of H.264: at least 0.81 where one picture was encoded again and again
(its key frames pulse), at most 0.20 of a scene where nothing happens: a sensor has noise."""

ALIVE_PAIRS = 6
"""So many different pairs in a row, and a frozen camera is live again at once."""

BLACK_LEVEL = 30
"""Of 255. In a black picture nearly no pixel is brighter; a night with one lamp has some."""

BLACK_SHARE = 0.998

BLACK_AFTER_S = 2.0


@dataclass(slots=True)
class SightWatch:
    """Looks at two neighbouring pictures now and then.

    Attributes:
        frozen_after_s: So long the same picture, and the camera counts as frozen; infinite for
            never.
        sight: What it shows.
        brightness: Mean luma of the last picture, 0..1.
    """

    frozen_after_s: float
    sight: Sight = "live"
    brightness: float = 0.0
    _pairs: deque[tuple[float, bool]] = field(default_factory=deque)
    _num_different: int = 0
    _black_since_s: float | None = None

    def see(self, before: Gray, gray: Gray, now_s: float) -> Sight:
        """Judge a picture by itself and by the one right before it; black goes before frozen."""
        self.brightness = float(gray.mean()) / 255
        is_frozen = self._is_frozen(before, gray, now_s)
        if self._is_black(gray, now_s):
            self.sight = "black"
        else:
            self.sight = "frozen" if is_frozen else "live"
        return self.sight

    def _is_frozen(self, before: Gray, gray: Gray, now_s: float) -> bool:
        if math.isinf(self.frozen_after_s):
            return False  # the pairs would be gathered for ever
        is_same = _is_same(before, gray)
        self._num_different = 0 if is_same else self._num_different + 1
        if self._num_different >= ALIVE_PAIRS:
            self._pairs.clear()
        self._pairs.append((now_s, is_same))
        # The oldest pair stays one longer than needed, to tell that the time is full.
        while len(self._pairs) > 1 and self._pairs[1][0] <= now_s - self.frozen_after_s:
            self._pairs.popleft()
        is_full = self._pairs[0][0] <= now_s - self.frozen_after_s
        num_same = sum(same for _, same in self._pairs)
        return is_full and num_same >= SAME_SHARE * len(self._pairs)

    def _is_black(self, gray: Gray, now_s: float) -> bool:
        if float(np.mean(gray <= BLACK_LEVEL)) < BLACK_SHARE:
            self._black_since_s = None
            return False
        if self._black_since_s is None:
            self._black_since_s = now_s
        return now_s - self._black_since_s >= BLACK_AFTER_S


def _is_same(one: Gray, other: Gray) -> bool:
    if one.shape != other.shape:
        return False
    return bool((np.abs(one.astype(np.int16) - other) <= SAME_LEVELS).all())
