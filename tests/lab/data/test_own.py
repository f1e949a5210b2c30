"""Plates that somebody labelled: every format that is promised, and what is left aside."""

import json
from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.data.own import read_own
from platestream.video.pictures import write_picture


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("a.png", "images/b.png"):
        write_picture(tmp_path / name, np.zeros((40, 120, 3), np.uint8))
    return tmp_path


@pytest.mark.parametrize(
    "header", ["file,text", "image_path,plate_text", " Filename ,Plate", "text,file"]
)
def test_a_table_with_a_file_and_a_text(pictures: Path, header: str) -> None:
    rows = ["a.png,ab-12 3", "b.png,CD45"]
    if header.startswith("text"):
        rows = [",".join(reversed(row.split(","))) for row in rows]
    (pictures / "mine.csv").write_text("\n".join([header, *rows]), encoding="utf-8-sig")
    samples = read_own(pictures / "mine.csv").samples
    assert [(s.file.name, s.text, s.split) for s in samples] == [
        ("a.png", "AB123", ""),
        ("b.png", "CD45", ""),
    ]
    assert read_own(pictures).samples == samples, "a folder is read by the table in it"


def test_a_row_that_is_wrong_is_left_aside_and_the_others_are_read(pictures: Path) -> None:
    (pictures / "labels.csv").write_text(
        "file,text,split,x,y,w,h\na.png,AB12,dev,1,2,30,10\ngone.png,AB12\na.png,\na.png,A*B\n"
        "a.png,AB13,,1,2,three,10\n"
    )
    own = read_own(pictures)
    (sample,) = own.samples
    assert (sample.split, sample.box_xyxy) == ("dev", (1, 2, 31, 12))
    reasons = dict(own.left_aside)
    assert reasons.pop("picture is missing") == 1
    assert reasons.pop("no text") == 1
    assert reasons.pop("box is no numbers") == 1
    (other,) = reasons
    assert "'A*B'" in other


def test_coco_with_a_text_for_each_box(pictures: Path) -> None:
    coco = {
        "images": [{"id": 7, "file_name": "b.png"}],
        "annotations": [
            {"image_id": 7, "bbox": [1, 2, 30, 10], "attributes": {"plate": "AB12"}},
            {"image_id": 7, "bbox": [1, 2, 30, 10], "text": "CD34"},
            {"image_id": 7, "bbox": [1, 2, 30, 10]},
        ],
    }
    (pictures / "annotations.json").write_text(json.dumps(coco))
    own = read_own(pictures)
    assert [(s.text, s.box_xyxy) for s in own.samples] == [
        ("AB12", (1, 2, 31, 12)),
        ("CD34", (1, 2, 31, 12)),
    ]
    assert own.left_aside == {"no text": 1}


def test_a_folder_of_pictures_named_for_their_plates(tmp_path: Path) -> None:
    write_picture(tmp_path / "AB12_1.png", np.zeros((40, 120, 3), np.uint8))
    assert [sample.text for sample in read_own(tmp_path).samples] == ["AB12"]


def test_what_cannot_be_read_says_what_to_do(pictures: Path) -> None:
    with pytest.raises(DataError, match="check the path"):
        read_own(pictures / "gone.csv")
    (pictures / "mine.csv").write_text("name,said\n")
    with pytest.raises(DataError, match="no column for the file; name one file"):
        read_own(pictures / "mine.csv")
    (pictures / "mine.csv").write_text("file,text\ngone.png,AB12\n")
    with pytest.raises(DataError, match=r"picture is missing \(files are named relative to"):
        read_own(pictures / "mine.csv")
    (pictures / "mine.csv").unlink()
    (pictures / "labels").mkdir()
    (pictures / "labels" / "a.txt").write_text("0 0.5 0.5 0.1 0.1")
    with pytest.raises(DataError, match="YOLO"):
        read_own(pictures)
    (pictures / "broken.json").write_text("{}")
    with pytest.raises(DataError, match="COCO"):
        read_own(pictures / "broken.json")
