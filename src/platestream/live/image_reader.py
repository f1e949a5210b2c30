"""Finds and reads the plates of one picture that somebody sent."""

import threading
from collections.abc import Sequence
from typing import Protocol

from platestream.core.types import Rgb
from platestream.video.engine import Engine
from platestream.video.photo import FoundPlate, find_plates

MAX_PIXELS = 25_000_000
"""A picture of more is refused before it is decoded."""


class FindsPlates(Protocol):
    """What reads an uploaded picture."""

    def __call__(self, rgb: Rgb, /) -> Sequence[FoundPlate]:
        """The plates of a picture ``(H, W, 3)`` uint8, surest first."""


class ImageReader:
    """The cameras' networks behind one call; one picture at a time, so that cameras come first.

    Args:
        engine: Detector and networks.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()

    def __call__(self, rgb: Rgb, /) -> list[FoundPlate]:
        """The plates of a picture ``(H, W, 3)`` uint8, surest first."""
        with self._lock:
            return find_plates(rgb, self._engine)
