"""Plates that the detector misses and things it takes for one, as tiles for a sheet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from platestream.core.boxes import BoxXyxy, box_corners
from platestream.core.detector import Detector
from platestream.core.metrics import match_boxes
from platestream.core.types import Detection, Rgb
from platestream.lab.data.sample import Sample, whole_box
from platestream.lab.unread import each_readable
from platestream.models.opinion import judged
from platestream.video.pictures import read_picture

_GREEN, _RED = (0, 160, 0), (220, 0, 0)
_AROUND = 1.5
"""How far a tile shows what lies around a plate, in its own heights."""


@dataclass(frozen=True, slots=True)
class Unfound:
    """What finding got wrong.

    Attributes:
        missed: Labelled plates that nothing was found on, as they lie in their pictures; the
            label is green, what was found beside it red.
        false: Detections on no labelled plate, surest first; some are plates that nobody
            labelled.
        scores: Of each of `false`.
        refused: Detections that a second opinion took for no plates, see `models.opinion`.
    """

    missed: list[Rgb] = field(default_factory=list)
    false: list[Rgb] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    refused: list[Rgb] = field(default_factory=list)


def find_failures(samples: Sequence[Sample], detector: Detector) -> Unfound:
    """Look for the plates of every picture in which some are labelled by boxes.

    Args:
        samples: Labelled frames; those without a box are left out.
        detector: Finds plates.

    Raises:
        SourceError: no picture can be read; of some, the log names those that cannot.
    """
    boxes: dict[Path, list[BoxXyxy]] = {}
    for sample in samples:
        if sample.box_xyxy:
            boxes.setdefault(sample.file, []).append(whole_box(sample))
    missed: list[Rgb] = []
    refused: list[Rgb] = []
    false: list[tuple[float, Rgb]] = []
    for file, rgb in each_readable(boxes, read_picture):
        labelled = boxes[file]
        opinion = judged(detector, rgb)
        found = opinion.plates
        pairs = match_boxes([d.box_xyxy for d in found], labelled)
        hits, held = {i for i, _ in pairs}, {j for _, j in pairs}
        wrong = [d for i, d in enumerate(found) if i not in hits]
        missed += [_around(rgb, b, [b], wrong) for j, b in enumerate(labelled) if j not in held]
        refused += [_around(rgb, d.box_xyxy, labelled, [d]) for d in opinion.refused]
        false += [(d.score, _around(rgb, d.box_xyxy, labelled, [d])) for d in wrong]
    false.sort(key=lambda pair: -pair[0])
    return Unfound(missed, [tile for _, tile in false], [score for score, _ in false], refused)


def _around(rgb: Rgb, box: BoxXyxy, labelled: Sequence[BoxXyxy], found: Sequence[Detection]) -> Rgb:
    """What lies around a box, with labels and detections drawn in."""
    x1, y1, x2, y2 = box
    canvas, thickness = rgb.copy(), max(1, round((x2 - x1) / 60))
    shapes = [(box_corners(each), _GREEN) for each in labelled]
    shapes += [(each.corners, _RED) for each in found]
    for corners, colour in shapes:
        points = np.rint(np.array(corners)).astype(np.int32)
        cv2.polylines(canvas, [points], True, colour, thickness)
    grow = _AROUND * (y2 - y1)
    top, left = max(0, int(y1 - grow)), max(0, int(x1 - grow))
    return canvas[top : int(y2 + grow) + 1, left : int(x2 + grow) + 1]
