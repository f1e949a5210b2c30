"""Which plate of this frame is which plate of the last one.

The tracker is norfair's (a Kalman filter and greedy matching by a distance of our choice).
ByteTrack and its kin match boxes by overlap; a plate is so small that between two frames it
often moves by more than its own height and overlaps nothing. Here the distance is the
plate's own: how far the centres are apart in plate widths, and how much the size changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from norfair import Detection as TrackerDetection
from norfair import Tracker

from platestream.core.types import Detection

MAX_DISTANCE = 1.0
"""In plate widths: a plate that moved further than this past its prediction is another one."""


@dataclass(frozen=True, slots=True)
class TrackedPlates:
    """What one frame told.

    Attributes:
        seen: Track id and detection of every plate in this frame.
        ended: Tracks that will not come back.
    """

    seen: list[tuple[int, Detection]]
    ended: list[int]


class PlateTracker:
    """Gives each plate one id for as long as it is in view; ids count from 1 per tracker.

    Args:
        patience_frames: Longest gap in frames that a long-seen plate survives; one just met
            survives a shorter gap, so that noise dies quickly.
    """

    def __init__(self, patience_frames: int = 20) -> None:
        self._tracker = Tracker(
            distance_function=plate_distance,
            distance_threshold=MAX_DISTANCE,
            hit_counter_max=max(2, patience_frames),
            # A plate counts from its first frame: a fast car may show it only in three.
            initialization_delay=0,
        )
        self._live: set[int] = set()

    def update(self, detections: Sequence[Detection]) -> TrackedPlates:
        """Match the plates of the next frame with those seen before."""
        wrapped = [
            TrackerDetection(points=np.reshape(d.box_xyxy, (2, 2)), data=d) for d in detections
        ]
        self._tracker.update(wrapped)
        tracks = {o.id: o.last_detection for o in self._tracker.tracked_objects if o.id}
        now = {id(w) for w in wrapped}
        seen = [(i, last.data) for i, last in tracks.items() if id(last) in now]
        live = set(tracks)
        ended = sorted(self._live - live)
        self._live = live
        return TrackedPlates(sorted(seen, key=lambda pair: pair[0]), ended)


def plate_distance(detection: Any, tracked: Any) -> float:
    """Distance of a detection to a track's predicted box.

    Args:
        detection: Its ``points`` are ``(2, 2)``: top-left and bottom-right in pixels.
        tracked: Its ``estimate`` is the same, predicted.

    Returns:
        Centre distance in widths of the wider of the two, plus the log of the size ratio.
    """
    box, guess = detection.points, tracked.estimate
    size, guessed = box[1] - box[0], np.maximum(tracked.estimate[1] - tracked.estimate[0], 1.0)
    moved = np.linalg.norm(box.mean(axis=0) - guess.mean(axis=0)) / max(size[0], guessed[0])
    grown = np.abs(np.log(np.maximum(size, 1.0) / guessed)).mean()
    return float(moved + grown)
