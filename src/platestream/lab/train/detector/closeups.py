"""Plates as large as the picture: drawn or real ones, pasted where there was a street."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from platestream.core.types import Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.train.detector.paste import paste, relit, turned
from platestream.lab.train.detector.scenes import Quads, hulls
from platestream.lab.train.detector.views import View
from platestream.lab.unread import each_readable
from platestream.video.pictures import read_picture

TWO_ROW_SETS: Final = ("crops/vietnam_auto", "crops/europe_variety")
"""Sets whose crops lie close around the plate, many of two rows."""

_TWO_ROW_ASPECT: Final = 1.9
_MIN_CROP_PX: Final = 60
_WIDTH_SHARE: Final = (0.3, 1.08)
_MAX_HEIGHT_SHARE: Final = 1.04
_HOLDER_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class PlatePictures:
    """Pictures that a plate fills, to paste.

    Attributes:
        drawn: Drawn ones, whose corners are the picture's.
        two_row: Real ones of two rows, cut out by their boxes.
    """

    drawn: Sequence[Rgb]
    two_row: Sequence[Rgb] = ()


def load_two_row(data_root: Path, max_a_set: int = 500) -> list[Rgb]:
    """Real plates of two rows, by the shape of their crops; sets that are missing bring none."""
    found: list[Rgb] = []
    for name in TWO_ROW_SETS:
        if not (data_root / name).is_dir():
            continue
        files = dict.fromkeys(sample.file for sample in read_labels(data_root / name, "train"))
        crops: list[Rgb] = []
        for _, crop in each_readable(files, read_picture):
            height, width = crop.shape[:2]
            if width >= _MIN_CROP_PX and width < _TWO_ROW_ASPECT * height:
                crops.append(crop)
            if len(crops) == max_a_set:
                break
        found += crops
    return found


def fill_view(view: View, plates: PlatePictures, rng: Generator) -> View:
    """Paste one large plate over a view; what it covers half is neither plate nor background.

    Args:
        view: Not changed.
        plates: What to paste.
        rng: Decides everything.
    """
    is_real = bool(plates.two_row) and rng.random() < 0.2
    pictures = plates.two_row if is_real else plates.drawn
    plate = pictures[int(rng.integers(len(pictures)))]
    rgb, size_px = view.rgb.copy(), view.rgb.shape[0]
    quad = _placed(turned(plate.shape, rng), size_px, rng)
    (box,) = hulls(quad[None])
    dark, bright = np.percentile(rgb, (8, 92)) + rng.normal(0, 15, 2)
    if rng.random() < _HOLDER_SHARE:
        _draw_holder(rgb, quad, rng)
    light = np.array((max(0, dark), max(bright, dark + 40)), np.float32)
    paste(rgb, relit(plate, light, rng), quad, rng)
    inside = box.clip(0, size_px)
    is_clear = _shared(view.boxes, inside) < 0.05
    is_partly = ~is_clear & (_shared(view.boxes, inside) < 0.9)
    return replace(
        view,
        rgb=rgb,
        boxes=np.concatenate([view.boxes[is_clear], inside[None]]),
        quads=np.concatenate([view.quads[is_clear], quad[None]]),
        has_corners=np.append(view.has_corners[is_clear], not is_real),
        ignored=np.concatenate([view.ignored, view.boxes[is_partly]]),
    )


def _placed(quad: Quads, size_px: int, rng: Generator) -> Quads:
    """A quad of any unit, large in the picture and mostly inside of it."""
    sides = np.ptp(quad, axis=0)
    width_px = rng.uniform(*_WIDTH_SHARE) * size_px
    scale = min(width_px / sides[0], _MAX_HEIGHT_SHARE * size_px / sides[1])
    spare = size_px - sides * scale
    # Up to a tenth of its side may lie outside.
    low = np.minimum(0, spare) - 0.1 * sides * scale * (rng.random(2) < 0.2)
    high = np.maximum(0, spare) + 0.1 * sides * scale * (rng.random(2) < 0.2)
    return np.asarray((quad - quad.min(axis=0)) * scale + rng.uniform(low, high), np.float32)


def _draw_holder(rgb: Rgb, quad: Quads, rng: Generator) -> None:
    """A plain rim around the plate, in place: bumpers and holders have straight edges too."""
    middle = quad.mean(axis=0)
    outer = middle + (quad - middle) * (1 + rng.uniform(0.04, 0.5, 2))
    colour = rng.integers(0, 256, 3) if rng.random() < 0.4 else [int(rng.integers(0, 90))] * 3
    cv2.fillConvexPoly(rgb, np.rint(outer).astype(np.int32), [int(c) for c in colour], cv2.LINE_AA)


def _shared(boxes: Quads, box: Quads) -> Quads:
    """The share of each of ``(K, 4)`` that lies in one box."""
    sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return np.asarray(sides.clip(0).prod(axis=1) / np.maximum(areas, 1e-6))
