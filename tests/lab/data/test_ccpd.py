from pathlib import Path

import pytest

from platestream.core.errors import DataError
from platestream.lab.data.ccpd import parse_name, read_ccpd
from platestream.lab.data.sample import Sample

# The example of the data set's own documentation, and what it says that it means.
NAME = "025-95_113-154&383_386&473-386&473_177&454_154&383_363&402-0_0_22_27_27_33_16-37-15.jpg"


def put(folder: Path, name: str = NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    return folder / name


def with_plate(indices: str) -> str:
    return NAME.replace("0_0_22_27_27_33_16", indices)


def test_the_documented_example() -> None:
    assert parse_name(Path(NAME), "train") == Sample(
        file=Path(NAME),
        split="train",
        text="皖AY339S",
        box_xyxy=(154, 383, 386, 473),
        quad=((154, 383), (363, 402), (386, 473), (177, 454)),
    )


@pytest.mark.parametrize(
    ("indices", "plate"),
    [
        ("30_23_0_33_24_23_22_21", "新ZA90ZYX"),
        ("12_1_34_24_25_26_27", "京B0123"),
        ("31_7_8_9_10_11_12", "警HJKLMN"),
    ],
)
def test_plates_by_the_published_tables(indices: str, plate: str) -> None:
    assert parse_name(Path(with_plate(indices)), "test").text == plate


@pytest.mark.parametrize(
    "name",
    [
        "photo.jpg",
        with_plate("0_0_22_27_27_33_35"),
        with_plate("0_0_22_27_27_33_-1"),
        with_plate("0"),
        with_plate("0_0_x_27_27_33_16"),
        NAME.replace("154&383_386&473-", "154&383-"),
        NAME.replace("_363&402", ""),
    ],
)
def test_a_name_that_is_no_label_is_refused(tmp_path: Path, name: str) -> None:
    picture = put(tmp_path, name)
    with pytest.raises(DataError, match="is no CCPD label") as caught:
        read_ccpd(tmp_path)
    assert str(picture) in str(caught.value)


def test_a_box_of_no_area_is_named(tmp_path: Path) -> None:
    put(tmp_path, NAME.replace("154&383_386&473-", "386&473_154&383-"))
    with pytest.raises(DataError, match=r"15\.jpg: a box of .* has no area"):
        read_ccpd(tmp_path)


def test_splits_by_folder(tmp_path: Path) -> None:
    for folder in ("train", "val", "test", "ccpd_base"):
        put(tmp_path / folder)
    put(tmp_path / "ccpd_np", "1.jpg")
    splits = {s.file.parent.name: s.split for s in read_ccpd(tmp_path)}
    assert splits == {"train": "train", "val": "dev", "test": "test", "ccpd_base": "test"}


def test_splits_by_the_lists(tmp_path: Path) -> None:
    base = [put(tmp_path / "ccpd_base", f"{i}{NAME}") for i in range(3)]
    challenge = put(tmp_path / "ccpd_blur")
    (tmp_path / "splits").mkdir()
    for name, files in [("train", base[:2]), ("val", base[2:]), ("test", [challenge])]:
        lines = "\n".join(str(f.relative_to(tmp_path)) for f in files)
        (tmp_path / "splits" / f"{name}.txt").write_text(lines, encoding="utf-8")
    assert [s.file for s in read_ccpd(tmp_path, "train")] == base[:2]
    assert [s.file for s in read_ccpd(tmp_path, "dev")] == base[2:]
    assert [s.file for s in read_ccpd(tmp_path, "test")] == [challenge]


def test_a_listed_picture_that_is_missing_is_named(tmp_path: Path) -> None:
    put(tmp_path / "ccpd_base")
    (tmp_path / "splits").mkdir()
    lines = f"ccpd_base/{NAME}\nccpd_base/lost.jpg\n"
    (tmp_path / "splits" / "train.txt").write_text(lines, encoding="utf-8")
    with pytest.raises(DataError, match=r"train\.txt, line 2: .*lost\.jpg is missing"):
        read_ccpd(tmp_path)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.jpg pictures"):
        read_ccpd(tmp_path)
