"""How far a plate is from another, in the eyes of a reader that confuses some characters.

The distance is Levenshtein's, with substitutions that cost less where the reader is known to take
one character for the other (`confusions`): ``O`` for ``D`` little, ``7`` for ``A`` all of 1. It is
never above the plain edit distance, and it is a metric.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import CHARACTERS, MARKED, plain
from platestream.core.confusions import COSTS
from platestream.core.metrics import edit_distance

UNSURE = "?"
"""Stands for a character that the reader is not sure of."""

MARK_COST = 0.2
"""What a letter costs without its mark: many lists write ``DUW`` for ``DÜW``."""

UNSURE_COST = 0.5
"""What any character costs in the place of an unsure one."""


def distance(plate: str, other: str) -> float:
    """Cheapest way from one plate to the other; insertions and deletions cost 1."""
    return edit_distance(plate, other, _costs())


def similarities(plate: str, others: Sequence[str]) -> NDArray[np.float64]:
    """How alike a plate is to each of many others, which go through `distance` side by side.

    Returns:
        ``(N,)`` float64: 1 for the same plate, 0 where nothing is alike.
    """
    lengths = np.array([len(other) for other in others], np.int64)
    width = int(lengths.max(initial=0))
    padded = np.array([list(other.ljust(width)) for other in others]).reshape(len(others), width)
    letters, cells = np.unique(padded, return_inverse=True)
    steps = np.arange(width + 1.0)
    previous = np.tile(steps, (len(others), 1))
    for i, x in enumerate(plate, start=1):
        costs = np.array([0.0 if x == y else _costs().get(x + y, 1.0) for y in letters])
        current = np.full_like(previous, i)
        replaced = previous[:, :-1] + costs[cells.reshape(padded.shape)]
        current[:, 1:] = np.minimum(replaced, previous[:, 1:] + 1)
        # An insertion costs one step to the right: the least of all that is left of a place.
        previous = np.minimum.accumulate(current - steps, axis=1) + steps
    far = previous[np.arange(len(others)), lengths]
    return 1 - far / np.maximum(lengths, max(1, len(plate)))


def matches(plate: str, known: str, max_distance: float) -> bool:
    """Whether a plate may be a known one."""
    return distance(plate, known) <= max_distance


@lru_cache(maxsize=1)
def _costs() -> dict[str, float]:
    """Of each pair that costs less than 1, both ways round."""
    costs = {pair: UNSURE_COST for c in CHARACTERS for pair in (c + UNSURE, UNSURE + c)}
    for marked in MARKED:
        costs[marked + plain(marked)[0]] = costs[plain(marked)[0] + marked] = MARK_COST
    for line in COSTS.strip().splitlines():
        cost, *pairs = line.split()
        for pair in pairs:
            costs[pair] = costs[pair[::-1]] = float(cost)
    return costs
