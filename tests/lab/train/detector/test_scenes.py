"""Labelled pictures: boxes and corners as the sets mean them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.detections import slanted

from platestream.core.errors import DataError
from platestream.lab.train.detector.scenes import (
    Scene,
    box_quads,
    hulls,
    ignore_unlabelled,
    load_scenes,
)

HEADER = "file,split,text,x,y,w,h,quad,track,frame_index\n"


def make_set(folder: Path, rows: str) -> None:
    rgb = np.zeros((120, 200, 3), np.uint8)
    rgb[50:70, 80:140, 0] = 255
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "a.png"), rgb[:, :, ::-1])
    (folder / "labels.csv").write_text(HEADER + rows, encoding="utf-8")


def test_loads_all_plates_of_a_picture_and_skips_unlabelled_ones(tmp_path: Path) -> None:
    rows = "a.png,train,,80,50,60,20,,,\na.png,train,,0,0,10,5,,,\na.png,train,,,,,,,,\n"
    make_set(tmp_path / "some" / "set", rows)
    (scene,) = load_scenes(tmp_path, "some/set", "train")
    assert scene.boxes.tolist() == [[80, 50, 140, 70], [0, 0, 10, 5]]
    assert not scene.has_corners.any()
    assert scene.rgb[60, 100].tolist() == [255, 0, 0]


def test_a_box_thinner_than_a_line_is_a_slip(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,,80,50,60,20,,,\na.png,train,,0,0,0.3,36,,,\n")
    (scene,) = load_scenes(tmp_path, "set", "train")
    assert scene.boxes.tolist() == [[80, 50, 140, 70]]


def test_large_pictures_shrink_with_their_plates(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,,,,,,80 50 140 50 140 70 80 70,,\n")
    (scene,) = load_scenes(tmp_path, "set", "train", max_side_px=100)
    assert scene.rgb.shape == (60, 100, 3)
    assert scene.quads.tolist() == [[[40, 25], [70, 25], [70, 35], [40, 35]]]
    assert scene.has_corners.all()


def test_boxes_that_hug_the_characters_grow(tmp_path: Path) -> None:
    make_set(tmp_path / "frames" / "california", "a.png,train,,100,50,50,20,,,\n")
    (scene,) = load_scenes(tmp_path, "frames/california", "train")
    assert scene.boxes[0].tolist() == pytest.approx([97, 45.5, 153, 74.5])


def test_corners_that_leave_out_the_blue_band_take_it_in(tmp_path: Path) -> None:
    make_set(tmp_path / "tracks" / "tudelft", "a.png,train,,,,,,80 50 180 60 180 80 80 70,,\n")
    (scene,) = load_scenes(tmp_path, "tracks/tudelft", "train")
    assert scene.quads[0] == pytest.approx(
        np.array([[71, 49.1], [180, 60], [180, 80], [71, 69.1]]), abs=1e-4
    )


def test_what_a_detector_sees_and_nobody_labelled_is_ignored() -> None:
    labelled = box_quads(np.array([[10, 10, 50, 20]]))
    nothing = np.empty((0, 4), np.float32)
    scene = Scene(np.zeros((64, 96, 3), np.uint8), labelled, np.array([False]), nothing)
    found = [slanted((12, 10, 50, 22)), slanted((60, 40, 90, 50), 0.8)]
    (checked,) = ignore_unlabelled([scene], lambda _: found)
    assert checked.ignored.tolist() == [[60, 40, 90, 50]]
    assert checked.boxes.tolist() == scene.boxes.tolist()


def test_hulls_are_the_boxes_that_quads_came_from() -> None:
    boxes = np.array([[1, 2, 3, 5], [0, 0, 9, 4]], np.float32)
    assert hulls(box_quads(boxes)).tolist() == boxes.tolist()


def test_a_set_without_boxes_is_refused(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,AB12,,,,,,,\n")
    with pytest.raises(DataError, match="no row of split train has a box"):
        load_scenes(tmp_path, "set", "train")


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,,80,50,60,20,,,\n")
    (tmp_path / "set" / "a.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"not a readable picture in it: .*a\.png"):
        load_scenes(tmp_path, "set", "train")
