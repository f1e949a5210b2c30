"""What the plate detector learns from: labelled pictures, cut, distorted, made into targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from platestream.core.errors import DataError
from platestream.core.types import Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.networks.detector import STRIDE_PX
from platestream.lab.train.detector_augment import add_text, degrade

Boxes = NDArray[np.float32]

TRAIN_SETS: Final[Mapping[str, float]] = {
    "detect/world": 0.46,
    "detect/china_road": 0.17,
    "detect/tunisia": 0.10,
    "detect/china_corners": 0.04,
    "frames/world_416": 0.09,
    "frames/california": 0.09,
    "tracks/tudelft": 0.05,
}
"""Folder under the data root, and how often a picture is drawn from it."""

DEV_SETS: Final = (
    "frames/europe",
    "frames/brazil",
    "frames/china_easypr",
    "detect/world",
    "detect/china_road",
)

_GROW: Final[Mapping[str, tuple[float, float]]] = {"frames/california": (1.12, 1.45)}
"""Sets whose boxes hug the characters: what makes width and height those of the plate."""

_GRIDS: Final = (1, 1, 1, 1, 2, 2, 2, 4)
"""Views a side of a training picture: one whole, or a mosaic of 4 or 16."""

_PLATE_WIDTH_PX: Final = (12.0, 250.0)
_MIN_PLATE_PX: Final = (10.0, 4.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with all its labelled plates: ``(H, W, 3)`` uint8 and ``(K, 4)`` xyxy in it."""

    rgb: Rgb
    boxes: Boxes


@dataclass(frozen=True, slots=True)
class View:
    """A training picture.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 RGB.
        boxes: ``(K, 4)`` float32 xyxy, plates to be found.
        ignored: ``(M, 4)``, plates cut off or too small: neither plate nor background.
    """

    rgb: Rgb
    boxes: Boxes
    ignored: Boxes


def load_scenes(data_root: Path, name: str, split: str, max_side_px: int = 800) -> list[Scene]:
    """Load one set's pictures that have at least one box.

    A picture without a box is left out: in these sets it shows a plate that nobody labelled.

    Args:
        data_root: Holds the set.
        name: The set, such as ``frames/europe``.
        split: Of the rows to take.
        max_side_px: Larger pictures are shrunk to it.

    Raises:
        DataError: labels or a picture cannot be read, or no row fits.
    """
    boxes_of: dict[Path, list[tuple[float, ...]]] = {}
    for sample in read_labels(data_root / name, split):
        if sample.box_xyxy:
            boxes_of.setdefault(sample.file, []).append(sample.box_xyxy)
    if not boxes_of:
        msg = f"{data_root / name}: no row of split {split} has a box; label some"
        raise DataError(msg)
    grow = np.array(_GROW.get(name, (1.0, 1.0)))
    return [
        _load_scene(file, _scaled(np.array(boxes, np.float32), grow), max_side_px)
        for file, boxes in boxes_of.items()
    ]


class DetectorBatches:
    """Step to batch, the same batch every time.

    Args:
        scenes: Pictures of each set.
        shares: How often each set is drawn from; sums to 1.
        batch_size: Pictures a batch.
        size_px: Side of the square training pictures, a multiple of 32.
        seed: With the step it settles all.
    """

    def __init__(
        self,
        scenes: Mapping[str, Sequence[Scene]],
        shares: Mapping[str, float],
        *,
        batch_size: int,
        size_px: int,
        seed: int,
    ) -> None:
        self._scenes = [scenes[name] for name in shares]
        self._shares = list(shares.values())
        self._batch_size, self._size_px, self._seed = batch_size, size_px, seed

    def __call__(self, step: int) -> dict[str, NDArray[Any]]:
        """Make ``rgb`` ``(N, S, S, 3)`` uint8 and the targets of `encode_targets`, stacked."""
        rng = np.random.default_rng([self._seed, step])
        rows: list[dict[str, NDArray[Any]]] = []
        for _ in range(self._batch_size):
            view = self._mosaic(rng, int(rng.choice(_GRIDS)))
            rgb = add_text(view.rgb, view.boxes, rng) if rng.random() < 0.3 else view.rgb
            rows.append({"rgb": degrade(rgb, rng), **encode_targets(view)})
        return {name: np.stack([row[name] for row in rows]) for name in rows[0]}

    def _mosaic(self, rng: Generator, grid: int) -> View:
        """Lay out `grid` x `grid` views: plates get small without empty canvas around them."""
        size_px = self._size_px // grid
        views = [self._view(rng, size_px) for _ in range(grid * grid)]
        columns = [np.concatenate([v.rgb for v in views[i::grid]]) for i in range(grid)]
        shifts = np.array([(x, y, x, y) for y in range(grid) for x in range(grid)]) * size_px
        placed = list(zip(views, shifts.astype(np.float32), strict=True))
        return View(
            np.concatenate(columns, axis=1),
            np.concatenate([view.boxes + shift for view, shift in placed]),
            np.concatenate([view.ignored + shift for view, shift in placed]),
        )

    def _view(self, rng: Generator, size_px: int) -> View:
        scenes = self._scenes[rng.choice(len(self._scenes), p=self._shares)]
        return cut_view(scenes[int(rng.integers(len(scenes)))], size_px, rng)


def cut_view(scene: Scene, size_px: int, rng: Generator) -> View:
    """Cut a random square out of a scene, zoomed so that one of its plates has a random width."""
    anchor = scene.boxes[rng.integers(len(scene.boxes))]
    low, high = np.log(_PLATE_WIDTH_PX[0]), np.log(min(_PLATE_WIDTH_PX[1], 0.9 * size_px))
    zoom = np.exp(rng.uniform(low, high)) / (anchor[2] - anchor[0])
    # Zoomed out further, the square would be mostly empty.
    zoom = float(np.clip(zoom, 0.7 * size_px / min(scene.rgb.shape[:2]), 3.0))
    rgb, boxes = scene.rgb, scene.boxes
    if zoom < 0.8:  # area averaging first: the warp below would alias
        height, width = rgb.shape[:2]
        new_size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
        rgb = np.asarray(cv2.resize(rgb, new_size, interpolation=cv2.INTER_AREA), np.uint8)
        boxes, anchor, zoom = boxes * zoom, anchor * zoom, 1.0
    # One in eight squares lies anywhere, and mostly holds no plate.
    centre = (anchor[:2] + anchor[2:]) / 2
    if rng.random() < 0.125:
        centre = rng.uniform(0, 1, 2) * rgb.shape[1::-1]
    matrix = _random_affine(centre, zoom, size_px, rng)
    border = tuple(int(v) for v in rng.integers(0, 256, 3)) if rng.random() < 0.5 else (114,) * 3
    warped = cv2.warpAffine(rgb, matrix, (size_px, size_px), borderValue=border)
    return View(np.asarray(warped, np.uint8), *_clip(_warp_boxes(boxes, matrix), size_px))


def encode_targets(view: View) -> dict[str, NDArray[np.float32]]:
    """What the network should say of a view (TTFNet's Gaussians, arXiv:1909.00700, section 4).

    Returns:
        ``heat`` ``(1, h, w)``, 1 at the cell of a plate's centre, falling off with the plate's
        own width and height; ``heat_weight`` ``(1, h, w)``, 0 where a plate is to be ignored;
        ``box`` ``(4, h, w)`` xyxy in pixels, and ``box_weight`` ``(1, h, w)``, above 0 where
        a cell is close enough to a centre to tell that plate's box.
    """
    height, width = (side // STRIDE_PX for side in view.rgb.shape[:2])
    heat, box_weight = np.zeros((2, 1, height, width), np.float32)
    heat_weight = np.ones((1, height, width), np.float32)
    box = np.zeros((4, height, width), np.float32)
    for x1, y1, x2, y2 in np.rint(view.ignored / STRIDE_PX).astype(int):
        heat_weight[0, y1 : y2 + 1, x1 : x2 + 1] = 0
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    for each in view.boxes:
        x1, y1, x2, y2 = each / STRIDE_PX
        column, row = min(int((x1 + x2) / 2), width - 1), min(int((y1 + y2) / 2), height - 1)
        sigma_x, sigma_y = max(0.5, 0.09 * (x2 - x1)), max(0.5, 0.09 * (y2 - y1))
        bump = np.exp(
            -(((columns - column) / sigma_x) ** 2 + ((rows - row) / sigma_y) ** 2) / 2
        ).astype(np.float32)
        closest = (bump > 0.1) & (bump > box_weight[0])
        box_weight[0, closest] = bump[closest]
        box[:, closest] = each[:, None]
        heat[0] = np.maximum(heat[0], bump)
        heat_weight[0, row, column] = 1
    return {"heat": heat, "heat_weight": heat_weight, "box": box, "box_weight": box_weight}


def _load_scene(file: Path, boxes: Boxes, max_side_px: int) -> Scene:
    bgr = cv2.imread(str(file), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if bgr is None:
        msg = f"{file}: not a readable picture; replace it or drop its rows"
        raise DataError(msg)
    scale = min(1.0, max_side_px / max(bgr.shape[:2]))
    if scale < 1.0:
        bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Scene(np.ascontiguousarray(bgr[:, :, ::-1], np.uint8), boxes * np.float32(scale))


def _scaled(boxes: Boxes, factors: NDArray[np.float64]) -> Boxes:
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2 * factors
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def _random_affine(
    centre: NDArray[Any], zoom: float, size_px: int, rng: Generator
) -> NDArray[np.float64]:
    """2 x 3: zoom, stretch, turn and mirror around `centre`, which lands inside the square."""
    angle = np.deg2rad(rng.normal(0, 3))
    stretch = np.exp(rng.normal(0, 0.08))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([zoom * stretch * mirror, zoom / stretch])
    target = rng.uniform(0.08, 0.92, 2) * size_px
    return np.column_stack([linear, target - linear @ centre])


def _warp_boxes(boxes: Boxes, matrix: NDArray[np.float64]) -> Boxes:
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    moved = corners @ matrix[:, :2].T + matrix[:, 2]
    return np.concatenate([moved.min(axis=1), moved.max(axis=1)], axis=1).astype(np.float32)


def _clip(boxes: Boxes, size_px: int) -> tuple[Boxes, Boxes]:
    """Boxes cut at the square's edge: those still whole enough to find, those to ignore."""
    inside = boxes.clip(0, size_px)
    sides, full = inside[:, 2:] - inside[:, :2], boxes[:, 2:] - boxes[:, :2]
    visible = sides.prod(axis=1) / full.prod(axis=1)
    is_found = (visible >= 0.7) & (sides >= _MIN_PLATE_PX).all(axis=1)
    return inside[is_found], inside[~is_found & (visible > 0.1)]
