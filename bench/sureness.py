"""Of single photos' readings that are sure, how many are wrong.

    python bench/sureness.py DATA_ROOT [MODELS]

Every dev crop once, as labels cut it, with all looks and the confidence of a plate that was seen
once. Of plate streams every fifth frame. O and 0, I and 1 count as the same.
"""

import sys
from collections import Counter
from pathlib import Path

from looks import real_crops

from platestream.core.metrics import fold
from platestream.models.bundle import load_networks
from platestream.models.cards import DEFAULT_ARCH
from platestream.stream.fusion import ScoredReading

LEVELS = (0.99, 0.95, 0.9, 0.8, 0.5)


def main() -> None:
    """Print a table, and what is wrong and sure."""
    root, *models = sys.argv[1:]
    networks = load_networks(DEFAULT_ARCH, Path(models[0]) if models else None)
    rows = []
    for crop in real_crops(Path(root)):
        reading = networks.read(crop.rgb)
        scored = ScoredReading(reading, networks.score(crop.rgb))
        confidence = networks.confidence([scored], reading)
        rows.append((confidence, crop.set_name, crop.text, reading.text))
    print("| confidence | readings | wrong |\n|---|---|---|")
    for level in LEVELS:
        above = [row for row in rows if row[0] >= level]
        wrong = [row for row in above if fold(row[2]) != fold(row[3])]
        print(f"| {level} | {len(above)} | {100 * len(wrong) / max(1, len(above)):.1f} % |")
    sure = [r for r in sorted(rows, reverse=True) if r[0] >= 0.9 and fold(r[2]) != fold(r[3])]
    print(Counter(row[1] for row in sure), file=sys.stderr)
    for confidence, *rest in sure:
        print(f"{confidence:.3f}", *rest, file=sys.stderr)


if __name__ == "__main__":
    main()
