"""How well plates are found in full frames, and read where they were found."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from platestream.core.boxes import box_corners, shift_quad
from platestream.core.detector import Detector
from platestream.core.metrics import fold, match_boxes, plate_accuracy
from platestream.core.types import BoxXyxy, Detection, Quad, Rgb
from platestream.lab.data.sample import Sample, whole_box, with_blue_band
from platestream.lab.reading_metrics import Advance, Metrics, reading_metrics, rounded
from platestream.lab.unread import Unread
from platestream.models.again import look_again
from platestream.models.corners import Nearer
from platestream.models.opinion import judged
from platestream.models.preprocess import CROP_MARGIN, cut, cut_plate, grown
from platestream.stream.recognizer import Reader
from platestream.video.pictures import read_picture
from platestream.video.pipeline import is_readable

_TOUCHES = 0.1
"""Overlap from which a detection is of a label: some labels hug the characters, others enclose a
tilted plate as if it were upright."""


@dataclass(slots=True)
class _Tally:
    """What was labelled, found and read, over all frames."""

    num_found: int = 0
    num_labelled: int = 0
    num_matched: int = 0
    num_refused: int = 0
    texts: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    boxed: list[str] = field(default_factory=list)
    upright: list[str] = field(default_factory=list)
    corner_errors: list[float] = field(default_factory=list)
    crop_corner_errors: list[float] = field(default_factory=list)
    detect_s: list[float] = field(default_factory=list)
    frame_s: list[float] = field(default_factory=list)


def evaluate_frames(
    samples: Sequence[Sample],
    read: Reader,
    detector: Detector,
    advance: Advance,
    find_corners: Callable[[Rgb], Quad | None] | None = None,
    nearer: Nearer | None = None,
) -> Metrics:
    """Full frames: the reader on labelled boxes, the detector, and both end to end.

    A frame without a labelled box is left out: it may show plates that nobody marked. One that
    cannot be read is named in ``unread``. With `nearer`, frames are seen as single pictures are:
    what is found gets its corners, and where nothing is, `look_again` does.

    Returns:
        Beside the reader's figures on the labelled boxes: ``recall`` and ``precision`` at IoU 0.5
        with the boxes of whole plates, see `whole_box`; ``refused``, the number of finds that a
        second opinion took for none, and which count for neither; ``corner_error``, where corners
        are labelled, the mean distance of the found ones as a share of the plate's diagonal, and
        ``corner_error_crop`` that of `find_corners` in the labelled boxes;
        ``end_to_end``, the share of labelled texts that were read exactly from the detection
        that overlaps the label most, cut upright as at run time; ``end_to_end_boxes_folded``, the
        same cut by the found boxes; medians of the time for finding, and for finding and reading.
    """
    by_file: dict[Path, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_file[sample.file].append(sample)
    tally, unread = _Tally(), Unread()
    for file, in_file in by_file.items():
        boxed = [sample for sample in in_file if sample.box_xyxy]
        with unread.noting():
            if boxed:
                rgb = read_picture(file)
                _count_frame(tally, rgb, boxed, read, detector, nearer)
                if find_corners:
                    _count_corners(tally, rgb, boxed, find_corners)
        advance()
    unread.check(len(tally.frame_s))
    corners = {}
    if tally.corner_errors:
        corners["corner_error"] = rounded(float(np.mean(tally.corner_errors)))
    if tally.crop_corner_errors:
        corners["corner_error_crop"] = rounded(float(np.mean(tally.crop_corner_errors)))
    return (
        reading_metrics(tally.given, tally.texts)
        | {
            "frames": len(tally.frame_s),
            "recall": rounded(tally.num_matched / max(1, tally.num_labelled)),
            "precision": rounded(tally.num_matched / max(1, tally.num_found)),
            "refused": tally.num_refused,
        }
        | corners
        | {
            "end_to_end": rounded(plate_accuracy(tally.upright, tally.texts)),
            "end_to_end_folded": _folded_accuracy(tally.upright, tally.texts),
            "end_to_end_boxes_folded": _folded_accuracy(tally.boxed, tally.texts),
            "ms_detect": rounded(1000 * median(tally.detect_s or [0.0])),
            "ms_per_frame": rounded(1000 * median(tally.frame_s or [0.0])),
        }
        | unread.told()
    )


def _count_frame(
    tally: _Tally,
    rgb: Rgb,
    labelled: Sequence[Sample],
    read: Reader,
    detector: Detector,
    nearer: Nearer | None,
) -> None:
    start_s = time.perf_counter()
    opinion = judged(detector, rgb)
    detections = [nearer(rgb, plate) for plate in opinion.plates] if nearer else opinion.plates
    if nearer and not detections:
        detections = look_again(rgb, detector.detect, read)
    detected_s = time.perf_counter()
    upright = [_read_plate(rgb, detection, read) for detection in detections]
    tally.frame_s.append(time.perf_counter() - start_s)
    tally.detect_s.append(detected_s - start_s)
    boxes = [whole_box(sample) for sample in labelled]
    found_boxes = [d.box_xyxy for d in detections]
    pairs = match_boxes(found_boxes, boxes)
    found_of = {label: found for found, label in match_boxes(found_boxes, boxes, _TOUCHES)}
    tally.num_found += len(detections)
    tally.num_refused += len(opinion.refused)
    tally.num_labelled += len(boxes)
    tally.num_matched += len(pairs)
    for index, (sample, box) in enumerate(zip(labelled, boxes, strict=True)):
        found = found_of.get(index)
        quad = detections[found].quad if found is not None else None
        if sample.quad and quad:
            tally.corner_errors.append(corner_error(quad, sample.quad))
        if sample.text:
            tally.texts.append(sample.text)
            tally.given.append(_read_box(rgb, sample.box_xyxy or box, read))
            tally.upright.append("" if found is None else upright[found])
            tally.boxed.append(
                "" if found is None else _read_box(rgb, detections[found].box_xyxy, read)
            )


def _count_corners(
    tally: _Tally, rgb: Rgb, labelled: Sequence[Sample], find: Callable[[Rgb], Quad | None]
) -> None:
    for sample in labelled:
        if sample.quad:
            left, top, right, bottom = crop = grown(rgb, whole_box(sample), CROP_MARGIN)
            # Where it finds none, the crop's own corners stand.
            found = find(rgb[top:bottom, left:right])
            quad = shift_quad(found, left, top) if found else box_corners(crop)
            tally.crop_corner_errors.append(corner_error(quad, sample.quad))


def corner_error(found: Quad, labelled: Quad) -> float:
    """Mean distance of four corners as a share of the plate's diagonal.

    Labels may leave out the blue band on the left of a European plate: what is nearer, the plate
    with it or without, counts.
    """

    def error(truth: Quad) -> float:
        a, b = np.array(found), np.array(truth)
        diagonal = (np.linalg.norm(b[2] - b[0]) + np.linalg.norm(b[3] - b[1])) / 2
        return float(np.linalg.norm(a - b, axis=1).mean() / diagonal)

    return min(error(labelled), error(with_blue_band(labelled)))


def _folded_accuracy(readings: Sequence[str], texts: Sequence[str]) -> float:
    return rounded(plate_accuracy([fold(r) for r in readings], [fold(t) for t in texts]))


def _read_plate(rgb: Rgb, detection: Detection, read: Reader) -> str:
    return read(cut_plate(rgb, detection)).text if _is_readable(rgb, detection.box_xyxy) else ""


def _read_box(rgb: Rgb, box_xyxy: BoxXyxy, read: Reader) -> str:
    return read(cut(rgb, box_xyxy)).text if _is_readable(rgb, box_xyxy) else ""


def _is_readable(rgb: Rgb, box_xyxy: BoxXyxy) -> bool:
    return is_readable(box_xyxy, (rgb.shape[1], rgb.shape[0]))
