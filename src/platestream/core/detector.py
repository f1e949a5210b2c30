"""What a detector is.

It stands in `core`, beside the `Detection` it gives: whoever writes a detector, wraps one or is
given one needs neither a video decoder nor a tracker for that.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from platestream.core.types import Detection, Rgb


class Detector(Protocol):
    """Finds the plates of a frame."""

    def detect(self, rgb: Rgb) -> Sequence[Detection]:
        """Plates in ``(H, W, 3)`` uint8 RGB, best first."""


@runtime_checkable
class WindowDetector(Detector, Protocol):
    """One that may be shown a part of a frame, for the price of that part."""

    def scale(self, width_px: int, height_px: int) -> float:
        """Pixels of the picture it makes of a frame of this size per pixel of the frame."""

    def look(self, rgb: Rgb) -> Sequence[Detection]:
        """Plates in a picture of any size, seen as it is."""
