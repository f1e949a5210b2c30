"""Whether a difference between two rules is more than luck, for tracks that are right or wrong."""

from math import comb

import numpy as np
from numpy.typing import NDArray

NUM_RESAMPLES = 2000


def bootstrap_interval(right: NDArray[np.bool_]) -> tuple[float, float]:
    """Where the accuracy of a rule lies, 95 %: percentile bootstrap over tracks (Efron, 1979).

    Where all tracks are right, or none, so are all resamples: the interval says nothing then.

    Args:
        right: ``(N,)``, one a track.

    Returns:
        Lower and upper accuracy; (0, 1) of no tracks.
    """
    if not len(right):
        return 0.0, 1.0
    rng = np.random.default_rng(0)
    # The number of right tracks in a resample is binomial; drawing it spares drawing the tracks.
    means = rng.binomial(len(right), right.mean(), NUM_RESAMPLES) / len(right)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def mcnemar(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Two-sided exact McNemar test: the chance of so uneven a split if neither rule were better.

    Args:
        one: ``(N,)``, which tracks one rule has right.
        other: ``(N,)``, the same of the other.
    """
    wins, losses = int((one & ~other).sum()), int((other & ~one).sum())
    num = wins + losses
    tail = sum(comb(num, k) for k in range(min(wins, losses) + 1)) / (1 << num)
    return min(1.0, 2 * tail)
