"""A track that a tracker let go over to another vehicle: where to look, and how it shows."""

from platestream.core.types import PlateCrop, Reading
from platestream.stream.agreement import are_alike
from platestream.stream.plate_stream import PlateStream

GAP_S = 0.3
"""A track unseen for so long, or whose box jumped by its own width, may be another vehicle's. Where
frames are further apart, their own rate says what is long, see `PlateRecognizer.push`."""

SWITCHED = 0.8
"""Least confidence of a plate, and least score of a reading that contradicts it, to part them."""


def may_be_left(stream: PlateStream, crop: PlateCrop, gap_s: float) -> bool:
    """Whether a plate that is known comes from elsewhere now: later, or a leap away."""
    if stream.confidence < SWITCHED:
        return False
    x1, _, x2, _ = stream.last_box
    left, _, right, _ = crop.box_xyxy
    leap = abs(left + right - x1 - x2) / 2
    return crop.pts_s - stream.last_pts_s > max(GAP_S, gap_s) or leap > max(x2 - x1, right - left)


def contradicts(reading: Reading, stream: PlateStream) -> bool:
    """Whether a reading is surely of another plate than the stream's."""
    return reading.score >= SWITCHED and not are_alike(reading.text, stream.fused.text)
