"""Training pictures: boxes and corners still lie on the plates after every distortion."""

import numpy as np
import pytest

from platestream.lab.train.detector.augment import add_text, degrade
from platestream.lab.train.detector.scenes import Scene, box_quads
from platestream.lab.train.detector.views import View, cut_view, laid_on_side, mosaic

NO_BOXES = np.zeros((0, 4), np.float32)


def make_scene(*, with_corners: bool = True) -> Scene:
    """A plate of 60x20 pixels on black: red, with a blue left half and a green top half."""
    rgb = np.zeros((120, 200, 3), np.uint8)
    rgb[50:70, 80:140, 0] = 255
    rgb[50:70, 80:110, 2] = 255
    rgb[50:60, 80:140, 1] = 255
    return Scene(rgb, box_quads(np.array([[80, 50, 140, 70]])), np.array([with_corners]), NO_BOXES)


def colour_at(view: View, quad: np.ndarray, across: float, down: float) -> list[bool]:
    """Which of red, green and blue shine at a place of a plate, 0..1 from its top left."""
    top = quad[0] + across * (quad[1] - quad[0])
    bottom = quad[3] + across * (quad[2] - quad[3])
    x, y = top + down * (bottom - top)
    return (view.rgb[int(y), int(x)] > 128).tolist()


@pytest.mark.parametrize("seed", range(40))
def test_boxes_and_corners_follow_the_plate(seed: int) -> None:
    view = cut_view(make_scene(), 160, np.random.default_rng(seed))
    assert view.rgb.shape == (160, 160, 3)
    is_red = (view.rgb[:, :, 0] > 128) & (np.ptp(view.rgb, axis=2) > 128)
    for x1, y1, x2, y2 in view.boxes:
        assert 0 <= x1 < x2 <= 160
        assert 0 <= y1 < y2 <= 160
        if y2 - y1 < 10:
            continue  # colours run into each other
        rows, columns = np.nonzero(is_red[int(y1) : int(y2) + 2, int(x1) : int(x2) + 2])
        assert len(rows), "the box holds the plate"
        assert columns.max() - columns.min() + 1 == pytest.approx(x2 - x1, abs=4)
    for quad in view.quads:
        inside = (quad > 4).all() and (quad < 156).all()
        if inside and np.ptp(quad[:, 1]) > 16:
            # A mirrored plate's corners are named as they lie in the picture: left is left.
            assert quad[0, 0] < quad[1, 0]
            assert quad[0, 1] < quad[3, 1]
            assert colour_at(view, quad, 0.5, 0.2)[:2] == [True, True], "green at the top"
            assert colour_at(view, quad, 0.5, 0.8)[:2] == [True, False], "none below"


def test_a_plate_is_either_found_or_ignored_or_out_of_view() -> None:
    views = [cut_view(make_scene(), 160, np.random.default_rng(seed)) for seed in range(200)]
    assert all(len(view.boxes) + len(view.ignored) <= 1 for view in views)
    assert all(len(view.boxes) == len(view.quads) == len(view.has_corners) for view in views)
    assert sum(len(view.boxes) for view in views) > 140
    assert any(len(view.ignored) for view in views)


def test_a_mosaic_moves_everything_along() -> None:
    def view(x: float, *, known: bool) -> View:
        boxes = np.array([[x, 4, x + 8, 8]], np.float32)
        ignored = np.array([[0, 0, 2, 2]], np.float32)
        rgb = np.full((16, 16, 3), int(x), np.uint8)
        return View(rgb, boxes, box_quads(boxes), np.array([known]), ignored)

    # Four views fill a 2 x 2 grid row by row.
    laid = mosaic([view(x, known=x == 2) for x in (1, 2, 3, 4)], 2)
    assert laid.rgb.shape == (32, 32, 3)
    assert laid.rgb[::16, ::16, 0].tolist() == [[1, 2], [3, 4]]
    assert laid.boxes.tolist() == [[1, 4, 9, 8], [18, 4, 26, 8], [3, 20, 11, 24], [20, 20, 28, 24]]
    assert laid.quads[3, 2].tolist() == [28, 24]
    assert laid.has_corners.tolist() == [False, True, False, False]
    assert laid.ignored[3].tolist() == [16, 16, 18, 18]


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


@pytest.mark.parametrize("seed", range(6))
def test_a_view_on_its_side_has_its_boxes_where_its_plates_are(seed: int) -> None:
    rgb = np.full((64, 64, 3), 20, np.uint8)
    rgb[10:18, 20:50] = 255
    plate, other = (np.array([box], np.float32) for box in ((20, 10, 50, 18), (0, 40, 8, 44)))
    view = View(rgb, plate, box_quads(plate), np.array([True]), other)
    turned = laid_on_side(view, np.random.default_rng(seed))
    x1, y1, x2, y2 = turned.boxes[0].astype(int)
    assert (x2 - x1, y2 - y1) == (8, 30)
    assert turned.rgb[y1:y2, x1:x2].min() == 255
    assert (turned.rgb == 255).sum() == (rgb == 255).sum()
    assert not turned.has_corners.any()
    assert (turned.ignored[:, 2:] - turned.ignored[:, :2]).tolist() == [[4, 8]]


def test_views_are_turned_either_way() -> None:
    rgb = np.zeros((32, 32, 3), np.uint8)
    rgb[0, 0] = 255
    none = np.zeros((0, 4), np.float32)
    view = View(rgb, none, box_quads(none), np.zeros(0, bool), none)
    turned = [laid_on_side(view, np.random.default_rng(seed)).rgb for seed in range(12)]
    corners = {tuple(np.argwhere(each.max(axis=2) == 255)[0].tolist()) for each in turned}
    assert corners == {(31, 0), (0, 31)}
