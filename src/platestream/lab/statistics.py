"""What is more than luck, for plates or tracks that are right or wrong."""

from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

_NORMAL_95 = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""


def wilson_interval(share: float, num: int) -> tuple[float, float]:
    """Where an accuracy lies, 95 % (Wilson, 1927); it has something to say where all are right.

    Args:
        share: Of those that are right.
        num: Of plates or tracks that have nothing to do with each other; frames of one have.

    Returns:
        Lower and upper accuracy; (0, 1) of none.
    """
    if not num:
        return 0.0, 1.0
    z2 = _NORMAL_95**2
    middle = (share + z2 / (2 * num)) / (1 + z2 / num)
    apart = _NORMAL_95 / (1 + z2 / num) * sqrt(share * (1 - share) / num + z2 / (4 * num**2))
    return max(0.0, middle - apart), min(1.0, middle + apart)


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
