"""A closer look where a look found something small that it is not sure of.

A plate of 15 pixels is as likely noise as a plate. In the frame it may have 30 or 60: a window of
that size costs a tenth of a look at the whole frame, and is only looked at where there is a hint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from platestream.core.boxes import box_size, iou
from platestream.core.types import Detection

HINT_SCORE: Final = 0.2
"""Least score of a hint: of plates of 15 px nine in ten have it."""

SMALL_PX: Final = 28.0
"""Widest plate, in pixels of the picture that was looked at, that a closer look makes surer."""

TINY_PX: Final = 24.0
"""Widest plate that is looked at again even where it is sure: its box is off by a cell of 8."""

MIN_GAIN: Final = 1.25
"""How much larger a window must show what it shows; nothing new is seen in pixels enlarged."""

MAX_WINDOWS: Final = 3
"""Of one frame: a tree in the wind has many hints."""

WINDOW_PX: Final = (192, 128)
"""Width and height of what is looked at, large enough for the network to see what is around."""

_WANTED_PX: Final = 48.0
"""Width of a plate in the window, where the frame has it."""

_SAME_IOU: Final = 0.15
_MIDDLE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a frame to look at again.

    Attributes:
        left: First column, in pixels of the frame.
        top: First row.
        width: Columns.
        height: Rows.
    """

    left: int
    top: int
    width: int
    height: int

    def is_about(self, plate: Detection) -> bool:
        """Whether a plate found in it lies in its middle: what it was cut out for."""
        x1, y1, x2, y2 = plate.box_xyxy
        x, y = (x1 + x2) / 2 - self.left, (y1 + y2) / 2 - self.top
        return abs(x / self.width - 0.5) < _MIDDLE / 2 and abs(y / self.height - 0.5) < _MIDDLE / 2


def windows(
    hints: Sequence[Detection], min_score: float, scale: float, width_px: int, height_px: int
) -> list[Window]:
    """Where to look again.

    Args:
        hints: What was found, surely or not, best first, in pixels of the frame.
        min_score: Of those that are sure.
        scale: Pixels of the picture that was looked at per pixel of the frame.
        width_px: Of the frame.
        height_px: The same.
    """
    chosen: list[Window] = []
    for hint in hints:
        plate_px = box_size(hint.box_xyxy)[0]
        widest_px = TINY_PX if hint.score >= min_score else SMALL_PX
        if plate_px * scale > widest_px or len(chosen) == MAX_WINDOWS:
            continue
        zoom = min(1.0, _WANTED_PX / max(1.0, plate_px))
        if zoom < MIN_GAIN * scale:
            continue
        width, height = (min(round(px / zoom), limit) for px, limit in
                         zip(WINDOW_PX, (width_px, height_px), strict=True))  # fmt: skip
        x1, y1, x2, y2 = hint.box_xyxy
        left = int(np.clip((x1 + x2 - width) / 2, 0, width_px - width))
        top = int(np.clip((y1 + y2 - height) / 2, 0, height_px - height))
        chosen.append(Window(left, top, width, height))
    return chosen


def settle(
    found: Sequence[Detection], window: Window, closer: Sequence[Detection]
) -> list[Detection]:
    """Believe a closer look of what lies in the middle of its window.

    Args:
        found: What is held for plates so far.
        window: What was looked at.
        closer: What was found there, in pixels of the frame.

    Returns:
        Best first. A plate that was found before is kept where the closer look sees none: it
        may have been cut off by the window.
    """
    merged = list(found)
    for plate in closer:
        if window.is_about(plate):
            overlaps = iou([other.box_xyxy for other in merged], plate.box_xyxy)[:, 0]
            merged = [m for m, o in zip(merged, overlaps.tolist(), strict=True) if o <= _SAME_IOU]
            merged.append(plate)
    return sorted(merged, key=lambda plate: -plate.score)
