"""Where a box will be next, when it goes on as it did: a Kalman filter of constant speed."""

from collections.abc import Sequence
from typing import Final

from platestream.core.types import BoxXyxy

_POSITION_VARIANCE: Final = 10.0
_SPEED_VARIANCE: Final = 1.0
_PROCESS_NOISE: Final = 0.1
_MEASUREMENT_NOISE: Final = 4.0


class BoxFilter:
    """Follows the four sides of one box, each by itself, in pixels and frames.

    All sides are measured together, so that they share their variances; the sums are norfair's
    (`OptimizedKalmanFilter` with its defaults), on plain numbers: arrays of four cost more to
    make than to add.

    Args:
        box_xyxy: The first one seen.
    """

    def __init__(self, box_xyxy: BoxXyxy) -> None:
        self._at = list(box_xyxy)
        self._speed = [0.0] * 4
        self._position_var, self._covariance = _POSITION_VARIANCE, 0.0
        self._speed_var = _SPEED_VARIANCE

    @property
    def box_xyxy(self) -> BoxXyxy:
        """Where it is believed to be now."""
        x1, y1, x2, y2 = self._at
        return x1, y1, x2, y2

    @property
    def next_xyxy(self) -> BoxXyxy:
        """Where it is expected in the next frame."""
        x1, y1, x2, y2 = (at + speed for at, speed in zip(self._at, self._speed, strict=True))
        return x1, y1, x2, y2

    def step(self) -> None:
        """Go on by one frame."""
        self._at = list(self.next_xyxy)

    def measure(self, box_xyxy: Sequence[float]) -> None:
        """Take in where it was seen in the frame that the last `step` went to."""
        gained = self._covariance + self._speed_var
        total = self._position_var + self._covariance + gained + _PROCESS_NOISE + _MEASUREMENT_NOISE
        position_gain = 1 - _MEASUREMENT_NOISE / total
        speed_gain = gained / total
        for side, seen in enumerate(box_xyxy):
            error = seen - self._at[side]
            self._at[side] += position_gain * error
            self._speed[side] += speed_gain * error
        self._position_var = position_gain * _MEASUREMENT_NOISE
        self._covariance = speed_gain * _MEASUREMENT_NOISE
        self._speed_var += _PROCESS_NOISE - speed_gain * gained
