"""Each data set is told by what lies at its path."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.data.layouts import kind_of, read_dataset
from platestream.lab.data.sample import Sample
from platestream.video.pictures import write_picture

CCPD_NAME = (
    "025-95_113-154&383_386&473-386&473_177&454_154&383_363&402-0_0_22_27_27_33_16-37-15.jpg"
)
UFPR_LABEL = """camera: GoPro Hero4 Silver
position_vehicle: 10 10 80 60
\ttype: car
plate: AZJ-6991
corners: 20,20 60,20 60,34 20,34
"""


def add_picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_picture(path, np.zeros((60, 100, 3), np.uint8))


def texts(path: Path, split: str | None = None) -> list[str]:
    return [item.text for item in read_dataset(path, split)]


def test_a_label_file(tmp_path: Path) -> None:
    add_picture(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_text("file,split,text\na.png,dev,AB12\n")
    assert texts(tmp_path) == texts(tmp_path / "labels.csv") == ["AB12"]
    assert kind_of(read_dataset(tmp_path)) == "crops"


def test_ufpr_alpr(tmp_path: Path) -> None:
    track = tmp_path / "testing" / "track0001"
    add_picture(track / "track0001[01].png")
    (track / "track0001[01].txt").write_text(UFPR_LABEL)
    (sample,) = read_dataset(tmp_path, "test")
    assert isinstance(sample, Sample)
    assert (sample.text, sample.track) == ("AZJ6991", "track0001")
    assert kind_of([sample]) == "frames"


def test_ccpd(tmp_path: Path) -> None:
    add_picture(tmp_path / "ccpd_base" / CCPD_NAME)
    assert texts(tmp_path) == ["皖AY339S"]
    assert kind_of(read_dataset(tmp_path)) == "frames"


def test_a_plain_folder(tmp_path: Path) -> None:
    add_picture(tmp_path / "AB12_1.png")
    add_picture(tmp_path / "CD34" / "0.png")
    assert texts(tmp_path) == ["AB12", "CD34"]
    assert kind_of(read_dataset(tmp_path)) == "tracks"
    assert texts(tmp_path, "dev") == []


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="check the path"):
        read_dataset(tmp_path / "missing.csv")
    with pytest.raises(DataError, match="no pictures"):
        read_dataset(tmp_path)
