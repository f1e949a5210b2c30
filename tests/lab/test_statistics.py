"""Intervals and tests against values worked out by hand."""

import numpy as np
import pytest

from platestream.lab.statistics import mcnemar, wilson_interval


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


@pytest.mark.parametrize(
    ("num_right", "num", "low", "high"),
    [
        # By the formula, with z = 1.959964: Newcombe (1998), table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_as_published(num_right: int, num: int, low: float, high: float) -> None:
    assert wilson_interval(num_right / max(1, num), num) == (
        pytest.approx(low, abs=5e-5),
        pytest.approx(high, abs=5e-5),
    )
