"""Labelled pictures that the plate detector learns from and is judged on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.boxes import box_corners, box_size, iou
from platestream.core.errors import DataError, SourceError
from platestream.core.types import Detection, Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.sample import Sample, whole_box, with_blue_band
from platestream.lab.unread import each_readable
from platestream.video.pictures import read_picture

Boxes = NDArray[np.float32]
"""``(K, 4)`` xyxy in pixels."""

Quads = NDArray[np.float32]
"""``(K, 4, 2)`` pixels: top-left, top-right, bottom-right, bottom-left of each plate."""

TRAIN_SETS: Final[Mapping[str, float]] = {
    "detect/world": 0.46,
    "detect/china_road": 0.17,
    "detect/tunisia": 0.09,
    "detect/china_corners": 0.05,
    "frames/world_416": 0.09,
    "frames/california": 0.08,
    "tracks/tudelft": 0.06,
}
"""Folder under the data root, and how often a picture is drawn from it."""

DEV_SETS: Final = (
    "frames/europe",
    "frames/brazil",
    "frames/china_easypr",
    "frames/california",
    "detect/world",
    "detect/china_road",
)

_WITHOUT_BAND: Final = ("tracks/tudelft",)
"""Sets whose corners leave out the blue band on the left."""

_MIN_SIDE_PX = 2.0
"""A box that is thinner is a slip of the labeller's hand."""

_COVERED_IOU = 0.2


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture with its labelled plates.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 RGB.
        quads: ``(K, 4, 2)`` float32 pixels; corners of the box where those of the plate itself
            are not known.
        has_corners: ``(K,)`` bool, whether they are.
        ignored: ``(M, 4)`` float32 xyxy, neither plate nor background.
    """

    rgb: Rgb
    quads: Quads
    has_corners: NDArray[np.bool_]
    ignored: Boxes

    @property
    def boxes(self) -> Boxes:
        """``(K, 4)`` float32 xyxy."""
        return hulls(self.quads)


def hulls(quads: Quads) -> Boxes:
    """The upright boxes around quads: ``(K, 4)`` xyxy."""
    return np.concatenate([quads.min(axis=1), quads.max(axis=1)], axis=1)


def box_quads(boxes: NDArray[Any]) -> Quads:
    """The corners of boxes: ``(K, 4, 2)``."""
    corners = [box_corners(box) for box in boxes.tolist()]
    return np.array(corners, np.float32).reshape(-1, 4, 2)


def load_scenes(data_root: Path, name: str, split: str, max_side_px: int = 800) -> list[Scene]:
    """Load one set's pictures that have at least one box.

    A picture without a box is left out: in these sets it shows a plate that nobody labelled.

    Args:
        data_root: Holds the set.
        name: The set, such as ``frames/europe``.
        split: Of the rows to take.
        max_side_px: Larger pictures are shrunk to it.

    Raises:
        DataError: labels or all pictures cannot be read, or no row fits; of some pictures, the log
            names those that cannot.
    """
    plates_of: dict[Path, list[Sample]] = {}
    for sample in read_labels(data_root / name, split):
        if sample.box_xyxy and min(box_size(sample.box_xyxy)) >= _MIN_SIDE_PX:
            plates_of.setdefault(sample.file, []).append(sample)
    if not plates_of:
        msg = f"{data_root / name}: no row of split {split} has a box; label some"
        raise DataError(msg)
    try:
        return [
            _scene(rgb, plates_of[file], name, max_side_px)
            for file, rgb in each_readable(plates_of, partial(read_picture, as_stored=True))
        ]
    except SourceError as error:
        msg = f"{data_root / name}: not a readable picture in it: {error}"
        raise DataError(msg) from error


def ignore_unlabelled(
    scenes: Sequence[Scene], detect: Callable[[Rgb], Sequence[Detection]]
) -> list[Scene]:
    """Ignore what a detector is sure of and nobody labelled.

    Many pictures show plates of further cars that nobody labelled; learning that they are
    background costs recall of just such plates.

    Args:
        scenes: Labelled pictures.
        detect: Finds plates; what it gives is trusted more than the labels.
    """
    checked = []
    for scene in scenes:
        boxes = np.array([d.box_xyxy for d in detect(scene.rgb)], np.float32).reshape(-1, 4)
        unknown = boxes[iou(boxes, scene.boxes).max(axis=1, initial=0) < _COVERED_IOU]
        ignored = np.concatenate([scene.ignored, unknown])
        checked.append(replace(scene, ignored=ignored))
    return checked


def _scene(rgb: Rgb, plates: Sequence[Sample], name: str, max_side_px: int) -> Scene:
    scale = min(1.0, max_side_px / max(rgb.shape[:2]))
    if scale < 1.0:
        smaller = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        rgb = np.asarray(smaller, np.uint8)
    has_corners = np.array([plate.quad is not None for plate in plates])
    quads = np.stack([_quad(plate, name) for plate in plates]) * np.float32(scale)
    nothing = np.empty((0, 4), np.float32)
    return Scene(rgb, quads, has_corners, nothing)


def _quad(plate: Sample, name: str) -> Quads:
    """The whole plate's corners ``(4, 2)``, as far as the set tells them."""
    quad = plate.quad or box_corners(whole_box(plate))
    if plate.quad and name in _WITHOUT_BAND:
        quad = with_blue_band(plate.quad)
    return np.array(quad, np.float32)
