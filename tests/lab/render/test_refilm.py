"""Real crops, filmed again: some untouched, none written into, none shrunk away."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platestream.core.types import Rgb
from platestream.lab.render.refilm import degrade, tilt


@pytest.fixture
def plate(rng: np.random.Generator) -> Rgb:
    coarse = rng.integers(60, 250, (5, 22, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (221, 47), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_a_share_of_real_crops_stays_untouched(plate: Rgb, rng: np.random.Generator) -> None:
    results = [degrade(plate, rng) for _ in range(400)]
    untouched = [result is plate for result in results]
    assert 0.18 < np.mean(untouched) < 0.32
    assert all(r.dtype == np.uint8 and r.shape[2] == 3 for r in results)
    assert max(r.shape[0] for r in results) == plate.shape[0]
    assert min(r.shape[0] for r in results) >= 10


def test_degrading_never_writes_into_the_crop(plate: Rgb, rng: np.random.Generator) -> None:
    before = plate.copy()
    for _ in range(50):
        degrade(plate, rng, strength=2.0)
    assert np.array_equal(plate, before)


def test_strength_decides_how_much_is_lost(plate: Rgb) -> None:
    def loss(strength: float) -> float:
        rng = np.random.default_rng(3)
        total = 0.0
        for _ in range(200):
            crop = degrade(plate, rng, strength)
            full = cv2.resize(crop, (plate.shape[1], plate.shape[0]))
            total += float(np.abs(full.astype(int) - plate).mean())
        return total / 200

    assert loss(0.0) < 5
    assert loss(0.0) < loss(0.5) < loss(1.0) < loss(2.0)


def test_tiny_crops_are_not_shrunk_away(rng: np.random.Generator) -> None:
    tiny = np.full((8, 24, 3), 90, np.uint8)
    assert all(degrade(tiny, rng).shape == (8, 24, 3) for _ in range(50))


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_tilting_keeps_the_whole_plate(seed: int) -> None:
    # A black rim, then white, and a red dot near each corner.
    plate = np.full((60, 240, 3), 255, np.uint8)
    for row, column in ((8, 8), (8, 231), (51, 8), (51, 231)):
        plate[row - 3 : row + 4, column - 3 : column + 4] = (255, 0, 0)
    tilted = tilt(plate, np.random.default_rng(seed)).astype(int)
    is_red = ((tilted[..., 0] - tilted[..., 1]) > 100).astype(np.uint8)
    num, *_ = cv2.connectedComponents(is_red)
    assert num - 1 == 4
