"""One id a plate, for as long as it is in view."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import ConfigError
from platestream.core.types import BoxXyxy, Detection
from platestream.video.tracking import PlateTracker
from tests.detections import slanted


def plate(x: float, y: float, width: float = 100.0) -> Detection:
    return slanted((x, y, x + width, y + width / 4))


def ids(tracker: PlateTracker, *detections: Detection) -> list[int]:
    return [track_id for track_id, _ in tracker.update(detections).seen]


def test_a_plate_has_its_id_from_the_first_frame() -> None:
    tracker = PlateTracker()
    assert ids(tracker, plate(10, 10)) == [1]


@given(st.floats(-60, 60), st.floats(-30, 30))
def test_a_moving_plate_keeps_its_id(dx: float, dy: float) -> None:
    tracker = PlateTracker()
    seen = [ids(tracker, plate(1000 + dx * t, 500 + dy * t)) for t in range(10)]
    assert seen == [[1]] * 10


def test_a_plate_that_moves_past_its_own_height_overlaps_nothing_and_is_still_one() -> None:
    # 40 px down a frame, of a plate 25 px high: boxes of two frames share no pixel.
    tracker = PlateTracker()
    assert [ids(tracker, plate(300, 40 * t)) for t in range(8)] == [[1]] * 8


def test_two_plates_far_apart_are_two() -> None:
    tracker = PlateTracker()
    for _ in range(5):
        assert ids(tracker, plate(0, 0), plate(600, 0)) == [1, 2]


def test_the_detection_comes_back_as_it_was_given() -> None:
    tracker = PlateTracker()
    first, second = plate(0, 0), plate(600, 0)
    seen = tracker.update([first, second]).seen
    assert [detection for _, detection in seen] == [first, second]


def test_a_short_gap_is_bridged_and_a_long_one_ends_the_track() -> None:
    tracker = PlateTracker(patience_frames=5)
    for _ in range(8):
        ids(tracker, plate(100, 100))
    for _ in range(3):
        assert tracker.update([]).seen == []
    assert ids(tracker, plate(100, 100)) == [1]
    ended = [tracker.update([]).ended for _ in range(12)]
    assert [track_id for ids_now in ended for track_id in ids_now] == [1]
    assert ids(tracker, plate(100, 100)) == [2]


def test_a_flash_is_gone_soon() -> None:
    tracker = PlateTracker(patience_frames=20)
    tracker.update([plate(100, 100)])
    ended = [tracker.update([]).ended for _ in range(4)]
    assert [1] in ended


def test_two_trackers_share_no_ids() -> None:
    assert ids(PlateTracker(), plate(0, 0)) == ids(PlateTracker(), plate(0, 0)) == [1]


@pytest.mark.parametrize("box", [(0.0, 0.0, 0.0, 0.0), (5.0, 5.0, 5.5, 5.5)])
def test_a_box_without_area_does_no_harm(box: BoxXyxy) -> None:
    tracker = PlateTracker()
    assert ids(tracker, slanted(box, 0.5)) == [1]
    assert ids(tracker, slanted(box, 0.5)) == [1]


def test_a_track_that_went_over_to_another_plate_gets_an_id_of_its_own() -> None:
    tracker = PlateTracker(patience_frames=3)
    assert ids(tracker, plate(0, 0), plate(600, 0)) == [1, 2]
    assert tracker.renew(1) == 3
    assert ids(tracker, plate(2, 0), plate(602, 0)) == [2, 3]
    assert ids(tracker, plate(4, 0), plate(604, 0), plate(300, 300)) == [2, 3, 4]
    ended = [track_id for _ in range(6) for track_id in tracker.update([]).ended]
    assert sorted(ended) == [2, 3, 4]
    with pytest.raises(ConfigError, match="track 3 is not live"):
        tracker.renew(3)


def test_a_gap_in_time_ends_a_track_however_few_frames_it_has() -> None:
    tracker = PlateTracker(patience_frames=20)
    for step in range(10):
        tracker.update([plate(100, 100)], now_s=0.1 * step)
    back = tracker.update([plate(100, 100)], now_s=3.0)
    assert (back.ended, [track_id for track_id, _ in back.seen]) == ([1], [2])


def test_a_gap_within_the_limit_does_not() -> None:
    tracker = PlateTracker(patience_frames=20)
    seen = [tracker.update([plate(100, 100)], now_s=0.9 * step).seen for step in range(5)]
    assert [[track_id for track_id, _ in each] for each in seen] == [[1]] * 5
