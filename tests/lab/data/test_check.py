from pathlib import Path

import av
import numpy as np
import pytest

from platestream.lab.data.check import check_labels
from platestream.video.pictures import write_picture

HEADER = "file,split,text,x,y,w,h,quad,track,frame_index"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of 40x20 pixels and a broken one."""
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / name, np.zeros((20, 40, 3), np.uint8))
    (tmp_path / "broken.png").write_text("broken")
    return tmp_path


def write_labels(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join((header, *rows)), encoding="utf-8")
    return path


def test_nothing_wrong_is_nothing_said(folder: Path) -> None:
    path = write_labels(
        folder,
        "a.png,train,AB1,0,0,40,20,,,",
        "a.png,train,AB2,-1,0,40,21,,,",
        "b.png,dev,,,,,,,,",
        "a.png,train,,,,,,,,",
    )
    assert check_labels(path) == check_labels(folder) == []


def test_every_problem_is_found(folder: Path) -> None:
    path = write_labels(
        folder,
        "a.png,train,AB?,,,,,,,",
        "broken.png,train,AB1,,,,,,,",
        "nope.png,train,AB1,,,,,,,",
        "a.png,train,AB2,30,0,14,20,,,",
        "b.png,train,AB3,,,,,,,",
        "b.png,train,AB3,,,,,,,",
        "b.png,dev,AB3,,,,,,,",
        "b.png,dev",
        "a.png,train,AB4,3,3,0.3,9,,,",
    )
    expected = [
        (2, "'?', which is not in the alphabet"),
        (4, "nope.png is missing"),
        (9, "2 fields where the header has 10"),
        (3, "broken.png: not a picture"),
        (5, "the box reaches 4 px out of the 40x20 picture"),
        (10, "a box of 0.3x9.0 px holds no plate"),
        (7, "says the same as line 6"),
        (8, "plate AB3 is in train (line 6) and dev (line 8)"),
    ]
    problems = check_labels(path)
    assert len(problems) == len(expected)
    for problem, (line, says) in zip(problems, expected, strict=True):
        assert problem.startswith(f"{path}, line {line}: ")
        assert says in problem


def test_a_file_that_is_wrong_as_a_whole_is_one_problem(folder: Path) -> None:
    (problem,) = check_labels(write_labels(folder, "a.png", header="picture"))
    assert "no column for the file" in problem
    (problem,) = check_labels(write_labels(folder, "a.png,dev,A,1", header="file,split,text,year"))
    assert "line 1: the header is 'file,split,text,year'" in problem
    (problem,) = check_labels(folder / "nope.csv")
    assert "cannot read the labels" in problem


def test_videos_are_checked(folder: Path) -> None:
    with av.open(folder / "v.mp4", "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.height, stream.width = 32, 32
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    path = write_labels(
        folder,
        "v.mp4,dev,AB1,0,4",
        "v.mp4,dev,AB2,0,5",
        "broken.png,dev,AB3,0,5",
        header="file,split,text,first_frame,last_frame",
    )
    problems = check_labels(path)
    assert len(problems) == 2
    assert "line 3: last_frame 5 of 5 frames" in problems[0]
    assert "line 4: " in problems[1]


def test_labels_of_other_tools_are_checked(folder: Path) -> None:
    """As `finetune` takes them; what it would leave aside is a problem."""
    table = folder / "annotations.csv"
    table.write_text("image_path,plate_text\na.png,AB12\nb.png,CD34\n")
    assert check_labels(folder) == []
    table.write_text("image_path,plate_text\na.png,AB12\ngone.png,CD34\nbroken.png,EF56\n")
    missing, broken = check_labels(folder)
    assert "1 x picture is missing" in missing
    assert "broken.png" in broken
    plain = write_labels(folder, "a.png,AB12", "b.png,CD34", header="file,text")
    assert check_labels(plain) == check_labels(folder) == []


def test_every_set_of_a_folder_of_sets_is_checked(folder: Path) -> None:
    for name in ("crops/one", "tracks/two"):
        (folder / name).mkdir(parents=True)
        write_labels(folder / name, "gone.png,train,AB1,,,,,,,")
    problems = check_labels(folder)
    assert len(problems) == 2
    assert "one" in problems[0]
    assert "two" in problems[1]
