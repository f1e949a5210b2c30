"""Labels out in every format, and back in as they were."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from platestream.core.errors import ConfigError, DataError
from platestream.lab.data.check import check_labels
from platestream.lab.data.convert import CONVERSIONS, convert
from platestream.lab.data.own import read_own
from platestream.lab.data.sample import Sample
from platestream.video.pictures import read_picture, write_picture


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """A photo with two plates, a crop, and another file of the crop's name."""
    rng = np.random.default_rng(0)
    for name, size in (("gate/a.png", (100, 200)), ("b.png", (20, 80)), ("gate/b.png", (30, 90))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_picture(tmp_path / name, rng.integers(0, 256, (*size, 3)).astype(np.uint8))
    photo = tmp_path / "gate" / "a.png"
    return [
        Sample(photo, "train", "AB123", (10.0, 20.0, 70.0, 40.0)),
        Sample(photo, "train", "CD45", (100.0, 50.0, 160.0, 65.0)),
        Sample(tmp_path / "b.png", "dev", "苏E12345"),
        Sample(tmp_path / "gate" / "b.png", "test", "GH7"),
    ]


@pytest.mark.parametrize("name", [name for name in CONVERSIONS if name != "fast-plate-ocr"])
def test_what_is_written_is_read_back(samples: list[Sample], tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    assert convert(samples, out, name) == (4, [])
    own = read_own(out)
    assert not own.left_aside
    assert [(s.text, s.split) for s in own.samples] == [(s.text, s.split) for s in samples]
    boxes = [s.box_xyxy for s in own.samples]
    assert boxes[:2] == [pytest.approx(s.box_xyxy, abs=0.01) for s in samples[:2]]
    assert boxes[2:] == [pytest.approx((0, 0, 80, 20)), pytest.approx((0, 0, 90, 30))]
    for before, after in zip(samples, own.samples, strict=True):
        assert out in after.file.parents
        assert np.array_equal(read_picture(before.file), read_picture(after.file))


@pytest.mark.parametrize("name", CONVERSIONS)
def test_where_nobody_said_which_split_it_is_all_is_to_learn_from(
    samples: list[Sample], tmp_path: Path, name: str
) -> None:
    out = tmp_path / "out"
    convert([replace(sample, split="") for sample in samples], out, name)
    assert {sample.split for sample in read_own(out).samples} == {"train"}
    if (out / "labels.csv").exists():
        assert not check_labels(out)


def test_fast_plate_ocr_gets_crops_and_a_table_for_each_split(
    samples: list[Sample], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert convert(samples, out, "fast-plate-ocr") == (4, [])
    with (out / "val.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == [
            {"image_path": "images/b.png", "plate_text": "苏E12345"}
        ]
    own = read_own(out)
    assert sorted((s.text, s.split) for s in own.samples) == sorted(
        (s.text, s.split) for s in samples
    )
    sizes = {s.text: read_picture(s.file).shape[:2] for s in own.samples}
    assert sizes["GH7"] == (30, 90)
    assert sizes["AB123"][0] < 40, "cut out of the photo"


def test_pictures_of_one_name_have_yolo_labels_each(tmp_path: Path) -> None:
    """YOLO's are named for the picture without its suffix."""
    rgb = np.zeros((40, 80, 3), np.uint8)
    box = (10.0, 10.0, 50.0, 20.0)
    samples = []
    for name in ("a.png", "a.jpg"):
        write_picture(tmp_path / name, rgb)
        samples.append(Sample(tmp_path / name, "train", "AB1", box))
    convert(samples, tmp_path / "out", "yolo")
    names = [{path.stem for path in (tmp_path / "out" / d).iterdir()} for d in ("images", "labels")]
    assert names[0] == names[1]
    assert len(names[0]) == 2


def test_yolo_has_shares_of_the_picture(samples: list[Sample], tmp_path: Path) -> None:
    convert(samples, tmp_path / "out", "yolo")
    lines = (tmp_path / "out" / "labels" / "a.txt").read_text().splitlines()
    # Centre (40, 30) of 200x100, 60x20 large; then (130, 57.5), 60x15.
    assert lines == [
        "0 0.200000 0.300000 0.300000 0.200000",
        "0 0.650000 0.575000 0.300000 0.150000",
    ]
    assert (tmp_path / "out" / "train.txt").read_text() == "./images/a.png\n"
    assert "val: val.txt" in (tmp_path / "out" / "data.yaml").read_text()


def test_the_tools_find_what_they_look_for(samples: list[Sample], tmp_path: Path) -> None:
    for name in ("coco", "label-studio", "cvat"):
        convert(samples, tmp_path / name, name)
    coco = json.loads((tmp_path / "coco" / "annotations.json").read_text(encoding="utf-8"))
    assert coco["annotations"][0]["bbox"] == [10.0, 20.0, 60.0, 20.0]
    assert coco["categories"] == [{"id": 1, "name": "plate"}]
    (photo, *_) = json.loads((tmp_path / "label-studio" / "tasks.json").read_text(encoding="utf-8"))
    box, text = photo["annotations"][0]["result"][:2]
    assert box["value"]["x"] == 5.0, "in per cent"
    assert box["value"]["rectanglelabels"] == ["plate"]
    assert (text["id"], text["value"]["text"]) == (box["id"], ["AB123"])
    root = ElementTree.parse(tmp_path / "cvat" / "annotations.xml").getroot()
    assert root.findtext("version") == "1.1"
    assert [box.get("xbr") for box in root.iter("box")][:2] == ["70.00", "160.00"]


def test_a_picture_that_is_broken_is_named_and_the_others_are_written(
    samples: list[Sample], tmp_path: Path
) -> None:
    samples[2].file.write_bytes(b"no picture")
    num, problems = convert(samples, tmp_path / "out", "coco")
    assert num == 3
    assert [str(samples[2].file) in problem for problem in problems] == [True]


def test_an_unknown_format_names_the_nearest(samples: list[Sample], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="coco"):
        convert(samples, tmp_path / "out", "cocco")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "text",
    ["<!DOCTYPE a [<!ENTITY b 'c'>]><annotations/>", "<annotations/>\0", "<boxes/>",
     "<annotations>", "<annotations><image name='a.png'><box xtl='1'/></image></annotations>"],
)  # fmt: skip
def test_xml_that_is_none_of_cvat_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    with pytest.raises(DataError, match="neither COCO nor"):
        read_own(tmp_path / "a.xml")
