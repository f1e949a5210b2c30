"""How fast the parts are: rendering, and each shipped network on one thread.

    python bench/rates.py [--before CHECKOUT]

All parts take turns, and medians are given. With `--before` an older checkout and this one take
turns as well, `NUM_TURNS` each, every turn in a process of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from platestream.lab.render.bank import build_bank
from platestream.lab.render.camera import Camera, shoot
from platestream.lab.render.refilm import degrade
from platestream.models.bundle import load_corner_finder, load_detector, load_networks
from platestream.models.cards import load_card
from platestream.models.reader import OnnxReader
from platestream.models.registry import ARCHITECTURES

NUM_ROUNDS, NUM_TURNS = 30, 3


def milliseconds_in_turn(sides: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median time of each side, all sides taking turns so that a busy moment hits all."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for run in range(NUM_ROUNDS + 3):
        for name, call in sides.items():
            start_s = time.perf_counter()
            call()
            if run >= 3:  # the first rounds warm caches up
                times[name].append(1000 * (time.perf_counter() - start_s))
    return {name: round(median(values), 3) for name, values in times.items()}


def measure_rates() -> dict[str, float]:
    """Milliseconds of each part."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(0)
    start_s = time.perf_counter()
    bank = build_bank(300, seed=0)
    template_ms = 1000 * (time.perf_counter() - start_s) / len(bank.texts)
    plate = bank.images[0]
    crop = shoot(plate, Camera.sample(rng), rng)
    frame = rng.integers(0, 256, (720, 1280, 3), np.uint8)
    detector, corners = load_detector(), load_corner_finder()
    networks = {arch: load_networks(arch) for arch in ARCHITECTURES}
    sides: dict[str, Callable[[], object]] = {
        "render shoot, a crop": lambda: shoot(
            bank.images[rng.integers(300)], Camera.sample(rng), rng
        ),
        "render degrade, a crop": lambda: degrade(crop, rng),
        "detector, a 1280x720 frame": lambda: detector.detect(frame),
        "corners, a crop": lambda: corners(crop),
    }
    for name in sorted({of.reader for of in ARCHITECTURES.values()}):
        read = OnnxReader(load_card(name).read_weights())
        sides[f"{name}, a crop"] = lambda read=read: read(crop)  # type: ignore[misc]
    for arch, pair in networks.items():
        sides[f"quality {arch}, a crop"] = lambda score=pair.score: score(crop)  # type: ignore[misc]
    return {"render template, a plate": round(template_ms, 3)} | milliseconds_in_turn(sides)


def measure_both(before: Path) -> dict[str, dict[str, float]]:
    """Milliseconds of each part, of an older checkout and of this one."""
    sides = {"before": before, "now": Path(__file__).parents[1]}
    turns: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for _ in range(NUM_TURNS):
        for side, checkout in sides.items():
            env = os.environ | {"PYTHONPATH": str(checkout.resolve() / "src")}
            told = subprocess.check_output([sys.executable, __file__], env=env)
            turns[side].append(json.loads(told))
    return {
        part: {side: median(turn[part] for turn in of) for side, of in turns.items()}
        for part in turns["now"][0]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--before", type=Path)
    given = parser.parse_args()
    found = measure_both(given.before) if given.before else measure_rates()
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
