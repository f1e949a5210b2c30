"""One id a plate, for as long as it is in view."""

from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from norfair import Detection as TrackerDetection
from norfair import Tracker
from norfair.distances import ScalarDistance
from norfair.tracker import TrackedObject

from platestream.core.types import BoxXyxy, Detection
from platestream.video.tracking import (
    LONGEST_GAP_S,
    MAX_DISTANCE,
    PATIENCE_S,
    PlateTracker,
    TrackedPlates,
    plate_distance,
)
from tests.detections import slanted


def plate(x: float, y: float, width: float = 100.0) -> Detection:
    return slanted((x, y, x + width, y + width / 4))


class SteadyTracker(PlateTracker):
    """Sees a frame at each multiple of a fixed time."""

    def __init__(self, fps: float = 25.0, patience_s: float = PATIENCE_S) -> None:
        super().__init__(patience_s)
        self._times_s = (index / fps for index in count())

    def next(self, *detections: Detection) -> TrackedPlates:
        return self.update(detections, next(self._times_s))


def ids(tracker: SteadyTracker, *detections: Detection) -> list[int]:
    return [track_id for track_id, _ in tracker.next(*detections).seen]


def test_a_plate_has_its_id_from_the_first_frame() -> None:
    tracker = SteadyTracker()
    assert ids(tracker, plate(10, 10)) == [1]


@given(st.floats(-60, 60), st.floats(-30, 30))
def test_a_moving_plate_keeps_its_id(dx: float, dy: float) -> None:
    tracker = SteadyTracker()
    seen = [ids(tracker, plate(1000 + dx * t, 500 + dy * t)) for t in range(10)]
    assert seen == [[1]] * 10


def test_a_plate_that_moves_past_its_own_height_overlaps_nothing_and_is_still_one() -> None:
    # 40 px down a frame, of a plate 25 px high: boxes of two frames share no pixel.
    tracker = SteadyTracker()
    assert [ids(tracker, plate(300, 40 * t)) for t in range(8)] == [[1]] * 8


def test_two_plates_far_apart_are_two() -> None:
    tracker = SteadyTracker()
    for _ in range(5):
        assert ids(tracker, plate(0, 0), plate(600, 0)) == [1, 2]


def test_the_detection_comes_back_as_it_was_given() -> None:
    tracker = SteadyTracker()
    first, second = plate(0, 0), plate(600, 0)
    seen = tracker.next(first, second).seen
    assert [detection for _, detection in seen] == [first, second]


def test_a_short_gap_is_bridged_and_a_long_one_ends_the_track() -> None:
    tracker = SteadyTracker(patience_s=5 / 25)
    for _ in range(8):
        ids(tracker, plate(100, 100))
    for _ in range(3):
        assert tracker.next().seen == []
    assert ids(tracker, plate(100, 100)) == [1]
    ended = [tracker.next().ended for _ in range(12)]
    assert [track_id for ids_now in ended for track_id in ids_now] == [1]
    assert ids(tracker, plate(100, 100)) == [2]


def test_a_flash_is_gone_soon() -> None:
    tracker = SteadyTracker()
    tracker.next(plate(100, 100))
    ended = [tracker.next().ended for _ in range(4)]
    assert [1] in ended


def test_two_trackers_share_no_ids() -> None:
    assert ids(SteadyTracker(), plate(0, 0)) == ids(SteadyTracker(), plate(0, 0)) == [1]


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.0, 0.0), (5.0, 5.0, 5.5, 5.5)])
def test_a_box_without_area_does_no_harm(box: BoxXyxy) -> None:
    tracker = SteadyTracker()
    assert ids(tracker, slanted(box, 0.5)) == [1]
    assert ids(tracker, slanted(box, 0.5)) == [1]


def test_a_gap_in_time_ends_a_track_however_few_frames_it_has() -> None:
    tracker = PlateTracker()
    for step in range(10):
        tracker.update([plate(100, 100)], now_s=0.1 * step)
    back = tracker.update([plate(100, 100)], now_s=3.0)
    assert (back.ended, [track_id for track_id, _ in back.seen]) == ([1], [2])


@pytest.mark.parametrize("frame_s", [1 / 25, 0.2, 1 / 3, 0.5, 1.0, 2.0, 60.0])
def test_what_a_gap_is_goes_by_the_camera_s_own_rate(frame_s: float) -> None:
    tracker = PlateTracker()
    assert tracker.gap_s == 0, "one frame tells no rate"
    for step in range(12):
        away_s = 500.0 if step > 6 else 0.0  # an outage changes nothing
        tracker.update([], step * frame_s + away_s)
        if step:
            assert tracker.gap_s == pytest.approx(min(1.5 * frame_s, LONGEST_GAP_S))


def test_frames_a_second_apart_and_a_little_more_still_make_one_track() -> None:
    tracker = PlateTracker()
    times_s = [0.0, 1.0, 2.02, 3.0, 4.03, 5.05, 6.0]
    seen = [tracker.update([plate(100, 100)], at_s).seen for at_s in times_s]
    assert [[track_id for track_id, _ in each] for each in seen] == [[1]] * 7


def test_a_gap_within_the_limit_does_not() -> None:
    tracker = PlateTracker()
    seen = [tracker.update([plate(100, 100)], now_s=0.9 * step).seen for step in range(5)]
    assert [[track_id for track_id, _ in each] for each in seen] == [[1]] * 5


def norfair_ids(fps: float, is_there: list[bool]) -> list[int | None]:
    """What norfair's own rule says, which counts frames and is told the rate."""
    tracker = Tracker("euclidean", 1, max(2, round(PATIENCE_S * fps)), initialization_delay=0)
    seen: list[int | None] = []
    for there in is_there:
        boxes = [TrackerDetection(points=np.zeros((2, 2)))] if there else []
        tracks = tracker.update(boxes)
        seen.append(max(track.id or 0 for track in tracks) if there else None)
    return seen


@given(
    st.sampled_from([4, 10, 12.5, 24, 24000 / 1001, 25, 30000 / 1001, 30, 50, 60]),
    st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=12),
)
def test_at_a_steady_rate_a_plate_lives_as_long_as_norfair_s_count_of_frames(
    fps: float, runs: list[tuple[bool, int]]
) -> None:
    is_there = [there for there, length in runs for _ in range(length)]
    tracker = SteadyTracker(fps)
    seen = [max(ids(tracker, plate(0, 0))) if there else ids(tracker) or None for there in is_there]
    assert seen == norfair_ids(fps, is_there)


@pytest.mark.parametrize("fps", [5.0, 25.0, 60.0])
def test_a_long_seen_plate_is_waited_for_as_long_at_any_rate(fps: float) -> None:
    for gap_s, track in ((0.7, 1), (0.95, 2)):
        tracker = PlateTracker()
        for index in range(round(2 * fps)):
            tracker.update([plate(0, 0)], index / fps)
        unseen = range(round(2 * fps), round((2 + gap_s) * fps))
        for index in unseen:
            tracker.update([], index / fps)
        back = tracker.update([plate(0, 0)], 2 + gap_s)
        assert [track_id for track_id, _ in back.seen] == [track]


def test_a_rate_that_changes_changes_no_patience() -> None:
    # A camera that falls from 25 frames a second to 5: eight tenths are four frames, not twenty.
    tracker = PlateTracker()
    for index in range(50):
        tracker.update([plate(0, 0)], index / 25)
    ended = [bool(tracker.update([], 2 + index / 5).ended) for index in range(8)]
    assert ended.index(True) <= 6


def norfair_distance(found: TrackerDetection, tracked: TrackedObject) -> float:
    box, predicted = (tuple(each.flatten().tolist()) for each in (found.points, tracked.estimate))
    return plate_distance(box, predicted)


def test_tracks_are_norfair_s_own_also_where_plates_cross_and_hide() -> None:
    rng = np.random.default_rng(5)
    norfair = Tracker("euclidean", MAX_DISTANCE, 20, initialization_delay=0)
    norfair.distance_function = ScalarDistance(norfair_distance)
    ours = SteadyTracker(fps=25.0, patience_s=20 / 25)
    at, speed = rng.uniform(0, 600, (8, 2)), rng.uniform(-25, 25, (8, 2))
    for _ in range(150):
        at += speed + rng.normal(0, 3, (8, 2))
        speed *= np.where((at < 0) | (at > 600), -1, 1)
        plates = [plate(x, y, 60 + y / 20) for x, y in at.tolist() if rng.random() < 0.85]
        found = [
            TrackerDetection(points=np.reshape(p.box_xyxy, (2, 2)), data=index)
            for index, p in enumerate(plates)
        ]
        norfair.update(found)
        seen = {
            plates[tracked.last_detection.data]: tracked.id
            for tracked in norfair.tracked_objects
            if any(tracked.last_detection.points is each.points for each in found)
        }
        assert {detection: track for track, detection in ours.next(*plates).seen} == seen


def test_a_plate_is_expected_where_it_is_going() -> None:
    tracker = SteadyTracker()
    assert tracker.expected() == []
    for step in range(20):
        tracker.next(plate(10 * step, 50))
    (expected,) = tracker.expected()
    assert expected.box_xyxy == pytest.approx((200, 50, 300, 75), abs=1)
    assert (expected.seen, expected.num_seen) == (plate(190, 50), 20)
    tracker.next()
    assert tracker.expected() == []
