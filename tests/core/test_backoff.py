"""Waits between attempts."""

from platestream.core.backoff import Backoff, backoff_s


def test_waits_grow_to_a_limit_and_begin_again_after_success() -> None:
    backoff = Backoff(0.5, 30.0, jitter=lambda _, longest: longest)
    assert [backoff.fail() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.succeed()
    assert backoff.fail() == 0.5


def test_waits_differ_so_that_cameras_do_not_return_as_one() -> None:
    waits = [Backoff().fail() for _ in range(50)]
    assert all(0.25 <= wait <= 0.5 for wait in waits)
    assert len(set(waits)) > 1


def test_a_camera_that_is_away_for_years_overflows_nothing() -> None:
    backoff = Backoff(jitter=lambda _, longest: longest)
    assert [backoff.fail() for _ in range(3000)][-1] == 30.0


def test_the_wait_is_a_function_of_the_failures_before_it() -> None:
    def longest(_: float, most: float) -> float:
        return most

    backoff = Backoff(1.0, 300.0, longest)
    counted = [backoff.fail() for _ in range(12)]
    assert counted == [backoff_s(n, 1.0, 300.0, longest) for n in range(12)]
