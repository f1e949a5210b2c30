import json
from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.data.own import judging
from platestream.lab.data.stats import label_stats
from platestream.video.pictures import write_picture

HEADER = "file,split,text,x,y,w,h,quad,track,frame_index"


def write_labels(folder: Path, *rows: str, header: str = HEADER) -> Path:
    for index, name in enumerate(("a.png", "b.png", "c.png")):
        write_picture(folder / name, np.zeros((20, 40 + 10 * index, 3), np.uint8))
    path = folder / "labels.csv"
    path.write_text("\n".join((header, *rows)), encoding="utf-8")
    return path


def test_pictures_are_counted(tmp_path: Path) -> None:
    path = write_labels(
        tmp_path,
        "a.png,train,ABA,1,1,10,5,,,",
        "a.png,train,ABA,1,9,30,5,0 0 30 0 30 5 0 5,t1,0",
        "b.png,train,B2345,,,,,,t1,1",
        "c.png,dev,ABC,1,1,12,5,,t2,0",
        "c.png,dev,,,,,,,,",
    )
    stats = label_stats(path)
    assert stats == {
        "kind": "frames",
        "rows": {"train": 3, "dev": 2},
        "plates": {"dev": 1, "train": 2},
        "unlabelled": 1,
        "files": 3,
        "lengths": {3: 2, 5: 1},
        "characters": {"A": 3, "B": 3, "C": 1, "2": 1, "3": 1, "4": 1, "5": 1},
        "tracks": 2,
        "boxes": 3,
        "quads": 1,
        "width_px": {"smallest": 40, "median": 50, "largest": 60},
        "height_px": {"smallest": 20, "median": 20, "largest": 20},
        "plate_width_px": {"smallest": 10, "median": 12, "largest": 30},
    }
    assert next(iter(stats["characters"])) == "A"
    json.dumps(stats)


def test_videos_are_counted(tmp_path: Path) -> None:
    path = write_labels(
        tmp_path,
        "a.png,dev,AB1,0,5",
        "a.png,dev,AB1,9,12",
        header="file,split,text,first_frame,last_frame",
    )
    stats = label_stats(path)
    assert (stats["kind"], stats["rows"], stats["plates"]) == ("video", {"dev": 2}, {"dev": 1})
    assert "width_px" not in stats


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    path = write_labels(tmp_path, "nope.png,dev,AB1,,,,,,,")
    with pytest.raises(DataError, match=r"line 2: .*nope\.png is missing"):
        label_stats(path)


def test_a_table_as_finetune_takes_it_is_counted(tmp_path: Path) -> None:
    """What is of no split is parted as `finetune` parts it."""
    texts = [f"AB{number:03}" for number in range(20)]
    rows = [f"a.png,{text}" for text in texts]
    stats = label_stats(write_labels(tmp_path, *rows, header="file,text"))
    num_held_out = len(judging(texts))
    assert stats["rows"] == {"train": 20 - num_held_out, "dev": num_held_out}
