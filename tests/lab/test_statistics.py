"""Intervals and tests against values worked out by hand."""

import numpy as np
import pytest

from platestream.lab.statistics import bootstrap_interval, mcnemar


def split(wins: int, losses: int, ties: int = 10) -> tuple[np.ndarray, np.ndarray]:
    one = np.array([True] * wins + [False] * losses + [True] * ties)
    other = np.array([False] * wins + [True] * losses + [True] * ties)
    return one, other


@pytest.mark.parametrize(
    ("wins", "losses", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (1, 0, 1.0),
        # 2 * (1 + 6) / 64 and 2 / 1024.
        (5, 1, 14 / 64),
        (10, 0, 2 / 1024),
    ],
)
def test_mcnemar_by_hand(wins: int, losses: int, p: float) -> None:
    one, other = split(wins, losses)
    assert mcnemar(one, other) == pytest.approx(p)
    assert mcnemar(other, one) == pytest.approx(p)


def test_a_bootstrap_interval_is_about_two_standard_errors_wide() -> None:
    right = np.array([True] * 50 + [False] * 50)
    low, high = bootstrap_interval(right)
    assert (low, high) == (pytest.approx(0.40, abs=0.02), pytest.approx(0.60, abs=0.02))
    assert bootstrap_interval(right) == (low, high)


def test_no_doubt_where_all_agree() -> None:
    assert bootstrap_interval(np.ones(9, bool)) == (1, 1)
    assert bootstrap_interval(np.zeros(0, bool)) == (0, 1)
