"""A plate that stands as it stood is cut and judged once."""

import numpy as np

from platestream.core.types import Frame, Rgb
from platestream.models.preprocess import cut_from
from platestream.video.crops import CropCutter, ScoredOnce
from tests.detections import slanted

STREET = np.random.default_rng(0).integers(0, 256, (60, 120, 3), np.uint8)
PLATE = (20.0, 10.0, 60.0, 22.0)


def test_the_same_detection_is_not_cut_again_and_a_new_one_is() -> None:
    cutter, plate = CropCutter(), slanted(PLATE)
    crop = cutter.cut(Frame(0, 0.0, STREET), 1, plate)
    assert (crop == cut_from(Frame(0, 0.0, STREET), plate)).all()
    brighter = Frame(1, 0.1, 255 - STREET)
    assert cutter.cut(brighter, 1, plate) is crop
    assert (cutter.cut(brighter, 1, slanted(PLATE)) == cut_from(brighter, plate)).all()


def test_tracks_have_their_own_and_none_once_they_are_over() -> None:
    cutter, plate = CropCutter(), slanted(PLATE)
    crop = cutter.cut(Frame(0, 0.0, STREET), 1, plate)
    dark = Frame(1, 0.1, STREET // 2)
    assert (cutter.cut(dark, 2, plate) != crop).any()
    cutter.forget(1)
    assert (cutter.cut(dark, 1, plate) != crop).any()


def test_a_crop_is_scored_once_and_no_other_takes_its_score() -> None:
    scored: list[float] = []

    def score(rgb: Rgb, /) -> float:
        scored.append(float(rgb[0, 0, 0]))
        return scored[-1]

    once = ScoredOnce(score)
    crops = [np.full((4, 8, 3), level, np.uint8) for level in (7, 8)]
    assert [once(crop) for crop in (*crops, *crops)] == [7, 8, 7, 8]
    assert scored == [7, 8]
    for level in range(200):  # each array dies: its address may be another's next
        assert once(np.full((4, 8, 3), level, np.uint8)) == level
