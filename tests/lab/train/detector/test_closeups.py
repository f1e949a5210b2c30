"""Large plates pasted over a view, and things that are none."""

from pathlib import Path

import numpy as np
import pytest

from platestream.lab.render.fonts import GlyphBook
from platestream.lab.train.detector.closeups import PlatePictures, fill_view, load_two_row
from platestream.lab.train.detector.decoys import draw_decoy
from platestream.lab.train.detector.scenes import box_quads
from platestream.lab.train.detector.views import View
from platestream.video.pictures import write_picture

SIDE_PX = 160
OLD = np.array([[60, 70, 100, 84]], np.float32)


def make_view() -> View:
    rgb = np.full((SIDE_PX, SIDE_PX, 3), 60, np.uint8)
    return View(rgb, OLD.copy(), box_quads(OLD), np.array([True]), np.zeros((0, 4), np.float32))


def plate() -> np.ndarray:
    """White, with a black left third."""
    rgb = np.full((60, 200, 3), 255, np.uint8)
    rgb[:, :66] = 0
    return rgb


@pytest.mark.parametrize("seed", range(20))
def test_a_close_up_is_large_and_known(seed: int) -> None:
    view = fill_view(make_view(), PlatePictures([plate()]), np.random.default_rng(seed))
    box, quad = view.boxes[-1], view.quads[-1]
    assert (box >= 0).all()
    assert (box <= SIDE_PX).all()
    # Three tenths of the picture at least, less what may lie outside.
    assert box[2] - box[0] > 0.25 * SIDE_PX
    assert view.has_corners.all()
    # It is there: white in its middle, black at its left.
    left = quad.mean(axis=0) + 0.65 * (quad[[0, 3]].mean(axis=0) - quad.mean(axis=0))
    middle = quad.mean(axis=0)
    black, white = (
        float(view.rgb[tuple(np.clip(at[::-1], 0, SIDE_PX - 1).astype(int))].mean())
        for at in (left, middle)
    )
    assert white > black + 15


@pytest.mark.parametrize("seed", range(20))
def test_what_a_close_up_covers_is_no_plate_any_more(seed: int) -> None:
    view = fill_view(make_view(), PlatePictures([plate()]), np.random.default_rng(seed))
    x1, y1, x2, y2 = view.boxes[-1]
    is_clear = x1 >= 100 or x2 <= 60 or y1 >= 84 or y2 <= 70
    assert len(view.boxes) == 2 or not is_clear
    if len(view.boxes) == 2:
        overlap = (min(x2, 100) - max(x1, 60)) * (min(y2, 84) - max(y1, 70))
        assert is_clear or overlap < 0.05 * 40 * 14


def test_real_plates_of_two_rows_are_told_by_their_shape(tmp_path: Path) -> None:
    folder = tmp_path / "crops" / "vietnam_auto"
    folder.mkdir(parents=True)
    lines = ["file,split,text"]
    for name, split, (height, width) in (
        ("two", "train", (60, 80)),
        ("one", "train", (30, 120)),
        ("small", "train", (30, 40)),
        ("dev", "dev", (60, 80)),
    ):
        write_picture(folder / f"{name}.png", np.zeros((height, width, 3), np.uint8))
        lines.append(f"{name}.png,{split},A1")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert [crop.shape for crop in load_two_row(tmp_path)] == [(60, 80, 3)]


def test_decoys_of_all_kinds_cover_something_and_leave_something() -> None:
    rng, book = np.random.default_rng(3), GlyphBook()
    decoys = [draw_decoy(rng, book) for _ in range(40)]
    assert all(decoy.dtype == np.uint8 and decoy.shape[2] == 4 for decoy in decoys)
    covers = [float(decoy[:, :, 3].mean()) / 255 for decoy in decoys]
    assert min(covers) > 0.1
    # Wheels and lamps are round, grilles and cans are not.
    assert 0.2 < np.mean([cover > 0.99 for cover in covers]) < 0.8
