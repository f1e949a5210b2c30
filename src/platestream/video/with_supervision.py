"""To and from the `supervision` package, whose ``Detections`` others pass around."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import ConfigError, ShapeError
from platestream.core.types import Detection, PlateDecision, Quad

if TYPE_CHECKING:
    import supervision


Found: TypeAlias = "Sequence[Detection] | NDArray[np.floating] | supervision.Detections"
"""What a detector gives: ours, boxes ``(N, 4)``, or supervision's."""


def as_detections(found: Found) -> list[Detection]:
    """Ours, of whatever a detector gave.

    Args:
        found: Boxes are ``(N, 4)``: left, top, right, bottom in pixels.

    Raises:
        ShapeError: it is none of these.
    """
    if isinstance(found, Sequence) and all(isinstance(each, Detection) for each in found):
        return list(found)
    boxes = np.asarray(getattr(found, "xyxy", found), np.float64)
    if boxes.size == 0:
        return []
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        msg = f"boxes of shape {boxes.shape}; give (N, 4): left, top, right, bottom in pixels"
        raise ShapeError(msg)
    if not (np.isfinite(boxes).all() and (boxes[:, :2] <= boxes[:, 2:]).all()):
        msg = (
            "a box is not finite, or ends before it begins; give left, top, right, bottom in pixels"
        )
        raise ShapeError(msg)
    scores = getattr(found, "confidence", None)
    scores = np.ones(len(boxes)) if scores is None else scores
    return [
        Detection((x1, y1, x2, y2), float(score))
        for (x1, y1, x2, y2), score in zip(boxes.tolist(), scores, strict=True)
    ]


def decisions_to_supervision(decisions: Sequence[PlateDecision]) -> "supervision.Detections":
    """The plates in view; what ``data`` holds stands at `Step.to_supervision`."""
    return _detections(
        [decision.crop.box_xyxy for decision in decisions],
        [decision.confidence for decision in decisions],
        [decision.reading.text for decision in decisions],
        [decision.quality for decision in decisions],
        [decision.crop.corners for decision in decisions],
        [decision.track_id for decision in decisions],
    )


def _detections(
    boxes: Sequence[Any],
    confidences: Sequence[float],
    plates: Sequence[str],
    qualities: Sequence[float],
    quads: Sequence[Quad],
    track_ids: Sequence[int],
) -> "supervision.Detections":
    try:
        import supervision as sv
    except ImportError as error:
        msg = "supervision is not installed; pip install 'platestream[supervision]'"
        raise ConfigError(msg) from error
    num = len(boxes)
    return sv.Detections(
        xyxy=np.asarray(boxes, np.float32).reshape(num, 4),
        confidence=np.asarray(confidences, np.float32),
        class_id=np.zeros(num, np.int64),
        tracker_id=np.asarray(track_ids, np.int64),
        data={
            "plate": np.asarray(plates, np.str_),
            "quality": np.asarray(qualities, np.float32),
            "quad": np.asarray(quads, np.float32).reshape(num, 4, 2),
        },
    )
