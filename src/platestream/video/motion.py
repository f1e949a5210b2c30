"""Where a picture changed since it was last looked at.

A still picture shows what it showed before; of a street where one car drives, only that part
need be searched again.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Luma
from platestream.video.windows import Window

_MOTION: Final = 5
"""Grey levels by which some cell must have changed. Sensor noise averages out within a cell; a
plate that moves by a tenth of its width changes its own cells by more."""

_CELLS: Final = (80, 45)
"""Columns and rows."""

_THIN_PX: Final = 160
"""Pixels are averaged two by two, which is fast, while more than this width are left."""

_ROWS_PX: Final = 640
"""From this height on every other row will do."""

_MARGIN_CELLS: Final = 3
"""Around what changed: a plate is known by the car around it."""


class MotionMap:
    """Remembers how each part of the picture looked when it was last looked at."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._now = self._seen = np.zeros((_CELLS[1], _CELLS[0]), np.uint8)
        self._moved = np.ones_like(self._now)

    def see(self, luma: Luma) -> bool:
        """Take in the next picture; True if any part of it changed since it was looked at.

        Args:
            luma: ``(H, W)`` uint8; of another size than the last one, all of it counts as changed.
        """
        size = (luma.shape[1], luma.shape[0])
        self._now = _cells(luma)
        if size != self._size:
            self._size, self._seen = size, self._now.copy()
            self._moved.fill(1)
            return True
        # Kept from the last look, not the last frame: slow changes add up.
        self._moved = (cv2.absdiff(self._now, self._seen) > _MOTION).astype(np.uint8)
        return bool(self._moved.any())

    def has_moved(self, window: Window) -> bool:
        """Whether anything changed in a part of the picture."""
        left, top, right, bottom = self._cells_of(window)
        return bool(self._moved[top:bottom, left:right].any())

    def moved(self) -> list[Window]:
        """The parts that changed, with some room around."""
        side = 2 * _MARGIN_CELLS + 1
        grown = cv2.dilate(self._moved, np.ones((side, side), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
        width, height = (side / cells for side, cells in zip(self._size, _CELLS, strict=True))
        return [
            Window(
                int(left * width),
                int(top * height),
                -int(-(left + columns) * width // 1),
                -int(-(top + rows) * height // 1),
            )
            for left, top, columns, rows, _ in stats[1:].tolist()
        ]

    def looked_at(self, window: Window) -> None:
        """Note that a part has been looked at as it is now."""
        left, top, right, bottom = self._cells_of(window)
        self._seen[top:bottom, left:right] = self._now[top:bottom, left:right]
        self._moved[top:bottom, left:right] = 0

    def _cells_of(self, window: Window) -> tuple[int, int, int, int]:
        x, y = (cells / max(1, side) for side, cells in zip(self._size, _CELLS, strict=True))
        return (
            int(window.left * x),
            int(window.top * y),
            -int(-window.right * x // 1),
            -int(-window.bottom * y // 1),
        )


def _cells(luma: Luma) -> NDArray[np.uint8]:
    """Mean of each cell of a coarse grid."""
    if luma.shape[0] >= _ROWS_PX:
        luma = luma[::2]  # half the memory to read, and still a hundred pixels a cell
    while luma.shape[1] >= 2 * _THIN_PX and luma.shape[0] >= 2:
        width, height = luma.shape[1] // 2, luma.shape[0] // 2
        even = luma[: 2 * height, : 2 * width]
        luma = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(luma, _CELLS, interpolation=cv2.INTER_AREA), np.uint8)
