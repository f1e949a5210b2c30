"""What laying one crop on a stack costs, beside what scoring it costs, on one thread.

    python bench/stack_cost.py

Rendered plates of many countries, filmed as they pass; each crop is scored by the quality network
and laid on its plate's stack, in turn in one run. CPU time; a busy machine doubles it all the same.
"""

import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from platestream.lab.render.bank import draw_plate
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.stream import render_stream
from platestream.models.bundle import load_networks
from platestream.models.stacking import Stack

NUM_PLATES = 20
NUM_FRAMES = 24
LIMIT_MS = 0.5


def cost_ms(call: Callable[..., Any], *values: object) -> float:
    """CPU milliseconds of one call."""
    start_s = time.thread_time()
    call(*values)
    return 1000 * (time.thread_time() - start_s)


def main() -> None:
    """Print medians and 90th percentiles."""
    cv2.setNumThreads(1)
    score = load_networks(calibrated=False).score
    book = GlyphBook(None)
    lays: list[float] = []
    scores: list[float] = []
    for index in range(NUM_PLATES):
        rng = np.random.default_rng((2027, index))
        _, _, plate = draw_plate(rng, book)
        stack = Stack()
        for frame, crop in enumerate(render_stream(plate, NUM_FRAMES, rng)):
            scores.append(cost_ms(score, crop))
            lay_ms = cost_ms(stack.add, crop, 1.0)
            if frame:  # the first is laid down as it is
                lays.append(lay_ms)
    for name, costs in (("score", scores), ("lay on a stack", lays)):
        median, most = np.quantile(costs, (0.5, 0.9))
        print(f"{name}: {median:.3f} ms (median), {most:.3f} ms (90 %), {len(costs)} crops")
    held = float(np.median(lays)) <= LIMIT_MS
    print(f"{'within' if held else 'over'} {LIMIT_MS} ms a crop")


if __name__ == "__main__":
    main()
