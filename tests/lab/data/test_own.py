"""Plates that somebody labelled: every format that is promised, and what is left aside."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.data.own import read_own, with_splits
from platestream.lab.data.sample import Sample
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


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("name", ["mine.csv", "labels.csv"])
def test_columns_are_parted_as_spreadsheets_of_many_countries_do(
    pictures: Path, name: str, delimiter: str
) -> None:
    text = 'File,Plate,Seen by\r\na.png,ab-12 3,"Otto, Anna"\r\nb.png,CD45,\r\n'
    text = text.replace(",", delimiter).replace(f"Otto{delimiter}", "Otto,")
    (pictures / name).write_text(text, "utf-8-sig", newline="")
    own = read_own(pictures)
    assert [(s.file.name, s.text) for s in own.samples] == [("a.png", "AB123"), ("b.png", "CD45")]
    assert not own.left_aside


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
    assert reasons == {"row 5: the text has '*', which is not in the alphabet": 1}
    assert "A*B" not in str(own.left_aside)


def test_the_first_reasons_are_told_where_nothing_can_be_used(pictures: Path) -> None:
    rows = ["gone.png,AB12", "gone.png,AB13", "a.png,", "a.png,A*B", "a.png," + "A" * 13]
    (pictures / "mine.csv").write_text("\n".join(["file,text", *rows]))
    with pytest.raises(DataError) as caught:
        read_own(pictures / "mine.csv")
    assert str(caught.value) == (
        f"{pictures / 'mine.csv'}: no plate in it can be used: 2 x picture is missing, "
        "1 x no text, 1 x row 5: the text has '*', which is not in the alphabet, 1 more reason "
        "(files are named relative to the folder of mine.csv)"
    )


def test_a_file_named_for_a_split_says_it_where_its_rows_do_not(pictures: Path) -> None:
    for name, number in (("train", 1), ("val", 2)):
        coco = {
            "images": [{"id": 1, "file_name": "a.png"}],
            "annotations": [{"image_id": 1, "attributes": {"text": f"AB{number}"}}],
        }
        (pictures / f"{name}.json").write_text(json.dumps(coco), encoding="utf-8")
    assert [(s.text, s.split) for s in read_own(pictures).samples] == [
        ("AB1", "train"),
        ("AB2", "dev"),
    ]


def test_plates_that_all_are_to_learn_from_still_have_judges() -> None:
    samples = [Sample(Path("a.png"), "train", f"AB{number:03}") for number in range(40)]
    for some in (samples, samples[:3]):
        parted = Counter(sample.split for sample in with_splits(some))
        assert set(parted) == {"train", "dev"}
    said = [Sample(Path("a.png"), "", "AB1"), Sample(Path("a.png"), "test", "AB2")]
    assert [sample.split for sample in with_splits(said)] == ["train", "test"]


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


DEEP = "[" * 50_000
STUDIO = '[{"data": {"image": "a.png"}, "annotations": [{"result": [%s]}]}]'
COCO = '{"images": [{"id": 1, "file_name": %s}], "annotations": [%s]}'
HOSTILE = {
    "deep.json": DEEP,
    "deeper.json": '{"images":' * 20_000,
    "number.json": "9" * 10_000,
    "infinite.json": COCO
    % ('"a.png"', '{"image_id": 1, "text": "AB12", "bbox": [1e999, 1, 1, 1]}'),
    "huge.json": COCO
    % ('"a.png"', '{"image_id": 1, "text": "AB12", "bbox": [1%s, 1, 1, 1]}' % ("0" * 400)),
    "lists.json": COCO % ('"a.png"', '{"image_id": 1, "text": "AB12", "bbox": [[], {}, 1, 1]}'),
    "null.json": COCO % ('"a\\u0000.png"', '{"image_id": 1, "text": "AB12"}'),
    "long.json": COCO % ('"%s.png"' % ("a" * 5000), '{"image_id": 1, "text": "AB12"}'),
    "half.json": COCO % ('"\\ud800.png"', '{"image_id": 1, "text": "AB12"}'),
    "studio.json": STUDIO % '{"id": 1, "value": {"x": "a", "y": 1}, "original_width": 0}',
    "studio-deep.json": STUDIO % DEEP,
    "deep.xml": "<annotations>" + "<image>" * 20_000,
    "bomb.xml": '<!DOCTYPE a [<!ENTITY b "%s">]><annotations>&b;</annotations>' % ("x" * 10),
    "long.csv": "file,text\n%s.png,AB12\n" % ("a" * 5000),
    "null.csv": "file,text\na\0.png,AB12\n",
    "field.csv": "file,text\na.png,%s\n" % ("A" * 200_000),
    "numbers.csv": "file,text,x,y,w,h\na.png,AB12,1e400,nan,inf,-1\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_in_a_file_is_one_of_our_errors(pictures: Path, name: str) -> None:
    (pictures / name).write_text(HOSTILE[name], encoding="utf-8", errors="surrogatepass")
    with pytest.raises(DataError) as caught:
        read_own(pictures / name)
    assert name in str(caught.value)
    assert len(str(caught.value)) < 7000
