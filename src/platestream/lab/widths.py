"""How recall depends on a plate's width: the same plates, made larger and smaller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from platestream.core.boxes import BoxXyxy, iou
from platestream.core.detector import Detector
from platestream.core.types import Rgb
from platestream.lab.data.sample import Sample, whole_box
from platestream.lab.unread import each_readable
from platestream.video.pictures import read_picture

FOUND_IOU: Final = 0.5
_GREY: Final = (114, 114, 114)
_MAX_ENLARGED: Final = 12.0


@dataclass(frozen=True, slots=True)
class WidthRow:
    """Recall at one width.

    Attributes:
        width_px: Of each plate in its picture.
        share: The same, as a share of the picture's width.
        num_plates: That were looked for.
        recall: Share of them found, at IoU 0.5.
    """

    width_px: int
    share: float
    num_plates: int
    recall: float


def recall_of_width(
    samples: Sequence[Sample],
    detector: Detector,
    width_px: int,
    size_px: tuple[int, int],
    rng: Generator,
) -> WidthRow:
    """Look for plates that all have one width, each in a picture of its own.

    Args:
        samples: Labelled frames; each brings the plate that it labels, and what is around it.
        detector: Finds plates.
        width_px: Of every plate.
        size_px: Width and height of every picture.
        rng: Says where in its picture a plate lies, wholly inside.

    Raises:
        SourceError: no picture can be read; of some, the log names those that cannot.
    """
    num_found = num_plates = 0
    boxed = (sample for sample in samples if sample.box_xyxy)
    for sample, rgb in each_readable(boxed, lambda each: read_picture(each.file)):
        picture, box = place(rgb, whole_box(sample), width_px, size_px, rng)
        num_plates += 1
        found = detector.detect(picture)
        overlaps = iou([each.box_xyxy for each in found], box)
        num_found += bool((overlaps >= FOUND_IOU).any())
    recall = num_found / max(1, num_plates)
    return WidthRow(width_px, width_px / size_px[0], num_plates, recall)


def can_be_so_wide(sample: Sample, width_px: int) -> bool:
    """Whether a labelled plate has pixels enough to be shown at a width."""
    if not sample.box_xyxy:
        return False
    x1, _, x2, _ = whole_box(sample)
    return width_px <= _MAX_ENLARGED * (x2 - x1)


def place(
    rgb: Rgb, box: BoxXyxy, width_px: int, size_px: tuple[int, int], rng: Generator
) -> tuple[Rgb, BoxXyxy]:
    """Scale a frame until one of its plates has a width, and cut or fill it up to a size.

    Returns:
        The picture, grey where the frame ends, and the plate's box in it. A plate that would be
        higher than the picture is made lower, so that all of it is seen.
    """
    x1, y1, x2, y2 = box
    scale = min(width_px / (x2 - x1), 0.98 * size_px[1] / (y2 - y1))
    if scale < 1:
        new = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, new, interpolation=cv2.INTER_AREA), np.uint8)
        x1, y1, x2, y2 = (side * scale for side in box)
        scale = 1.0
    sides = np.array((x2 - x1, y2 - y1)) * scale
    left, top = rng.uniform(0, 1, 2) * np.maximum(0, np.array(size_px) - sides)
    move = np.array(((scale, 0, left - x1 * scale), (0, scale, top - y1 * scale)))
    picture = cv2.warpAffine(rgb, move, size_px, flags=cv2.INTER_LINEAR, borderValue=_GREY)
    placed = (float(left), float(top), float(left + sides[0]), float(top + sides[1]))
    return np.asarray(picture, np.uint8), placed
