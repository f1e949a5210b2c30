"""Which plate of this frame is which plate of the last one.

The tracker is norfair's (a Kalman filter and greedy matching by a distance of our choice).
ByteTrack and its kin match boxes by overlap; a plate is so small that between two frames it
often moves by more than its own height and overlaps nothing. Here the distance is the
plate's own: how far the centres are apart in plate widths, and how much the size changed.
(Roboflow's `trackers`, the other candidate, needs the build of OpenCV that wants libGL.)
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from norfair import Detection as TrackerDetection
from norfair import Tracker
from norfair.tracker import TrackedObject

from platestream.core.types import Detection

MAX_DISTANCE = 1.0
"""In plate widths: a plate that moved further than this past its prediction is another one."""

MAX_GAP_S = 1.0
"""A plate unseen for so long is another one, however few frames that was: a camera may have been
away, or its frames skipped."""


@dataclass(frozen=True, slots=True)
class TrackedPlates:
    """What one frame told.

    Attributes:
        seen: Track id and detection of every plate in this frame.
        ended: Tracks that will not come back.
    """

    seen: list[tuple[int, Detection]]
    ended: list[int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What goes through norfair with a box: in which update, when, and what it was."""

    update: int
    at_s: float
    detection: Detection


class PlateTracker:
    """Gives each plate one id for as long as it is in view; ids count from 1 per tracker.

    Args:
        patience_frames: Longest gap in frames that a long-seen plate survives; one just met
            survives a shorter gap, so that noise dies quickly.
    """

    def __init__(self, patience_frames: int = 20) -> None:
        # It hints that a distance over arrays is faster; for a handful of plates it is not.
        logging.getLogger("norfair.tracker").setLevel(logging.ERROR)
        self._tracker = Tracker(
            distance_function=plate_distance,
            distance_threshold=MAX_DISTANCE,
            hit_counter_max=max(2, patience_frames),
            # A plate counts from its first frame: a fast car may show it only in three.
            initialization_delay=0,
        )
        self._num_updates = 0
        self._live: set[int] = set()

    def update(self, detections: Sequence[Detection], now_s: float = 0.0) -> TrackedPlates:
        """Match the plates of the next frame, taken at `now_s`, with those seen before."""
        self._num_updates += 1
        self._tracker.tracked_objects = [
            tracked
            for tracked in self._tracker.tracked_objects
            if now_s - tracked.last_detection.data.at_s <= MAX_GAP_S
        ]
        # The tracker hands back copies: the update tells those of this frame from older ones.
        self._tracker.update(
            [
                TrackerDetection(
                    points=np.reshape(detection.box_xyxy, (2, 2)),
                    data=_Seen(self._num_updates, now_s, detection),
                )
                for detection in detections
            ]
        )
        tracks = {o.id: o.last_detection.data for o in self._tracker.tracked_objects if o.id}
        seen = [(i, it.detection) for i, it in tracks.items() if it.update == self._num_updates]
        ended = sorted(self._live - set(tracks))
        self._live = set(tracks)
        return TrackedPlates(sorted(seen, key=lambda pair: pair[0]), ended)


def plate_distance(found: TrackerDetection, tracked: TrackedObject) -> float:
    """Distance of a found box to a track's predicted one.

    Args:
        found: Its ``points`` are ``(2, 2)``: top-left and bottom-right in pixels.
        tracked: Its ``estimate`` is the same, predicted for this frame.

    Returns:
        The centres' distance in widths of the wider box, plus the mean absolute log ratio of
        widths and heights.
    """
    box, predicted = found.points, tracked.estimate
    size = np.maximum(box[1] - box[0], 1.0)
    predicted_size = np.maximum(predicted[1] - predicted[0], 1.0)
    moved = np.linalg.norm(box.mean(axis=0) - predicted.mean(axis=0))
    grown = np.abs(np.log(size / predicted_size)).mean()
    return float(moved / max(size[0], predicted_size[0]) + grown)
