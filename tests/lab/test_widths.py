"""Plates made as wide as wanted, and how many of them are found."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.types import Detection, Rgb
from platestream.lab.data.sample import Sample
from platestream.lab.widths import can_be_so_wide, place, recall_of_width
from platestream.video.pictures import write_picture

BOX = (40.0, 30.0, 80.0, 40.0)


def frame() -> Rgb:
    rgb = np.full((80, 120, 3), 50, np.uint8)
    rgb[30:40, 40:80] = (250, 20, 20)
    return rgb


class _RedFinder:
    """Finds what is red, down to a width."""

    def __init__(self, least_px: int) -> None:
        self._least_px = least_px

    def detect(self, rgb: Rgb) -> list[Detection]:
        rows, columns = np.nonzero((rgb[..., 0] > 180) & (rgb[..., 1] < 60))
        box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        is_large = box[2] - box[0] >= self._least_px
        return [Detection(tuple(map(float, box)), 0.9)] if is_large else []


@pytest.mark.parametrize("width_px", [12, 40, 200, 400])
@pytest.mark.parametrize("seed", range(3))
def test_a_plate_lies_where_it_is_said_to_lie(width_px: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture, box = place(frame(), BOX, width_px, (400, 240), rng)
    assert picture.shape == (240, 400, 3)
    assert box[2] - box[0] == pytest.approx(width_px)
    (found,) = _RedFinder(1).detect(picture)
    assert found.box_xyxy == pytest.approx(box, abs=max(1.5, 0.06 * width_px))


def test_a_tall_plate_is_made_as_high_as_the_picture() -> None:
    _, box = place(frame(), (40.0, 20.0, 60.0, 60.0), 300, (300, 200), np.random.default_rng(0))
    assert box[3] - box[1] == pytest.approx(0.98 * 200)


def test_recall_counts_the_plates_that_are_found(tmp_path: Path) -> None:
    path = tmp_path / "frame.png"
    write_picture(path, frame())
    sample = Sample(path, "dev", "A1", BOX, None, None, None)
    unlabelled = Sample(path, "dev", "A1", None, None, None, None)
    rng = np.random.default_rng(0)
    row = recall_of_width([sample, unlabelled], _RedFinder(30), 60, (320, 200), rng)
    assert (row.num_plates, row.recall, row.share) == (1, 1.0, 60 / 320)
    assert recall_of_width([sample], _RedFinder(90), 60, (320, 200), rng).recall == 0
    assert can_be_so_wide(sample, 480)
    assert not can_be_so_wide(sample, 481)
    assert not can_be_so_wide(unlabelled, 40)
