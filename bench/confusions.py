"""Measure which characters the reader takes for which: `python bench/confusions.py DATA_ROOT`.

Reads the crops of DATA_ROOT/crops and DATA_ROOT/tracks, writes src/platestream/core/confusions.py.
Sharp crops are hardly ever misread, so each crop is also shrunk to a few widths, as if the vehicle
were farther away. Crops of split train are used shrunk only: the reader has seen them as they are.
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path
from textwrap import fill, wrap
from typing import TypeAlias

import cv2

from platestream.core.alphabet import CHARACTERS
from platestream.core.types import Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.sample import Sample
from platestream.models.bundle import load_networks
from platestream.video.pictures import read_picture

Pair: TypeAlias = tuple[str, str]
"""What was read, and what it was; of costs, any order."""

OUT = Path(__file__).parents[1] / "src" / "platestream" / "core" / "confusions.py"
WIDTHS_PX = (48, 40, 32)
"""What crops are shrunk to; plates are hard to read below some 60 pixels."""

MAX_WRONG = 2
"""A reading with more wrong characters says little of which was taken for which."""

PRIOR_CHARS = 100
"""A pair starts as if it had been looked at this often and confused as often as any other."""

LEAST_COST, MOST_COST = 25, 80
"""In hundredths: what the pair most confused costs, and the most a pair confused oftener costs."""


def views(sample: Sample) -> Iterator[Rgb]:
    """A crop as the reader may see it."""
    rgb = read_picture(sample.file)
    if sample.split == "dev":
        yield rgb
    height, width = rgb.shape[:2]
    for width_px in WIDTHS_PX:
        if width_px < width:
            size = (width_px, max(8, round(height * width_px / width)))
            yield cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def measure(data: Path) -> tuple[Counter[str], Counter[Pair], Counter[str]]:
    """Count characters looked at, pairs confused, and crops and readings of each split."""
    seen: Counter[str] = Counter()
    confused: Counter[Pair] = Counter()
    used: Counter[str] = Counter()
    read = load_networks("p").read
    for path in sorted([*data.glob("crops/*/labels.csv"), *data.glob("tracks/*/labels.csv")]):
        samples = [s for s in read_labels(path) if s.text and not s.box_xyxy]
        print(path.parent.name, len(samples), file=sys.stderr)
        for sample in samples:
            used[f"{sample.split} crops"] += 1
            for rgb in views(sample):
                text = read(rgb).text
                wrong = sum(a != b for a, b in zip(text, sample.text, strict=False))
                if len(text) != len(sample.text) or wrong > MAX_WRONG:
                    continue
                used[f"{sample.split} readings"] += 1
                seen.update(sample.text)
                pairs = zip(text, sample.text, strict=True)
                confused.update((read_as, true) for read_as, true in pairs if read_as != true)
    return seen, confused, used


def rates(seen: Counter[str], confused: Counter[Pair]) -> dict[Pair, float]:
    """How often each pair is confused, the mean of both ways, as a multiple of the mean pair's."""
    known = [c for c in CHARACTERS if seen[c]]
    any_rate = confused.total() / seen.total() / (len(known) - 1)

    def rate(read: str, true: str) -> float:
        count = confused[read, true] + PRIOR_CHARS * any_rate
        return count / (seen[true] + PRIOR_CHARS) / any_rate

    return {(a, b): (rate(a, b) + rate(b, a)) / 2 for a, b in combinations(known, 2)}


def price(multiples: dict[Pair, float]) -> dict[Pair, int]:
    """What each pair costs in hundredths, 100 being any substitution.

    The cost falls with the logarithm of the pair's rate. No pair is dearer than a detour over
    another character (Floyd and Warshall), which makes the weighted edit distance a metric.
    """
    scale = (100 - LEAST_COST) / math.log(max(multiples.values()))
    costs: dict[Pair, int] = {}
    for (a, b), multiple in multiples.items():
        cost = round(100 - scale * math.log(multiple))
        costs[a, b] = costs[b, a] = cost if cost <= MOST_COST else 100
    characters = {a for pair in costs for a in pair}
    for via in characters:
        for a, b in permutations(characters - {via}, 2):
            costs[a, b] = min(costs[a, b], costs[a, via] + costs[via, b])
    return {(a, b): costs[a, b] for a, b in multiples if costs[a, b] < 100}


def as_module(costs: dict[Pair, int], origin: str) -> str:
    """The Python file with the table: a line for each cost."""
    by_cost: dict[int, list[str]] = defaultdict(list)
    for (a, b), cost in costs.items():
        by_cost[cost].append(a + b)
    lines = [
        line
        for cost, pairs in sorted(by_cost.items())
        for line in wrap(
            f"{cost / 100:.2f} {' '.join(sorted(pairs))}", 96, subsequent_indent="     "
        )
    ]
    table = "\n".join(lines)
    return f'''"""Which characters the reader takes for which, as measured.

{origin}
"""

COSTS = """
{table}
"""
"""A cost, then the pairs that have it; any other pair costs 1."""
'''


if __name__ == "__main__":
    seen, confused, used = measure(Path(sys.argv[1]))
    origin = (
        f"Made by `python bench/confusions.py DATA_ROOT`; do not edit. Counted: {confused.total()} "
        f"of {seen.total()} characters confused, in {used['dev readings']} readings of "
        f"{used['dev crops']} dev crops (as they are, and shrunk to {WIDTHS_PX} pixels) and "
        f"{used['train readings']} of {used['train crops']} train crops (shrunk only)."
    )
    OUT.write_text(as_module(price(rates(seen, confused)), fill(origin, 98)))
