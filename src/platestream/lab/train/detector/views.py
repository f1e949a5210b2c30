"""Training pictures: squares cut out of scenes, zoomed, turned, laid out as mosaics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.train.detector.scenes import Boxes, Quads, Scene, box_quads, hulls

_PLATE_WIDTH_PX: Final = (10.0, 620.0)
_MIN_PLATE_PX: Final = (8.0, 3.0)
_MAX_ZOOM: Final = 3.5
_MIRRORED: Final = [1, 0, 3, 2]
_SLOPE_SHARE: Final = 0.2
_MOST_SLOPE: Final = 0.45
"""Of plates that fall off to one side: pixels down for each to the right."""


@dataclass(frozen=True, slots=True)
class View:
    """A training picture.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 RGB.
        boxes: ``(K, 4)`` float32 xyxy inside the picture, plates to be found.
        quads: ``(K, 4, 2)`` float32, their corners, which may lie outside.
        has_corners: ``(K,)`` bool, whether `quads` tells more than `boxes`.
        ignored: ``(M, 4)``, plates cut off, too small or unlabelled: neither plate nor background.
    """

    rgb: Rgb
    boxes: Boxes
    quads: Quads
    has_corners: NDArray[np.bool_]
    ignored: Boxes


def cut_view(scene: Scene, size_px: int, rng: Generator) -> View:
    """Cut a random square out of a scene, zoomed so that one of its plates has a random width."""
    rgb, quads, ignored = scene.rgb, scene.quads, box_quads(scene.ignored)
    x1, y1, x2, y2 = scene.boxes[rng.integers(len(quads))]
    low, high = np.log(_PLATE_WIDTH_PX[0]), np.log(min(_PLATE_WIDTH_PX[1], 0.97 * size_px))
    zoom = np.exp(rng.uniform(low, high)) / (x2 - x1)
    # Zoomed out further, the square would be mostly empty.
    zoom = float(np.clip(zoom, 0.85 * size_px / min(rgb.shape[:2]), _MAX_ZOOM))
    # One in eight squares lies anywhere, and mostly holds no plate.
    centre = np.array([x1 + x2, y1 + y2]) / 2
    if rng.random() < 0.125:
        centre = rng.uniform(0, 1, 2) * rgb.shape[1::-1]
    if zoom < 0.8:  # area averaging first: the warp below would alias
        height, width = rgb.shape[:2]
        new_size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
        rgb = np.asarray(cv2.resize(rgb, new_size, interpolation=cv2.INTER_AREA), np.uint8)
        shrink = np.float32(zoom)
        quads, ignored, centre, zoom = quads * shrink, ignored * shrink, centre * zoom, 1.0
    matrix = _random_affine(centre, zoom, size_px, rng)
    border = tuple(int(v) for v in rng.integers(0, 256, 3)) if rng.random() < 0.5 else (114,) * 3
    warped = cv2.warpAffine(rgb, matrix, (size_px, size_px), borderValue=border)
    quads, ignored = _move(quads, matrix), _move(ignored, matrix)
    if np.linalg.det(matrix[:, :2]) < 0:  # mirrored: left is right
        quads = quads[:, _MIRRORED]
    return _clipped(np.asarray(warped, np.uint8), quads, scene.has_corners, hulls(ignored))


def mosaic(views: Sequence[View], grid: int) -> View:
    """Lay out `grid` x `grid` views: plates get small without empty canvas around them."""
    size_px = views[0].rgb.shape[0]
    columns = [np.concatenate([v.rgb for v in views[i::grid]]) for i in range(grid)]
    shifts = [np.array((x, y), np.float32) * size_px for y in range(grid) for x in range(grid)]
    placed = list(zip(views, shifts, strict=True))
    return View(
        np.concatenate(columns, axis=1),
        np.concatenate([view.boxes + np.tile(shift, 2) for view, shift in placed]),
        np.concatenate([view.quads + shift for view, shift in placed]),
        np.concatenate([view.has_corners for view in views]),
        np.concatenate([view.ignored + np.tile(shift, 2) for view, shift in placed]),
    )


def laid_on_side(view: View, rng: Generator) -> View:
    """Turn a view by a quarter, either way; the corners of its plates are no longer told."""
    turns = 1 if rng.random() < 0.5 else 3
    size_px = np.float32(view.rgb.shape[0])
    boxes, ignored = (_turned(each, turns, size_px) for each in (view.boxes, view.ignored))
    return View(
        np.ascontiguousarray(np.rot90(view.rgb, turns)),
        boxes,
        box_quads(boxes),
        np.zeros(len(boxes), np.bool_),
        ignored,
    )


def _turned(boxes: Boxes, turns: int, size_px: np.float32) -> Boxes:
    """Boxes of a square picture that `np.rot90` turned against the clock."""
    for _ in range(turns):
        x1, y1, x2, y2 = boxes.T
        boxes = np.stack([y1, size_px - x2, y2, size_px - x1], axis=1)
    return boxes


def _random_affine(
    centre: NDArray[Any], zoom: float, size_px: int, rng: Generator
) -> NDArray[np.float64]:
    """2 x 3: zoom, stretch, slope, turn and mirror around `centre`, which lands in the square."""
    angle = np.deg2rad(rng.normal(0, 3))
    stretch = np.exp(rng.normal(0, 0.08))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # Whoever looks along a road sees plates that fall off to one side, standing upright.
    slope = rng.uniform(-_MOST_SLOPE, _MOST_SLOPE) if rng.random() < _SLOPE_SHARE else 0.0
    sheared = turn @ np.array([[1.0, 0.0], [slope, 1.0]])
    linear = sheared @ np.diag([zoom * stretch * mirror, zoom / stretch])
    target = rng.uniform(0.08, 0.92, 2) * size_px
    return np.column_stack([linear, target - linear @ centre])


def _move(quads: Quads, matrix: NDArray[np.float64]) -> Quads:
    return (quads @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def _clipped(rgb: Rgb, quads: Quads, has_corners: NDArray[np.bool_], ignored: Boxes) -> View:
    """Sort plates into those still whole enough to find and those to ignore."""
    size_px = rgb.shape[0]
    boxes = hulls(quads)
    inside = boxes.clip(0, size_px)
    sides, full = inside[:, 2:] - inside[:, :2], boxes[:, 2:] - boxes[:, :2]
    visible = sides.prod(axis=1) / full.prod(axis=1)
    is_found = (visible >= 0.7) & (sides >= _MIN_PLATE_PX).all(axis=1)
    cut_off = inside[~is_found & (visible > 0.1)]
    return View(
        rgb,
        inside[is_found],
        quads[is_found],
        has_corners[is_found],
        np.concatenate([cut_off, ignored.clip(0, size_px)]),
    )
