"""Corners by the network that sees the plate alone: half the detector's error, for a crop's price.

The detector tells corners from a map of cells of eight pixels, as they lie in a whole frame. Cut by
nearer corners, more plates of single pictures are read, and surely at the first look. In films they
won nothing: there a plate has many frames.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import dist
from typing import Final, TypeAlias

from platestream.core.boxes import box_around, iou, shift_quad
from platestream.core.types import Detection, Quad, Rgb
from platestream.models.preprocess import CROP_MARGIN, MIN_CROP_SIDE_PX, grown

Nearer: TypeAlias = Callable[[Rgb, Detection], Detection]
"""A picture and a find in it, to the find with nearer corners."""

MIN_IOU: Final = 0.5
"""Of the box around the corners with the detector's; corners that lie elsewhere are a slip."""

MIN_WIDTH: Final = 0.8
"""Of the plate between the corners, as a share of its width by the detector's: characters are lost
where they lie nearer together. Of 616 plates of the dev sets three are narrower."""


@dataclass(frozen=True, slots=True)
class NearerCorners:
    """Gives a find the corners of another network.

    Attributes:
        find: Finds the corners of the plate in a crop; None where there are none.
    """

    find: Callable[[Rgb], Quad | None]

    def __call__(self, rgb: Rgb, plate: Detection) -> Detection:
        """A find in ``(H, W, 3)`` uint8 RGB with nearer corners; its own where there are none."""
        left, top, right, bottom = grown(rgb, plate.box_xyxy, CROP_MARGIN)
        if min(right - left, bottom - top) < MIN_CROP_SIDE_PX:
            return plate
        corners = self.find(rgb[top:bottom, left:right])
        if corners is None:
            return plate
        quad = shift_quad(corners, left, top)
        is_there = bool(iou(box_around(quad), plate.box_xyxy) >= MIN_IOU)
        is_wide = _width(quad) >= MIN_WIDTH * _width(plate.corners)
        return replace(plate, quad=quad) if is_there and is_wide else plate


def _width(quad: Quad) -> float:
    top_left, top_right, bottom_right, bottom_left = quad
    return (dist(top_left, top_right) + dist(bottom_left, bottom_right)) / 2
