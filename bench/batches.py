"""What a picture costs a network in batches of several: the processor's time, and the clock's.

    python bench/batches.py [--devices cpu openvino] [--batches 1 2 4 8]

Batches over cameras would have to gain more than the wait for them costs. The sizes take turns, and
given are medians: other work on the machine changes them little. The detector's pictures are of two
sizes, those of a whole frame and those of a strip in which something moves.
"""

import argparse
import json
import os
import sys
import time
from statistics import median

import numpy as np

from platestream.models.cards import find_card
from platestream.models.session import open_session

NETWORKS = {
    "reader": ("reader-nano", (32, 128)),
    "second reader": ("reader-p", (32, 128)),
    "quality": ("quality-nano", (32, 128)),
    "detector, 640x384": ("detector", (384, 640)),
    "detector, 256x128": ("detector", (128, 256)),
}
NUM_ROUNDS = 7
LEAST_PICTURES = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--devices", nargs="+", default=["cpu"])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 2, 4, 8])
    given = parser.parse_args()
    rows = [
        {"device": device, "network": name, **measure(*network, device, given.batches)}
        for device in given.devices
        for name, network in NETWORKS.items()
    ]
    sys.stdout.write(json.dumps({"load": round(os.getloadavg()[0], 1), "rows": rows}, indent=1))
    sys.stdout.write("\n")


def measure(name: str, size_px: tuple[int, int], device: str, sizes: list[int]) -> dict[str, str]:
    """Milliseconds a picture, processor and clock, for each size of a batch."""
    session = open_session(find_card(name, None).read_weights(), 1, device)
    source = session.get_inputs()[0].name
    shape = [given if isinstance(given, int) else px for given, px in
             zip(session.get_inputs()[0].shape[1:3], size_px, strict=True)]  # fmt: skip
    pictures = np.random.default_rng(0).integers(0, 256, (max(sizes), *shape, 3), np.uint8)
    spent: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    for size in sizes:
        session.run(None, {source: pictures[:size]})  # a first call plans memory
    for _ in range(NUM_ROUNDS):
        for size in sizes:
            num_calls = max(1, LEAST_PICTURES // size)
            begun_s, cpu_s = time.perf_counter(), time.process_time()
            for _ in range(num_calls):
                session.run(None, {source: pictures[:size]})
            each_ms = 1000 / (num_calls * size)
            cpu_ms, wall_ms = time.process_time() - cpu_s, time.perf_counter() - begun_s
            spent[size].append((cpu_ms * each_ms, wall_ms * each_ms))
    return {
        f"{size} at a time": " / ".join(f"{median(each):.2f}" for each in zip(*times, strict=True))
        for size, times in spent.items()
    }


if __name__ == "__main__":
    main()
