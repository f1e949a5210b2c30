"""A frame cut through its plate shows what is left of the plate at its edge."""

import numpy as np
import pytest

from tests.cut_frames import cut_by_edge

BOX = (40.0, 30.0, 80.0, 40.0)


@pytest.mark.parametrize("seed", range(20))
def test_the_rest_of_the_plate_lies_at_the_edge(seed: int) -> None:
    rgb = np.zeros((80, 120, 3), np.uint8)
    rgb[30:40, 40:80] = 255
    rest, (x1, y1, x2, y2) = cut_by_edge(rgb, BOX, np.random.default_rng(seed))
    rows, columns = np.nonzero(rest[..., 0])
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x1, y1, x2, y2)
    height, width = rest.shape[:2]
    assert sum((x1 == 0, y1 == 0, x2 == width, y2 == height)) == 1
    left = (x2 - x1) * (y2 - y1) / 400
    assert 0.35 < left < 0.95
