"""What a detector is.

It stands in `core`, beside the `Detection` it gives: whoever writes a detector, wraps one or is
given one needs neither a video decoder nor a tracker for that.
"""

from collections.abc import Sequence
from typing import Protocol

from platestream.core.types import Detection, Rgb


class Detector(Protocol):
    """Finds the plates of a frame."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        """Plates in ``(H, W, 3)`` uint8 RGB, best first."""
