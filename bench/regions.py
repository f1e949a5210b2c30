"""Where plates are from, judged on split dev: `python bench/regions.py DATA`.

Each crop is read by itself, as it was cut; `told` is the region that an event would name first.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from tables import print_rows

from platestream.core.origin import REGIONS
from platestream.core.types import Reading
from platestream.lab.data.origins import ORIGINS
from platestream.lab.train.crops import LabelledCrop, load_crops
from platestream.models.bundle import load_networks

NOTE = (
    "`python bench/regions.py DATA`: at most 60 crops of each set of one country, each read by "
    "itself. `picture_alone` is the share whose region the head says first, `country_right` and "
    "`region_right` that of what an event names first, by picture and text; `mean_share` is what "
    "it says of that one."
)

MOST_A_SET = 60
"""Crops of a set, evenly from all there are."""


def measure_regions(root: Path) -> list[dict[str, Any]]:
    """A row for each set of one country that has plates in split dev."""
    read = load_networks(calibrated=False).read
    rows = []
    for name, crops in sorted(_by_set(root).items(), key=lambda each: ORIGINS[each[0]]):
        region = ORIGINS[name]
        readings = [read(crop.rgb) for crop in _some(crops)]
        told = [reading.regions for reading in readings]
        first = [each[0] if each else ("", 0.0) for each in told]
        is_right = [code.split("-")[0] == region.split("-")[0] for code, _ in first]
        rows.append(
            {
                "region": region,
                "set": name,
                "num": len(readings),
                "picture_alone": _share(_seen(each) == region for each in readings),
                "country_right": _share(is_right),
                "region_right": _share(code.startswith(region) for code, _ in first),
                "mean_share": round(float(np.mean([share for _, share in first])), 4),
            }
        )
    return rows


def _by_set(root: Path) -> dict[str, list[LabelledCrop]]:
    found = defaultdict(list)
    for crop in load_crops(root, "dev"):
        if crop.set_name in ORIGINS:
            found[crop.set_name].append(crop)
    return found


def _some(crops: list[LabelledCrop]) -> list[LabelledCrop]:
    return [
        crops[i] for i in np.linspace(0, len(crops) - 1, min(MOST_A_SET, len(crops))).astype(int)
    ]


def _seen(reading: Reading) -> str:
    log_probs = reading.region_log_probs
    return "" if log_probs is None else REGIONS[int(log_probs.argmax())]


def _share(rights: Any) -> float:
    return round(float(np.mean(list(rights))), 4)


def main() -> None:
    print_rows(measure_regions(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
