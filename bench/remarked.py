"""Recall by corners that the corner network marks, where labels lie upright across tilted plates.

    python bench/remarked.py DATA/frames/china_easypr/labels.csv [SHEET.png]

Each label's box is grown until a tilted plate fits in, and the corner network looks twice: in that,
and in what it found. Look at the sheet: a plate whose red corners are wrong judges nothing.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from platestream.core.boxes import BoxXyxy, Quad, box_around, box_size, iou, shift_quad
from platestream.core.metrics import match_boxes
from platestream.core.types import Rgb
from platestream.lab.data.layouts import read_dataset
from platestream.lab.data.sample import Sample, whole_box
from platestream.models.again import look_again
from platestream.models.bundle import load_detector, load_networks, second_opinion
from platestream.models.preprocess import CROP_MARGIN, grown
from platestream.models.upright import CornerFinder
from platestream.video.pictures import read_picture, write_picture

SAME_IOU: Final = 0.8
"""Two labels that overlap so much are of one plate."""

TILTED_ASPECT: Final = 2.4
"""Width over height of a box that holds a plate tilted by some fifteen degrees."""

TILE_PX: Final = (200, 110)
COLUMNS: Final = 8
RED, GREEN = (220, 0, 0), (0, 160, 0)


def remark(rgb: Rgb, box: BoxXyxy, find: CornerFinder) -> Quad | None:
    """The corners of a plate whose label may be too low for it."""
    width, height = box_size(box)
    room = max(0.0, width / TILTED_ASPECT - height) / 2
    x1, y1, x2, y2 = box
    quad = _corners_in(rgb, (x1, y1 - room, x2, y2 + room), find)
    return quad and _corners_in(rgb, box_around(quad), find)


def _corners_in(rgb: Rgb, box: BoxXyxy, find: CornerFinder) -> Quad | None:
    left, top, right, bottom = grown(rgb, box, CROP_MARGIN)
    quad = find(rgb[top:bottom, left:right])
    return quad and shift_quad(quad, left, top)


def once(samples: Sequence[Sample]) -> list[Sample]:
    """Leave out labels that name a plate a second time."""
    kept: list[Sample] = []
    for sample in samples:
        boxes = [whole_box(other) for other in kept if other.file == sample.file]
        if sample.box_xyxy and (not boxes or iou(boxes, whole_box(sample)).max() < SAME_IOU):
            kept.append(sample)
    return kept


def tile(rgb: Rgb, quad: Quad, box: BoxXyxy, *, is_found: bool) -> Rgb:
    """A plate with its label, its corners, and whether it is found by them."""
    canvas = rgb.copy()
    left, top, right, bottom = grown(rgb, box_around(quad), 1.0)
    points = np.rint(np.array(quad)).astype(np.int32)
    cv2.polylines(canvas, [points], True, RED, 1)
    x1, y1, x2, y2 = (round(value) for value in box)
    cv2.rectangle(canvas, (x1, y1), (x2, y2), GREEN, 1)
    part = cv2.resize(canvas[top:bottom, left:right], TILE_PX, interpolation=cv2.INTER_AREA)
    if not is_found:
        cv2.rectangle(part, (0, 0), (TILE_PX[0] - 1, TILE_PX[1] - 1), RED, 4)
    return np.asarray(part, np.uint8)


def main() -> None:
    """Print recall by both, and write the sheet."""
    labels, *sheet = map(Path, sys.argv[1:])
    networks = load_networks()
    detector = second_opinion(load_detector(), networks)
    samples = once([s for s in read_dataset(labels, "dev") if isinstance(s, Sample)])
    tiles: list[Rgb] = []
    by_label = by_corners = num_unmarked = 0
    for file in dict.fromkeys(sample.file for sample in samples):
        rgb = read_picture(file)
        boxes = [whole_box(sample) for sample in samples if sample.file == file]
        plates = detector.detect(rgb) or look_again(rgb, detector.detect, networks.read)
        found = [plate.box_xyxy for plate in plates]
        by_label += len(match_boxes(found, boxes))
        quads = [networks.corners and remark(rgb, box, networks.corners) for box in boxes]
        num_unmarked += quads.count(None)
        marked = [box_around(q) if q else box for q, box in zip(quads, boxes, strict=True)]
        held = {j for _, j in match_boxes(found, marked)}
        by_corners += len(held)
        tiles += [
            tile(rgb, quad, box, is_found=j in held)
            for j, (quad, box) in enumerate(zip(quads, boxes, strict=True))
            if quad
        ]
    num = len(samples)
    row = {"plates": num, "unmarked": num_unmarked, "recall": round(by_label / num, 4)}
    print(json.dumps({**row, "recall_by_corners": round(by_corners / num, 4)}))
    if sheet:
        tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
        rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
        write_picture(sheet[0], np.vstack(rows))


if __name__ == "__main__":
    main()
