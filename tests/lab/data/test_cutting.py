"""Which samples show a plate, and where."""

from pathlib import Path

import numpy as np

from platestream.lab.data.cutting import cut_sample, with_plates
from platestream.lab.data.sample import Sample
from platestream.video.pictures import write_picture

BOX = (10.0, 10.0, 30.0, 18.0)


def test_of_frames_only_those_with_a_box_can_be_cut() -> None:
    boxed = Sample(Path("a.png"), "dev", "AB1", BOX)
    whole = Sample(Path("b.png"), "dev", "AB1")
    assert with_plates([boxed, whole, Sample(Path("c.png"), "dev", "", BOX)]) == [boxed]
    assert with_plates([whole, Sample(Path("d.png"), "dev", "")]) == [whole]


def test_a_box_is_cut_with_a_margin_and_a_crop_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    write_picture(file, np.zeros((40, 60, 3), np.uint8))
    assert cut_sample(Sample(file, "dev", "AB1", BOX), margin=0).shape == (8, 20, 3)
    # Grown by a tenth, half of it on each side, to whole pixels.
    assert cut_sample(Sample(file, "dev", "AB1", BOX)).shape == (10, 22, 3)
    assert cut_sample(Sample(file, "dev", "AB1")).shape == (40, 60, 3)
