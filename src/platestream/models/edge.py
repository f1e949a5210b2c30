"""Plates that the picture's edge cuts off: what is left of them reads as surely as a whole one."""

from typing import Final

from platestream.core.boxes import BoxXyxy

SEEN_PX: Final = 640.0
"""Longer side of the picture in which the detector's boxes are as exact as `SLACK_PX` says."""

SLACK_PX: Final = 6.0
"""A plate whose left or right end comes so near to the picture's edge is taken for cut: less than
a cell of the detector's map, in pixels of a picture of `SEEN_PX`."""

SLACK_SHARE: Final = 0.03
"""The same as a share of the plate's width: the ends of large plates are less exact."""

SLACK_ROWS_PX: Final = 0.5
"""The same for top and bottom, which boxes of cut plates always reach."""


def is_cut_off(box_xyxy: BoxXyxy, width_px: int, height_px: int) -> bool:
    """Whether the edge of a picture may cut off a part of a plate.

    Args:
        box_xyxy: Of the plate, in pixels of the picture.
        width_px: Of the picture.
        height_px: The same.
    """
    scale = max(1.0, max(width_px, height_px) / SEEN_PX)
    x1, y1, x2, y2 = box_xyxy
    ends, rows = min(x1, width_px - x2), min(y1, height_px - y2)
    slack_px = max(SLACK_PX * scale, SLACK_SHARE * (x2 - x1))
    return ends < slack_px or rows < SLACK_ROWS_PX * scale
