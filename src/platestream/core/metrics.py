"""How plate reading is judged: whole strings, characters, boxes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from platestream.core.alphabet import plain
from platestream.core.boxes import iou

_NO_COSTS: Final[Mapping[str, float]] = MappingProxyType({})
_FOLD = str.maketrans({"O": "0", "I": "1"})


def fold(text: str) -> str:
    """Take O for 0 and I for 1, and leave marks out: some data sets' labels mix them."""
    return plain(text).translate(_FOLD)


def edit_distance(a: str, b: str, costs: Mapping[str, float] = _NO_COSTS) -> float:
    """Cheapest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein).

    Args:
        a: One text.
        b: The other.
        costs: What it costs to put one character for another, by the pair of them (``"O0"``);
            1 for a pair that is not there, as for an insertion or a deletion.
    """
    if a == b:
        return 0.0
    if costs is _NO_COSTS:
        return _levenshtein(a, b)
    return _cheapest(a, b, costs)


@lru_cache(maxsize=4096)
def _levenshtein(a: str, b: str) -> float:
    """Plain distances: of the few plates in view the same two are compared in every frame."""
    return _cheapest(a, b, _NO_COSTS)


def _cheapest(a: str, b: str, costs: Mapping[str, float]) -> float:
    previous = [float(j) for j in range(len(b) + 1)]
    for i, x in enumerate(a, start=1):
        current = [float(i)]
        for j, y in enumerate(b, start=1):
            replaced = previous[j - 1] + (0.0 if x == y else costs.get(x + y, 1.0))
            current.append(min(previous[j] + 1, current[-1] + 1, replaced))
        previous = current
    return previous[-1]


def plate_accuracy(readings: Sequence[str], labels: Sequence[str]) -> float:
    """Share of plates whose whole string is right; 0 when there are none."""
    pairs = list(zip(readings, labels, strict=True))
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 0.0


def char_error_rate(readings: Sequence[str], labels: Sequence[str]) -> float:
    """Edit distance summed over all plates, divided by the labels' characters."""
    errors = sum(edit_distance(a, b) for a, b in zip(readings, labels, strict=True))
    return errors / max(1, sum(map(len, labels)))


def match_boxes(
    found: ArrayLike, labelled: ArrayLike, min_iou: float = 0.5
) -> list[tuple[int, int]]:
    """Pair found boxes with labelled ones, best overlap first, each used once.

    The one rule by which detections are judged: in evaluation and while a detector learns.

    Args:
        found: ``(N, 4)`` xyxy.
        labelled: ``(M, 4)``.
        min_iou: Least overlap of a pair.

    Returns:
        Pairs ``(index in found, index in labelled)`` with IoU >= `min_iou`.
    """
    overlaps = iou(found, labelled)
    candidates = sorted(
        ((overlaps[i, j], i, j) for i, j in np.argwhere(overlaps >= min_iou).tolist()),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    for _, i, j in candidates:
        if not any(i == a or j == b for a, b in pairs):
            pairs.append((i, j))
    return pairs
