"""Clocks that only go forward, and waits that grow."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from platestream.live.timeline import MAX_ANCHORS, STEP_S, Lag, Timeline

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@given(st.lists(st.floats(-1e6, 1e6), max_size=50))
def test_time_grows_whatever_a_camera_says(elapsed: list[float]) -> None:
    timeline = Timeline()
    stamps = [timeline.stamp(each, after(index)) for index, each in enumerate(elapsed)]
    assert all(b > a for a, b in itertools.pairwise(stamps))


def test_what_grows_is_left_as_it_is_and_what_does_not_goes_one_step_on() -> None:
    timeline = Timeline()
    assert [timeline.stamp(s, after(s)) for s in (1.0, 1.5, 0.2, 9.0)] == [
        1.0,
        1.5,
        1.5 + STEP_S,
        9.0,
    ]


def test_each_second_has_the_time_of_day_of_its_frame_even_when_the_clock_was_set() -> None:
    timeline = Timeline()
    timeline.stamp(0.0, NOON)
    timeline.stamp(10.0, after(10.01))  # jitter: not worth a note
    timeline.stamp(20.0, after(3620))  # set forward by an hour
    assert timeline.wall_time(5.0) == after(5)
    assert timeline.wall_time(10.0) == after(10)
    assert timeline.wall_time(20.0) == after(3620)
    assert timeline.wall_time(21.5) == after(3621.5)


def test_a_clock_that_is_set_all_the_time_fills_no_memory() -> None:
    timeline = Timeline()
    for index in range(2 * MAX_ANCHORS):
        timeline.stamp(float(index), after(index * 10))
    last = 2.0 * MAX_ANCHORS - 1
    assert timeline.wall_time(last) == after(last * 10)
    assert len(timeline._anchors) == MAX_ANCHORS


def test_lag_is_what_a_stream_is_behind_its_quickest_frame() -> None:
    lag = Lag()
    # The camera's clock began 1000 s before ours; frames come 40 ms apart, one of them 0.3 s late.
    assert lag.see(0.0, 1000.0) == 0
    assert lag.see(0.04, 1000.04) < 0.001
    assert abs(lag.see(0.38, 1000.08) - 0.3) < 0.01


def test_a_camera_whose_clock_is_slow_is_not_late_for_ever() -> None:
    lag = Lag()
    late = [lag.see(second, second * (1 - 1e-4)) for second in range(100_000)]
    assert max(late) < 0.1


def test_a_stream_read_too_slowly_falls_behind() -> None:
    lag = Lag()
    late = [lag.see(1.5 * second, second) for second in range(10)]
    assert 4.0 < late[-1] < 4.5


def test_timestamps_that_jump_are_no_lag() -> None:
    lag = Lag()
    lag.see(0.0, 0.0)
    assert lag.see(1.0, 5000.0) == 0
    assert lag.see(2.0, 3.0) == 0
    assert lag.see(3.0, 4.0) < 0.02
