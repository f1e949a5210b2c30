"""What the network should say of a picture, by hand."""

import numpy as np
import pytest

from platestream.lab.train.detector.scenes import box_quads
from platestream.lab.train.detector.targets import encode_targets
from platestream.lab.train.detector.views import View

NO_BOXES = np.zeros((0, 4), np.float32)


def make_view(
    boxes: np.ndarray, *, size: tuple[int, int] = (64, 96), ignored: np.ndarray = NO_BOXES
) -> View:
    known = np.arange(len(boxes)) == 0
    return View(np.zeros((*size, 3), np.uint8), boxes, box_quads(boxes), known, ignored)


def test_targets_by_hand() -> None:
    view = make_view(
        np.array([[16, 20, 64, 36]], np.float32),  # centre (40, 28): cell 5, 3
        ignored=np.array([[80, 0, 96, 16]], np.float32),
    )
    targets = encode_targets(view)
    heat, weight = targets["heat"][0], targets["heat_weight"][0]
    assert heat.shape == (8, 12)
    assert np.argwhere(heat == 1).tolist() == [[3, 5]]
    # 48 px are 6 cells: sigma 0.54; 16 px are 2 cells: sigma 0.5 at least.
    assert heat[3, 6] == pytest.approx(np.exp(-1 / (2 * 0.54**2)))
    assert heat[4, 5] == pytest.approx(np.exp(-1 / (2 * 0.5**2)))
    assert np.argwhere(weight == 0).tolist() == [[r, c] for r in range(3) for c in (10, 11)]
    assert targets["box"][:, 3, 5].tolist() == [16, 20, 64, 36]
    assert targets["quad"][:, 3, 5].tolist() == [16, 20, 64, 20, 64, 36, 16, 36]
    near = targets["box_weight"][0] > 0
    assert np.argwhere(near).tolist() == [[2, 5], [3, 4], [3, 5], [3, 6], [4, 5]]
    assert (targets["quad_weight"] == targets["box_weight"]).all()


def test_of_two_plates_the_closer_claims_a_cell() -> None:
    boxes = np.array([[0, 24, 80, 40], [48, 24, 64, 40]], np.float32)
    targets = encode_targets(make_view(boxes))
    assert targets["box"][:, 4, 5].tolist() == boxes[0].tolist()
    assert targets["box"][:, 4, 7].tolist() == boxes[1].tolist()
    # Of the first plate alone the corners are known.
    assert targets["quad_weight"][0, 4, 5] > 0
    assert targets["quad_weight"][0, 4, 7] == 0


def test_a_view_without_plates_is_all_background() -> None:
    targets = encode_targets(make_view(NO_BOXES, size=(32, 32)))
    assert not targets["heat"].any()
    assert targets["heat_weight"].all()
    assert not targets["box_weight"].any()
