"""Two looks of one network: a fine one for small plates, a coarse one for large ones.

The network cannot see both ends of a plate half as wide as the fine picture. In one of a third
of that size the plate is as large as those it knows best. The coarse look costs a sixth of the
fine one.
"""

from collections.abc import Sequence
from typing import Final

from platestream.core.boxes import BoxXyxy, box_size, iou
from platestream.core.types import Detection

COARSE_SHARE: Final = 0.35
"""Size of the coarse picture, as a share of the fine one's."""

MIN_COARSE_PX: Final = 224
"""Pictures this small are looked at once, for that look is coarse already."""

LARGE_FRAME_PX: Final = 1920
"""Frames with a longer side are seen at a third of their size, up to twice the usual one: the
reader needs 60 px of a plate, and they hold such plates."""

_LARGE: Final = 0.25
"""Width of a plate, as a share of the picture's longer side, from which the coarse look counts."""

_LARGEST: Final = 0.4
"""That from which it is believed rather than the fine one, where both see the plate."""

_SAME_IOU: Final = 0.3
_SAME_COVERED: Final = 0.6
_PART_WIDTH: Final = 0.4


def fine_size(longer_side_px: int, size_px: int) -> int:
    """Longer side of the picture that the fine look sees of a frame, in pixels.

    Args:
        longer_side_px: Of the frame.
        size_px: For frames up to `LARGE_FRAME_PX`.
    """
    return max(size_px, min(2 * size_px, longer_side_px * size_px // LARGE_FRAME_PX))


def coarse_size(longer_side_px: int, size_px: int) -> int | None:
    """That of the coarse look; None where the fine look is coarse enough.

    Args:
        longer_side_px: Of the picture that the fine look sees.
        size_px: The usual size of that picture, see `fine_size`.
    """
    coarse_px = max(round(COARSE_SHARE * size_px), MIN_COARSE_PX)
    return coarse_px if longer_side_px > coarse_px else None


def merge(
    fine: Sequence[Detection], coarse: Sequence[Detection], longer_side_px: int
) -> list[Detection]:
    """Settle what each of two looks is believed of.

    Args:
        fine: What the fine look found, in pixels of the frame.
        coarse: The same of the coarse one.
        longer_side_px: Of the frame.

    Returns:
        Best first. A large plate is the coarse look's; where it lies around smaller ones that the
        fine look is surer of, it is none.
    """
    merged = list(fine)
    for plate in coarse:
        share = _width(plate.box_xyxy) / longer_side_px
        if share < _LARGE:
            continue
        same = [other for other in merged if _is_same(other.box_xyxy, plate.box_xyxy)]
        inside = [
            other
            for other in merged
            if other not in same and _covered(other.box_xyxy, plate.box_xyxy) > _SAME_COVERED
        ]
        if any(other.score > plate.score for other in inside):
            continue
        if not same or share >= _LARGEST:
            merged = [other for other in merged if other not in same and other not in inside]
            merged.append(plate)
    return sorted(merged, key=lambda plate: -plate.score)


def _is_same(fine: BoxXyxy, coarse: BoxXyxy) -> bool:
    """Whether a box is a plate that the coarse look sees, or a large part of it."""
    is_part = _covered(fine, coarse) > _SAME_COVERED
    is_large_part = is_part and _width(fine) > _PART_WIDTH * _width(coarse)
    return is_large_part or bool(iou(fine, coarse) > _SAME_IOU)


def _covered(box: BoxXyxy, other: BoxXyxy) -> float:
    """The share of the smaller of two boxes that lies in the larger."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    return max(0.0, width) * max(0.0, height) / max(1e-9, min(_area(box), _area(other)))


def _area(box: BoxXyxy) -> float:
    width, height = box_size(box)
    return width * height


def _width(box: BoxXyxy) -> float:
    return box_size(box)[0]
