"""Every plate that the detector misses and everything it takes for one, on one sheet.

    python bench/missed.py LABELS.csv sheet.png

Labels are green, detections red with their score. Missed plates come first, then, below a white
line, false finds, surest first. The sheet shows real plates: keep it with the data.
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from platestream.core.boxes import box_corners
from platestream.core.metrics import match_boxes
from platestream.core.types import BoxXyxy, Detection, Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.sample import whole_box
from platestream.models.bundle import load_detector
from platestream.video.pictures import read_picture, write_picture

TILE = (150, 240)
COLUMNS = 7


def tile(rgb: Rgb, box: BoxXyxy, labels: list[BoxXyxy], found: list[Detection]) -> Rgb:
    """What lies around a box, with labels and detections drawn in."""
    x1, y1, x2, y2 = box
    canvas = rgb.copy()
    thickness = max(1, round((x2 - x1) / 60))
    for label in labels:
        cv2.polylines(canvas, [np.int32(box_corners(label))], True, (0, 255, 0), thickness)
    for detection in found:
        cv2.polylines(canvas, [np.int32(detection.corners)], True, (255, 0, 0), thickness)
    top, left = max(0, int(2.5 * y1 - 1.5 * y2)), max(0, int(2 * x1 - x2))
    part = canvas[top : int(2.5 * y2 - 1.5 * y1), left : int(2 * x2 - x1)]
    shown = cv2.resize(part, TILE[::-1], interpolation=cv2.INTER_AREA)
    scores = " ".join(f"{detection.score:.2f}" for detection in found)
    cv2.putText(shown, scores, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0))
    return np.asarray(shown, np.uint8)


def grid(tiles: list[Rgb]) -> Rgb:
    """Tiles in rows, the last one filled up with black."""
    blank = np.zeros((*TILE, 3), np.uint8)
    tiles = tiles + [blank] * (-len(tiles) % COLUMNS)
    rows = [np.concatenate(tiles[i : i + COLUMNS], 1) for i in range(0, len(tiles), COLUMNS)]
    return np.concatenate([np.full((6, COLUMNS * TILE[1], 3), 255, np.uint8), *rows])


def main() -> None:
    labels, sheet = (Path(argument) for argument in sys.argv[1:])
    boxes: dict[Path, list[BoxXyxy]] = {}
    for sample in read_labels(labels, "dev"):
        if sample.box_xyxy:
            boxes.setdefault(sample.file, []).append(whole_box(sample))
    detector = load_detector()
    missed: list[Rgb] = []
    false: list[tuple[float, Rgb]] = []
    for file, labelled in boxes.items():
        rgb = read_picture(file)
        found = detector.detect(rgb)
        pairs = match_boxes([d.box_xyxy for d in found], labelled)
        hits, held = {i for i, _ in pairs}, {j for _, j in pairs}
        wrong = [d for i, d in enumerate(found) if i not in hits]
        missed += [tile(rgb, box, [box], wrong) for j, box in enumerate(labelled) if j not in held]
        false += [(d.score, tile(rgb, d.box_xyxy, labelled, [d])) for d in wrong]
    surest = [picture for _, picture in sorted(false, key=lambda pair: -pair[0])]
    write_picture(sheet, np.concatenate([grid(missed), grid(surest)]))
    print(f"{sheet}: {len(missed)} missed, {len(surest)} false")


if __name__ == "__main__":
    main()
