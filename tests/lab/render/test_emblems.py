"""Emblems stay where they belong, and differ."""

import numpy as np
import pytest

from platestream.lab.render.emblems import draw_crest, draw_picture, draw_seal


@pytest.mark.parametrize("draw", [draw_crest, draw_picture, draw_seal])
def test_an_emblem_changes_its_place_and_little_around_it(draw: object) -> None:
    assert callable(draw)
    for seed in range(40):
        canvas = np.full((60, 200, 3), 230, np.float32)
        draw(canvas, (90, 20, 20, 20), np.random.default_rng(seed))
        changed = np.flatnonzero((canvas != 230).any(axis=(0, 2)))
        assert changed.size
        assert 70 <= changed.min() <= changed.max() <= 130


def test_no_two_crests_are_the_same() -> None:
    sheets = []
    for seed in range(5):
        canvas = np.zeros((60, 60, 3), np.float32)
        draw_crest(canvas, (10, 10, 40, 40), np.random.default_rng(seed))
        sheets.append(canvas.tobytes())
    assert len(set(sheets)) == 5
