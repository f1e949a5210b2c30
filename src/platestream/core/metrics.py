"""How plate reading is judged: whole strings, characters, boxes."""

from collections.abc import Sequence

from platestream.core.alphabet import plain
from platestream.core.types import BoxXyxy

_FOLD = str.maketrans({"O": "0", "I": "1"})


def fold(text: str) -> str:
    """Take O for 0 and I for 1, and leave marks out: some data sets' labels mix them."""
    return plain(text).translate(_FOLD)


def edit_distance(a: str, b: str) -> int:
    """Fewest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein)."""
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        current = [i]
        for j, y in enumerate(b, start=1):
            current.append(min(previous[j] + 1, current[-1] + 1, previous[j - 1] + (x != y)))
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


def iou(a: BoxXyxy, b: BoxXyxy) -> float:
    """Intersection over union of two boxes; 0 when they do not touch."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return shared / (area_a + area_b - shared)


def match_boxes(
    found: Sequence[BoxXyxy], labelled: Sequence[BoxXyxy], min_iou: float = 0.5
) -> list[tuple[int, int]]:
    """Pair found boxes with labelled ones, best overlap first, each used once.

    Returns:
        Pairs ``(index in found, index in labelled)`` with IoU >= `min_iou`.
    """
    candidates = sorted(
        ((iou(f, t), i, j) for i, f in enumerate(found) for j, t in enumerate(labelled)),
        reverse=True,
    )
    pairs: list[tuple[int, int]] = []
    for overlap, i, j in candidates:
        taken = any(i == a or j == b for a, b in pairs)
        if overlap >= min_iou and not taken:
            pairs.append((i, j))
    return pairs
