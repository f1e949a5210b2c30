"""Training pictures: the boxes still lie on the plates after every distortion."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.train.detector_augment import add_text, degrade
from platestream.lab.train.detector_data import (
    DetectorBatches,
    Scene,
    View,
    cut_view,
    encode_targets,
    load_scenes,
)

HEADER = "file,split,text,x,y,w,h,quad,track,frame_index\n"
NO_BOXES = np.zeros((0, 4), np.float32)


def make_scene() -> Scene:
    """A red plate of 60x20 pixels on black."""
    rgb = np.zeros((120, 200, 3), np.uint8)
    rgb[50:70, 80:140, 0] = 255
    return Scene(rgb, np.array([[80, 50, 140, 70]], np.float32))


def make_set(folder: Path, rows: str) -> None:
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "a.png"), make_scene().rgb[:, :, ::-1])
    (folder / "labels.csv").write_text(HEADER + rows, encoding="utf-8")


@pytest.mark.parametrize("seed", range(40))
def test_boxes_follow_the_plate(seed: int) -> None:
    view = cut_view(make_scene(), 160, np.random.default_rng(seed))
    assert view.rgb.shape == (160, 160, 3)
    is_red = (view.rgb[:, :, 0] > 128) & (view.rgb[:, :, 1:].max(axis=2) < 64)
    for x1, y1, x2, y2 in view.boxes:
        rows, columns = np.nonzero(is_red[int(y1) : int(y2) + 2, int(x1) : int(x2) + 2])
        assert len(rows), "the box holds the plate"
        assert rows.max() - rows.min() + 1 == pytest.approx(y2 - y1, abs=4)
        assert columns.max() - columns.min() + 1 == pytest.approx(x2 - x1, abs=4)
        assert 0 <= x1 < x2 <= 160
        assert 0 <= y1 < y2 <= 160


def test_a_plate_is_either_found_or_ignored_or_out_of_view() -> None:
    views = [cut_view(make_scene(), 160, np.random.default_rng(seed)) for seed in range(200)]
    assert all(len(view.boxes) + len(view.ignored) <= 1 for view in views)
    assert sum(len(view.boxes) for view in views) > 140
    assert any(len(view.ignored) for view in views)


def test_targets_by_hand() -> None:
    view = View(
        np.zeros((64, 96, 3), np.uint8),
        np.array([[16, 20, 64, 36]], np.float32),  # centre (40, 28): cell 5, 3
        np.array([[80, 0, 96, 16]], np.float32),
    )
    targets = encode_targets(view)
    heat, weight = targets["heat"][0], targets["heat_weight"][0]
    assert heat.shape == (8, 12)
    assert np.argwhere(heat == 1).tolist() == [[3, 5]]
    # 48 px are 6 cells: sigma 0.54; 16 px are 2 cells: sigma 0.5 at least.
    assert heat[3, 6] == pytest.approx(np.exp(-1 / (2 * 0.54**2)))
    assert heat[4, 5] == pytest.approx(np.exp(-1 / (2 * 0.5**2)))
    assert np.argwhere(weight == 0).tolist() == [[r, c] for r in range(3) for c in (10, 11)]
    assert targets["box"][:, 3, 5].tolist() == [16, 20, 64, 36]
    near = targets["box_weight"][0] > 0
    assert np.argwhere(near).tolist() == [[2, 5], [3, 4], [3, 5], [3, 6], [4, 5]]


def test_of_two_plates_the_closer_claims_a_cell() -> None:
    boxes = np.array([[0, 24, 80, 40], [48, 24, 64, 40]], np.float32)
    targets = encode_targets(View(np.zeros((64, 96, 3), np.uint8), boxes, NO_BOXES))
    assert targets["box"][:, 4, 5].tolist() == boxes[0].tolist()
    assert targets["box"][:, 4, 7].tolist() == boxes[1].tolist()


def test_a_view_without_plates_is_all_background() -> None:
    targets = encode_targets(View(np.zeros((32, 32, 3), np.uint8), NO_BOXES, NO_BOXES))
    assert not targets["heat"].any()
    assert targets["heat_weight"].all()
    assert not targets["box_weight"].any()


def test_batches_depend_on_step_and_seed_only() -> None:
    def batch(seed: int, step: int) -> dict[str, np.ndarray]:
        scenes = {"a": [make_scene()], "b": [make_scene()]}
        shares = {"a": 0.5, "b": 0.5}
        return DetectorBatches(scenes, shares, batch_size=8, size_px=64, seed=seed)(step)

    first, again = batch(0, 3), batch(0, 3)
    assert first["rgb"].shape == (8, 64, 64, 3)
    assert first["box"].shape == (8, 4, 8, 8)
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["rgb"] != batch(0, 4)["rgb"]).any()
    assert (first["rgb"] != batch(1, 3)["rgb"]).any()


def test_loads_all_plates_of_a_picture_and_skips_unlabelled_ones(tmp_path: Path) -> None:
    rows = "a.png,train,,80,50,60,20,,,\na.png,train,,0,0,10,5,,,\na.png,train,,,,,,,,\n"
    make_set(tmp_path / "some" / "set", rows)
    (scene,) = load_scenes(tmp_path, "some/set", "train")
    assert scene.boxes.tolist() == [[80, 50, 140, 70], [0, 0, 10, 5]]
    assert scene.rgb[60, 100].tolist() == [255, 0, 0]


def test_large_pictures_shrink_with_their_boxes(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,,80,50,60,20,,,\n")
    (scene,) = load_scenes(tmp_path, "set", "train", max_side_px=100)
    assert scene.rgb.shape == (60, 100, 3)
    assert scene.boxes.tolist() == [[40, 25, 70, 35]]


def test_boxes_that_hug_the_characters_grow(tmp_path: Path) -> None:
    make_set(tmp_path / "frames" / "california", "a.png,train,,100,50,50,20,,,\n")
    (scene,) = load_scenes(tmp_path, "frames/california", "train")
    assert scene.boxes[0].tolist() == pytest.approx([97, 45.5, 153, 74.5])


def test_a_set_without_boxes_is_refused(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,AB12,,,,,,,\n")
    with pytest.raises(DataError, match="no row of split train has a box"):
        load_scenes(tmp_path, "set", "train")


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    make_set(tmp_path / "set", "a.png,train,,80,50,60,20,,,\n")
    (tmp_path / "set" / "a.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"a\.png: not a readable picture"):
        load_scenes(tmp_path, "set", "train")


@pytest.mark.parametrize("seed", range(20))
def test_writing_keeps_clear_of_plates(seed: int) -> None:
    scene = make_scene()
    written = add_text(scene.rgb, scene.boxes, np.random.default_rng(seed))
    assert (written[52:68, 82:138] == scene.rgb[52:68, 82:138]).all()
    assert not scene.rgb[:50].any(), "the scene itself stays as it was"


def test_writing_writes() -> None:
    rng = np.random.default_rng(0)
    assert any(add_text(make_scene().rgb, NO_BOXES, rng)[:40].any() for _ in range(5))


@pytest.mark.parametrize("seed", range(30))
def test_degrading_keeps_shape_and_range(seed: int) -> None:
    rgb = np.random.default_rng(99).integers(0, 256, (40, 56, 3), np.uint8)
    degraded = degrade(rgb, np.random.default_rng(seed))
    assert degraded.shape == rgb.shape
    assert degraded.dtype == np.uint8
    assert (degraded != rgb).any()
