from pathlib import Path

import pytest

from platestream.core.errors import ConfigError, DataError
from platestream.lab.data.labels_csv import (
    each_label,
    read_labels,
    read_passages,
)
from platestream.lab.data.layouts import kind_of, read_dataset
from platestream.lab.data.sample import Passage, Sample

HEADER = "file,split,text,x,y,w,h,quad,track,frame_index"
VIDEO_HEADER = "file,split,text,first_frame,last_frame"


def write_labels(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """A label file; the files it may name are a.png, b.png and v.mp4, and all exist."""
    for name in ("a.png", "b.png", "v.mp4"):
        (folder / name).touch()
    path = folder / "labels.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path: Path) -> None:
    quad = "40 5 10 5.5 10 15 40 15"
    path = write_labels(
        tmp_path,
        f"a.png,train,京A·88731,10.0,5.0,30.5,10,{quad},cam_1,7",
        "b.png,dev,,,,,,,,",
    )
    assert read_labels(path) == [
        Sample(
            file=tmp_path / "a.png",
            split="train",
            text="京A88731",
            box_xyxy=(10, 5, 40.5, 15),
            quad=((10, 5.5), (40, 5), (40, 15), (10, 15)),
            track="cam_1",
            frame_index=7,
        ),
        Sample(tmp_path / "b.png", "dev", ""),
    ]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_columns_are_parted_as_spreadsheets_of_many_countries_do(
    tmp_path: Path, delimiter: str
) -> None:
    rows = ("a.png,train,AB1,10.5,5,30,10,,cam_1,7", "b.png,dev,AB2,,,,,,,")
    commas = read_labels(write_labels(tmp_path, *rows))
    path = write_labels(
        tmp_path,
        *(row.replace(",", delimiter) for row in rows),
        header=HEADER.replace(",", delimiter),
    )
    assert read_labels(path) == read_labels(tmp_path) == commas
    path.write_text(path.read_text("utf-8").replace("10.5", "10,5"), "utf-8")
    with pytest.raises(DataError, match=r"line 2: x is '10,5'; it must be a number such as 10.5"):
        read_labels(path)


def test_a_folder_stands_for_its_label_file(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "a.png,train,AB1,,,,,,,")
    assert read_labels(tmp_path) == read_labels(path)
    assert kind_of(read_dataset(tmp_path)) == "crops"


def test_one_split_can_be_chosen(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "a.png,train,AB1,,,,,,,", "b.png,dev,AB2,,,,,,,")
    assert [s.text for s in read_labels(path, "dev")] == ["AB2"]
    assert read_labels(path, "test") == []
    with pytest.raises(ConfigError, match="no split 'training'; did you mean train"):
        read_labels(path, "training")


def test_three_columns_are_enough(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "AB1,a.png,train", header="text,file,split")
    assert read_labels(path) == [Sample(tmp_path / "a.png", "train", "AB1")]


def test_a_quad_alone_gives_the_box(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "a.png,train,AB1,,,,,0 1 9 0 9 5 0 6,,")
    assert read_labels(path)[0].box_xyxy == (0, 0, 9, 6)


def test_byte_order_mark_blank_lines_and_spaces_are_fine(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "", " a.png , train , AB1 ,,,,,,,", "")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_labels(path) == [Sample(tmp_path / "a.png", "train", "AB1")]


def test_passages_are_read(tmp_path: Path) -> None:
    path = write_labels(
        tmp_path, "v.mp4,dev,ab 12,3,70", "v.mp4,train,CD34,80,80", header=VIDEO_HEADER
    )
    assert read_passages(path, "dev") == [Passage(tmp_path / "v.mp4", "dev", "AB12", 3, 70)]
    assert len(read_passages(path)) == 2
    assert kind_of(read_dataset(path)) == "video"


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("a.png,train,AB1,,,,,,,", "crops"),
        ("a.png,train,AB1,,,,,,t1,0", "tracks"),
        ("a.png,train,AB1,1,1,5,5,,,", "frames"),
        ("a.png,train,AB1,1,1,5,5,,t1,0", "frames"),
        ("a.png,train,AB1,,,,,0 0 5 0 5 5 0 5,t1,0", "frames"),
    ],
)
def test_kinds_of_pictures(tmp_path: Path, row: str, kind: str) -> None:
    assert kind_of(read_dataset(write_labels(tmp_path, "b.png,dev,,,,,,,,", row))) == kind


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("nope.png,train,AB1,,,,,,,", r"nope\.png is missing"),
        (",train,AB1,,,,,,,", "'file' is empty"),
        (
            "a.png,training,AB1,,,,,,,",
            r"no split 'training'; did you mean train\? Choose one of train, dev, test",
        ),
        ("a.png,train,AB?1,,,,,,,", r"'\?', which is not in the alphabet"),
        ("a.png,train,ABCDEFGHIJKLM,,,,,,,", "has 13 characters"),
        ("a.png,train,AB1,ten,5,30,10,,,", "x is 'ten'; it must be a number"),
        ("a.png,train,AB1,10,nan,30,10,,,", "y is 'nan'"),
        ("a.png,train,AB1,10,5,30,,,,", "h is ''"),
        ("a.png,train,AB1,10,5,0,10,,,", "0x10 pixels has no area"),
        ("a.png,train,AB1,,,,,1 2 3 4 5 6 7,,", "quad has 7 numbers; it needs 8"),
        ("a.png,train,AB1,,,,,1 2 3 4 5 6 7 8,,", "enclose no convex shape"),
        ("a.png,train,AB1,,,,,,t1,-1", "frame_index is '-1'; it must be a whole number"),
        ("a.png,train,AB1,,,,,,t1,1.5", "frame_index is '1.5'"),
        ("a.png,train,AB1", "3 fields where the header has 10"),
        ('a.png,train,"AB1,,,,,,,', "not CSV"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, says: str) -> None:
    path = write_labels(tmp_path, "b.png,dev,OK1,,,,,,,", row)
    with pytest.raises(DataError, match=says) as caught:
        read_labels(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("v.mp4,dev,AB1,5,4", "last_frame 4 is before first_frame 5"),
        ("v.mp4,dev,AB1,x,4", "first_frame is 'x'"),
        ("nope.mp4,dev,AB1,0,4", r"nope\.mp4 is missing"),
    ],
)
def test_a_wrong_passage_is_named(tmp_path: Path, row: str, says: str) -> None:
    path = write_labels(tmp_path, row, header=VIDEO_HEADER)
    with pytest.raises(DataError, match=f"line 2: .*{says}"):
        read_passages(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: the header is ''"),
        (b"file,text\na.png,AB1\n", "line 1: the header is 'file,text'; use file,split,text"),
        (b"file,split,text,trak\n", "line 1: the header is"),
        (b"file,split,text,text\n", "line 1: the header is"),
        (b"file,split,text\n", "has no rows"),
        (b"file,split,text\na.png,dev,AB1\nb.png,dev,\xff\n", "line 3: not UTF-8"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole(tmp_path: Path, content: bytes, says: str) -> None:
    path = write_labels(tmp_path)
    path.write_bytes(content)
    for use in (read_labels, read_dataset):
        with pytest.raises(DataError, match=says) as caught:
            use(path)
        assert str(path) in str(caught.value)


def test_a_missing_label_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nope.csv"):
        with pytest.raises(DataError, match=r"\.csv: cannot read the labels \(No such file"):
            read_labels(path)


def test_pictures_are_not_read_as_videos(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "a.png,train,AB1,,,,,,,")
    with pytest.raises(DataError, match="use file,split,text,first_frame,last_frame"):
        read_passages(path)


def test_going_through_does_not_stop_at_an_error(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "a.png,no,AB1,,,,,,,", "b.png,dev,AB2,,,,,,,", "b.png,dev")
    found = list(each_label(path))
    assert [line for line, _ in found] == [2, 3, 4]
    assert [type(item) for _, item in found] == [DataError, Sample, DataError]
