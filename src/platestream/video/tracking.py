"""Which plate of this frame is which plate of the last one.

A Kalman filter a plate, and greedy matching by a distance of our own. ByteTrack and its kin match
boxes by overlap; a plate is so small that between two frames it often moves by more than its own
height and overlaps nothing. Here the distance is the plate's own: how far the centres are apart
in plate widths, and how much the size changed. With a handful of plates in view, plain numbers
are ten times as fast as a tracker made of arrays.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import hypot, log
from statistics import median

from platestream.core.boxes import box_size
from platestream.core.types import BoxXyxy, Detection
from platestream.video.kalman import BoxFilter

MAX_DISTANCE = 1.0
"""In plate widths: a plate that moved further than this past its prediction is another one."""

PATIENCE_S = 0.8
"""A plate unseen for this long has left."""

MAX_GAP_S = 1.0
"""A plate unseen for so long is another one, however few frames that was: a camera may have been
away, or its frames skipped."""

GAP_FRAMES = 1.5
"""Usual intervals between frames from which on there is a gap: one frame at least is missing. That
counts where it is longer than what a gap is at any rate, for a camera may be slow."""

LONGEST_GAP_S = 1.5
"""However slow a camera: by then another vehicle may stand in the very same place."""

_PACE_FRAMES = 9
"""Intervals that tell the usual one: their median, which an outage leaves as it is."""


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
class ExpectedPlate:
    """A plate that the last frame showed, and where the next one should.

    Attributes:
        box_xyxy: Where it will be, when it goes on as it did.
        seen: What it was in the last frame.
        num_seen: In how many frames it was found: once, and nothing is known of its speed.
        track_id: Its id.
        is_sure: Whether its plate is known for sure, as far as the caller told.
    """

    box_xyxy: BoxXyxy
    seen: Detection
    num_seen: int
    track_id: int = 0
    is_sure: bool = False


@dataclass(slots=True)
class _Track:
    """A plate that may come back; `credit_s` is how long it is still waited for."""

    track_id: int
    detection: Detection
    seen_s: float
    filter: BoxFilter = field(init=False)
    credit_s: float = 0.0
    num_seen: int = 1
    is_seen: bool = True

    def __post_init__(self) -> None:
        self.filter = BoxFilter(self.detection.box_xyxy)

    def see(self, detection: Detection, now_s: float) -> None:
        """Take in what this frame shows of it."""
        self.filter.measure(detection.box_xyxy)
        self.detection, self.seen_s = detection, now_s
        self.num_seen += 1
        self.is_seen = True


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
        self._patience_s = patience_s
        self._num_updates = 0
        self._at_s = self._frame_s = 0.0
        self._intervals_s: deque[float] = deque(maxlen=_PACE_FRAMES)
        self._tracks: list[_Track] = []
        self._num_ids = 0

    def update(self, detections: Sequence[Detection], now_s: float) -> TrackedPlates:
        """Match the plates of the next frame, taken at `now_s`, with those seen before."""
        self._num_updates += 1
        ended = self._drop_lost(now_s)
        for track in self._tracks:
            track.filter.step()
            track.is_seen = False
        unmatched = self._match(detections, now_s)
        self._tracks += [_Track(self._next_id(), detection, now_s) for detection in unmatched]
        self._credit(now_s)
        seen = [(track.track_id, track.detection) for track in self._tracks if track.is_seen]
        return TrackedPlates(seen, ended)

    def expected(self, sure: Collection[int] = ()) -> list[ExpectedPlate]:
        """The plates of the last frame, and where the next one should show them.

        Args:
            sure: Ids of tracks whose plate is known for sure.
        """
        return [
            ExpectedPlate(
                track.filter.next_xyxy,
                track.detection,
                track.num_seen,
                track.track_id,
                track.track_id in sure,
            )
            for track in self._tracks
            if track.is_seen
        ]

    @property
    def gap_s(self) -> float:
        """From how long on nothing was seen, at this source's own rate; 0 before it is known."""
        usual_s = median(self._intervals_s) if self._intervals_s else 0.0
        return min(GAP_FRAMES * usual_s, LONGEST_GAP_S)

    def _match(self, detections: Sequence[Detection], now_s: float) -> list[Detection]:
        """Give each track its detection, the nearest pair first; what is left is new."""
        pairs = sorted(
            (plate_distance(detection.box_xyxy, track.filter.box_xyxy), number, index)
            for number, track in enumerate(self._tracks)
            for index, detection in enumerate(detections)
        )
        unmatched = dict(enumerate(detections))
        for distance, number, index in pairs:
            if distance >= MAX_DISTANCE:
                break
            if index in unmatched and not self._tracks[number].is_seen:
                self._tracks[number].see(unmatched.pop(index), now_s)
        return list(unmatched.values())

    def _drop_lost(self, now_s: float) -> list[int]:
        # Half a frame less than nothing, since patience is no whole number of frames.
        least_s = -self._frame_s / 2
        longest_s = max(MAX_GAP_S, self.gap_s) if self._intervals_s else LONGEST_GAP_S
        tracks = self._tracks
        self._tracks = [
            track
            for track in tracks
            if track.credit_s >= least_s and now_s - track.seen_s <= longest_s
        ]
        kept = {track.track_id for track in self._tracks}
        return sorted(track.track_id for track in tracks if track.track_id not in kept)

    def _credit(self, now_s: float) -> None:
        """Give each track what this frame lasts, or take it away."""
        if self._num_updates > 1:
            self._frame_s = max(0.0, now_s - self._at_s)
            self._intervals_s.append(self._frame_s)
        if self._num_updates == 2:  # only now is it known how long the first frame lasts
            for track in self._tracks:
                # One that is new in this frame gets no more than its own.
                track.credit_s = self._frame_s if track.num_seen > 1 or not track.is_seen else 0.0
        self._at_s = now_s
        for track in self._tracks:
            gained_s = self._frame_s if track.is_seen else -self._frame_s
            track.credit_s = min(track.credit_s + gained_s, self._patience_s)

    def _next_id(self) -> int:
        self._num_ids += 1
        return self._num_ids


def plate_distance(found: BoxXyxy, predicted: BoxXyxy) -> float:
    """Distance of a found box to where a track's was predicted for this frame.

    Returns:
        The centres' distance in widths of the wider box, plus the mean absolute log ratio of
        widths and heights.
    """
    (width, height), (old_width, old_height) = (
        (max(side, 1.0) for side in box_size(box)) for box in (found, predicted)
    )
    moved = hypot(
        (found[0] + found[2] - predicted[0] - predicted[2]) / 2,
        (found[1] + found[3] - predicted[1] - predicted[3]) / 2,
    )
    grown = (abs(log(width / old_width)) + abs(log(height / old_height))) / 2
    return moved / max(width, old_width) + grown
