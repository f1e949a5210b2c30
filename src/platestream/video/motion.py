"""When to look for plates: not where nothing moved, and less often while no plate is in view.

The detector costs most of a video's time. A still picture shows what it showed before, and an
empty street need not be searched in every single frame.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Detection, Frame, Rgb

Detect: TypeAlias = Callable[[Rgb], Sequence[Detection]]

IDLE_LOOK_S: Final = 0.06
"""How often to look while no plate is in view: every other frame of a usual camera."""

STILL_S: Final = 1.0
"""Longest time without a look, however still the picture. These looks are at the first frame of
each such span of the source's own time, not so long after the last look: then two runs over one
video that began at different places look at the same frames from there on."""

_MOTION: Final = 5.5
"""Grey levels by which some cell must have changed. Sensor noise averages out within a cell; a
plate that moves by a tenth of its width changes its own cells by more."""

_THIN_WIDTH_PX: Final = 320
_CELLS: Final = (80, 45)


class MotionGate:
    """Asks a detector only about frames that may bring something new.

    Args:
        detect: Finds the plates of ``(H, W, 3)`` uint8 RGB.
        every_frame: Ask about every frame, whatever it shows.
    """

    def __init__(self, detect: Detect, *, every_frame: bool = False) -> None:
        self._detect, self._every_frame = detect, every_frame
        self._seen: NDArray[np.float32] | None = None
        self._seen_s = self._now_s = -STILL_S
        self._found: Sequence[Detection] = []

    def detect(self, frame: Frame, *, is_idle: bool) -> Sequence[Detection]:
        """Find the plates of one frame, or remember them.

        Args:
            frame: The next one of its source.
            is_idle: Whether no plate is in view, and a look may wait for `IDLE_LOOK_S`.

        Returns:
            As the detector does. Where nothing moved since it last looked, what it saw then;
            nothing where an idle look can wait.
        """
        if self._every_frame:
            return self._detect(frame.rgb)
        last_s, self._now_s = self._now_s, frame.pts_s
        is_due = frame.pts_s // STILL_S != last_s // STILL_S or frame.pts_s < last_s
        if is_idle and not is_due and frame.pts_s - self._seen_s < IDLE_LOOK_S:
            return []
        cells = _cells(frame.rgb)
        if not is_due and not self._has_moved(cells):
            return self._found
        # Kept from the last look, not the last frame: slow changes add up.
        self._seen, self._seen_s = cells, frame.pts_s
        self._found = self._detect(frame.rgb)
        return self._found

    def _has_moved(self, cells: NDArray[np.float32]) -> bool:
        if self._seen is None or self._seen.shape != cells.shape:
            return True
        return float(np.abs(cells - self._seen).max()) > _MOTION


def _cells(rgb: Rgb) -> NDArray[np.float32]:
    """Mean green of each cell of a coarse grid; of a large frame, some pixels are enough."""
    step = max(1, rgb.shape[1] // _THIN_WIDTH_PX)
    thin = np.ascontiguousarray(rgb[::step, ::step, 1], np.float32)
    return np.asarray(cv2.resize(thin, _CELLS, interpolation=cv2.INTER_AREA), np.float32)
