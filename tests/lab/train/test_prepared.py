"""What a run learns from is made ready once."""

from pathlib import Path

import numpy as np
import pytest

from platestream.lab.train.crops import LARGEST_PX, LabelledCrop, shrunk
from platestream.lab.train.prepared import PreparedCrops, prepared


def test_crops_come_back_as_they_were(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    one = LabelledCrop("a", "AB1", rng.integers(0, 255, (20, 60, 3), np.uint8))
    other = LabelledCrop("b", "가2", one.rgb[:9], upright=one.rgb[:7, :5])
    asked = []

    def make() -> PreparedCrops:
        asked.append(1)
        return PreparedCrops([one, other], 3, 4)

    for _ in range(2):
        found = prepared(tmp_path / "run", make)
        assert (found.num_doubtful, found.num_left_aside) == (3, 4)
        for crop, wanted in zip(found.crops, (one, other), strict=True):
            assert (crop.set_name, crop.text) == (wanted.set_name, wanted.text)
            np.testing.assert_array_equal(crop.rgb, wanted.rgb)
        assert found.crops[0].upright is None
        np.testing.assert_array_equal(found.crops[1].upright, one.rgb[:7, :5])
    assert asked == [1]


@pytest.mark.parametrize(("size", "wanted"), [((100, 512), (50, 256)), ((60, 200), (60, 200))])
def test_large_crops_are_shrunk(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    crop = shrunk(LabelledCrop("a", "AB1", np.zeros((*size, 3), np.uint8)))
    assert crop.rgb.shape[:2] == wanted
    assert max(crop.rgb.shape) <= LARGEST_PX
