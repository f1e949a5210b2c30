"""Detectors of the package `open-image-models`, for those who have its weights."""

from __future__ import annotations

import importlib
from typing import Any

import cv2

from platestream.core.boxes import clip_box
from platestream.core.choices import unknown
from platestream.core.errors import ConfigError, WeightsNotFound
from platestream.core.types import Detection, Rgb
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_picture


class OpenImageModelsDetector:
    """Finds plates with a YOLOv9 of `open-image-models`: boxes without corners.

    Its weights are never fetched here: a program that watches cameras should not reach out to
    the network by itself.

    Args:
        name: One of its licence plate models, such as ``yolo-v9-t-384-license-plate-end2end``.
        min_score: Detections below are dropped, 0..1.
        num_threads: CPU threads for one call.

    Raises:
        ConfigError: the package is not installed, or has no such model of plates.
        WeightsNotFound: the weights are not on this machine; says how to fetch them.
    """

    def __init__(self, name: str, *, min_score: float = 0.25, num_threads: int = 1) -> None:
        hub = _import("open_image_models.detection.core.hub")
        plates = [model for model in hub.DETECTION_MODELS if "license-plate" in model]
        if name not in plates:
            raise ConfigError(unknown("plate detector of open-image-models", name, plates))
        spec = hub.DETECTION_MODELS[name]
        file = hub.MODEL_CACHE_DIR / name / spec.url.rpartition("/")[2]
        if not file.is_file():
            fetch = f"python -c \"from {hub.__name__} import download_model as d; d('{name}')\""
            msg = f"{file}: the weights are not there; fetch them once with: {fetch}"
            raise WeightsNotFound(msg)
        options = _import("onnxruntime").SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = num_threads, 1
        create: Any = _import("open_image_models.detection.factory").create_detector
        self._detector = create(
            file,  # by its name the package would fetch what is missing
            backend=spec.backend,
            class_labels=spec.class_labels,
            conf_thresh=min_score,
            providers=["CPUExecutionProvider"],
            sess_options=options,
        )

    def detect(self, rgb: Rgb) -> list[Detection]:
        """Find the plates of one frame.

        Args:
            rgb: ``(H, W, 3)`` uint8 RGB.

        Returns:
            Best first; boxes in pixels of the frame, inside it.

        Raises:
            ShapeError: the frame is not a colour picture.
            FrameDecodeError: it is too small or too large.
        """
        check_picture(rgb, "frame", MIN_CROP_SIDE_PX)
        height, width = rgb.shape[:2]
        found = []
        for result in self._detector.predict(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)):
            x1, y1, x2, y2 = map(float, result.bounding_box.xyxy)
            if box := clip_box((x1, y1, x2, y2), width, height):
                found.append(Detection(box, float(result.confidence)))
        return sorted(found, key=lambda detection: -detection.score)


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        msg = f"{error.name} is not installed; run: pip install 'platestream[open-image-models]'"
        raise ConfigError(msg) from error
