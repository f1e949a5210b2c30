"""Which plate of this frame is which plate of the last one.

The tracker is norfair's (a Kalman filter and greedy matching by a distance of our choice).
ByteTrack and its kin match boxes by overlap; a plate is so small that between two frames it
often moves by more than its own height and overlaps nothing. Here the distance is the
plate's own: how far the centres are apart in plate widths, and how much the size changed.
(Roboflow's `trackers`, the other candidate, needs the build of OpenCV that wants libGL.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from norfair import Detection as TrackerDetection
from norfair import Tracker
from norfair.distances import ScalarDistance
from norfair.tracker import TrackedObject

from platestream.core.types import Detection

MAX_DISTANCE = 1.0
"""In plate widths: a plate that moved further than this past its prediction is another one."""

PATIENCE_S = 0.8
"""A plate unseen for this long has left."""

MAX_GAP_S = 1.0
"""A plate unseen for so long is another one, however few frames that was: a camera may have been
away, or its frames skipped."""

_ALWAYS = 1_000_000
"""Frames. More than norfair will ever count: how long a track lives is decided here, in seconds."""


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

    A plate survives a gap as long as the time it was in view before, so that noise dies quickly:
    each frame with it adds what the frame lasts, up to `patience_s`, and each one without it takes
    as much away. At a steady rate this is norfair's own rule, which counts frames instead, and so
    has to know the rate before the first one.

    Args:
        patience_s: Longest gap that a long-seen plate survives.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._tracker = Tracker(
            "euclidean",
            distance_threshold=MAX_DISTANCE,
            hit_counter_max=_ALWAYS,
            # A plate counts from its first frame: a fast car may show it only in three.
            initialization_delay=0,
        )
        # Put in afterwards: given a function, the tracker logs a hint that one over arrays is
        # faster, which for a handful of plates it is not.
        self._tracker.distance_function = ScalarDistance(plate_distance)
        self._patience_s = patience_s
        self._num_updates = 0
        self._at_s = self._frame_s = 0.0
        self._credit_s: dict[int, float] = {}
        self._ids: dict[int, int] = {}
        self._num_ids = 0

    def update(self, detections: Sequence[Detection], now_s: float) -> TrackedPlates:
        """Match the plates of the next frame, taken at `now_s`, with those seen before."""
        self._num_updates += 1
        self._drop_lost(now_s)
        # The tracker hands back copies: the update tells those of this frame from older ones.
        self._tracker.update(
            [
                TrackerDetection(
                    points=np.reshape(detection.box_xyxy, (2, 2)),
                    data=_Seen(self._num_updates, now_s, detection),
                )
                for detection in detections
            ],
            period=_ALWAYS,
        )
        tracks = {o.id: o.last_detection.data for o in self._tracker.tracked_objects if o.id}
        is_seen = {track: it.update == self._num_updates for track, it in tracks.items()}
        self._credit(is_seen, now_s)
        ended = sorted(self._ids.pop(known) for known in self._ids.keys() - tracks.keys())
        for track in sorted(tracks.keys() - self._ids.keys()):
            self._num_ids += 1
            self._ids[track] = self._num_ids
        seen = [(self._ids[track], it.detection) for track, it in tracks.items() if is_seen[track]]
        return TrackedPlates(sorted(seen, key=lambda pair: pair[0]), ended)

    def _drop_lost(self, now_s: float) -> None:
        # Half a frame less than nothing, since patience is no whole number of frames.
        least_s = -self._frame_s / 2
        alive = {track for track, credit_s in self._credit_s.items() if credit_s >= least_s}
        self._tracker.tracked_objects = [
            tracked
            for tracked in self._tracker.tracked_objects
            if tracked.id in alive and now_s - tracked.last_detection.data.at_s <= MAX_GAP_S
        ]

    def _credit(self, is_seen: Mapping[int, bool], now_s: float) -> None:
        """Give each track what this frame lasts, or take it away."""
        if self._num_updates > 1:
            self._frame_s = max(0.0, now_s - self._at_s)
        if self._num_updates == 2:  # only now is it known how long the first frame lasts
            self._credit_s = dict.fromkeys(self._credit_s, self._frame_s)
        self._at_s = now_s
        self._credit_s = {
            track: min(
                self._credit_s.get(track, 0.0) + (self._frame_s if seen else -self._frame_s),
                self._patience_s,
            )
            for track, seen in is_seen.items()
        }


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
