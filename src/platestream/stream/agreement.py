"""Which readings of one stream speak of the same plate.

A foreign reading (another car under one track id, a sign, a blur) must not be averaged into the
plate, and characters can be combined place by place only where the lengths agree.
"""

from collections import defaultdict
from collections.abc import Sequence

from platestream.core.metrics import edit_distance

MAX_SHARE_DIFFERENT = 0.5
"""Readings that differ in more than this share of the longer one are of different plates."""


def cluster(texts: Sequence[str], weights: Sequence[float]) -> list[list[int]]:
    """Group readings around the weightiest ones.

    Args:
        texts: One a reading.
        weights: How much each counts, 0 or more.

    Returns:
        Indices of each group, the weightiest group first, each led by its weightiest reading.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(texts)), key=lambda i: -weights[i]):
        for group in groups:
            if are_alike(texts[index], texts[group[0]]):
                group.append(index)
                break
        else:
            groups.append([index])
    return sorted(groups, key=lambda group: -sum(weights[i] for i in group))


def agreeing(texts: Sequence[str], weights: Sequence[float]) -> list[int]:
    """Indices, in order, of the readings of the weightiest group that have its usual length."""
    if len(set(texts)) == 1:
        return list(range(len(texts)))
    group = cluster(texts, weights)[0]
    lengths: dict[int, float] = defaultdict(float)
    for index in group:
        lengths[len(texts[index])] += weights[index]
    length = max(lengths, key=lengths.__getitem__)
    return sorted(index for index in group if len(texts[index]) == length)


def are_alike(a: str, b: str) -> bool:
    """Whether two readings may be of one plate."""
    return edit_distance(a, b) <= MAX_SHARE_DIFFERENT * max(len(a), len(b))
