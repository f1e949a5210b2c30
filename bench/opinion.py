"""What a second opinion and nearer corners cost beside finding, on real frames.

    python bench/opinion.py DATA_ROOT SET...

SET is such as frames/brazil. Milliseconds of the processor a frame, of one thread, the lesser of
two tries each; all sides take turns at every third frame of split `dev`.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from platestream.core.types import Detection, Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.models.bundle import load_detector, load_networks, second_opinion
from platestream.video.pictures import read_picture

EVERY: Final = 3
TRIES: Final = 2


def main() -> None:
    """Print a line for each set."""
    cv2.setNumThreads(1)
    root, *sets = sys.argv[1:]
    detector, networks = load_detector(), load_networks()
    asking = second_opinion(detector, networks)

    def with_corners(rgb: Rgb) -> list[Detection]:
        found = asking.detect(rgb)
        return [networks.nearer(rgb, plate) if networks.nearer else plate for plate in found]

    sides: dict[str, Callable[[Rgb], object]] = {
        "detector": detector.detect,
        "with a second opinion": asking.detect,
        "and nearer corners": with_corners,
    }
    for name in sets:
        files = sorted({sample.file for sample in read_labels(Path(root, name), "dev")})
        taken_ms: dict[str, list[float]] = {side: [] for side in sides}
        for file in files[::EVERY]:
            rgb = read_picture(file)
            tries: dict[str, list[float]] = {side: [] for side in sides}
            for _ in range(TRIES + 1):
                for side, find in sides.items():
                    start_s = time.thread_time()
                    find(rgb)
                    tries[side].append(1000 * (time.thread_time() - start_s))
            for side, each in tries.items():
                taken_ms[side].append(min(each[1:]))  # the first one warms caches up
        print(
            json.dumps(
                {"set": name, **{s: round(float(np.mean(t)), 2) for s, t in taken_ms.items()}}
            )
        )


if __name__ == "__main__":
    main()
