"""Pasted plates lie where their corners say, and pasted writing where no plate is."""

import numpy as np
import pytest

from platestream.lab.render.fonts import GlyphBook
from platestream.lab.train.detector.batches import DetectorBatches, draw_pasted
from platestream.lab.train.detector.closeups import PlatePictures
from platestream.lab.train.detector.lettering import draw_lettering
from platestream.lab.train.detector.paste import add_lettering, replace_plates
from platestream.lab.train.detector.scenes import Scene, box_quads, hulls
from platestream.lab.train.detector.views import View

OLD = np.array([[60, 70, 140, 94]], np.float32)
NO_BOXES = np.zeros((0, 4), np.float32)


def make_view() -> View:
    """A bright plate with a dark line of writing, on a dark car."""
    rgb = np.full((160, 200, 3), 40, np.uint8)
    rgb[70:94, 60:140] = 230
    rgb[78:86, 64:136] = 20
    return View(rgb, OLD.copy(), box_quads(OLD), np.array([False]), NO_BOXES)


def plate() -> np.ndarray:
    """White, with a black left third."""
    rgb = np.full((60, 200, 3), 255, np.uint8)
    rgb[:, :66] = 0
    return rgb


@pytest.mark.parametrize("seed", range(20))
def test_a_new_plate_lies_over_the_old_one(seed: int) -> None:
    view = make_view()
    new = replace_plates(view, [plate()], np.random.default_rng(seed))
    assert new.has_corners.all()
    (quad,), (hull,) = new.quads, hulls(new.quads)
    assert hull[:2] + hull[2:] == pytest.approx(OLD[0, :2] + OLD[0, 2:], abs=1e-3)
    sides, old_sides = hull[2:] - hull[:2], OLD[0, 2:] - OLD[0, :2]
    assert (sides / old_sides).min() == pytest.approx(1.06, abs=1e-4)
    # The black third is on the left of the quad, the white on its right.
    middle_left, middle_right = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2

    def level(share: float) -> float:
        x, y = middle_left + share * (middle_right - middle_left)
        return float(new.rgb[round(y), round(x)].mean())

    assert level(0.15) < 110 < level(0.7)
    assert (view.rgb == make_view().rgb).all(), "the view itself stays as it was"


def test_nothing_of_the_old_plate_shows_beside_a_slimmer_one() -> None:
    slim = np.zeros((20, 200, 3), np.uint8)
    new = replace_plates(make_view(), [slim], np.random.default_rng(1))
    x1, y1, x2, y2 = hulls(new.quads)[0].round().astype(int)
    new.rgb[y1 : y2 + 2, x1 - 1 : x2 + 2] = 40
    assert new.rgb.max() < 130


def test_a_view_without_plates_stays() -> None:
    empty = View(make_view().rgb, NO_BOXES, box_quads(NO_BOXES), np.zeros(0, bool), NO_BOXES)
    assert replace_plates(empty, [plate()], np.random.default_rng(0)) is empty


@pytest.mark.parametrize("seed", range(20))
def test_lettering_keeps_clear_of_plates(seed: int) -> None:
    rng = np.random.default_rng(seed)
    writing = [draw_lettering(rng, GlyphBook()) for _ in range(3)]
    view = make_view()
    written = add_lettering(view, writing, rng)
    assert (written.rgb[72:92, 62:138] == view.rgb[72:92, 62:138]).all()
    assert written.boxes is view.boxes


def test_lettering_shows() -> None:
    rng = np.random.default_rng(0)
    writing = [draw_lettering(rng, GlyphBook()) for _ in range(3)]
    before = make_view()
    assert any((add_lettering(before, writing, rng).rgb != before.rgb).any() for _ in range(4))


def test_drawn_writing_covers_what_it_says() -> None:
    rng = np.random.default_rng(3)
    covers = [draw_lettering(rng, GlyphBook())[:, :, 3] for _ in range(40)]
    assert all(cover.max() == 255 for cover in covers)
    shares = np.array([(cover > 0).mean() for cover in covers])
    # Boards cover all, ovals about pi / 4, bare letters less.
    assert (shares == 1).any()
    assert (shares < 0.6).any()


def test_batches_depend_on_step_and_seed_only() -> None:
    plates, lettering = draw_pasted(4, 0, None)
    rgb = np.full((120, 200, 3), 90, np.uint8)
    scene = Scene(rgb, box_quads(OLD), np.array([False]), NO_BOXES)

    def batch(seed: int, step: int) -> dict[str, np.ndarray]:
        shares = {"a": 0.5, "b": 0.5}
        batches = DetectorBatches(
            {"a": [scene], "b": [scene]},
            shares,
            plates=PlatePictures(plates),
            lettering=lettering,
            batch_size=8,
            size_px=64,
            seed=seed,
        )
        return batches(step)

    small = next(step for step in range(20) if len(batch(0, step)["rgb"]) == 8)
    large = next(step for step in range(40) if len(batch(0, step)["rgb"]) == 2)
    first, again = batch(0, small), batch(0, small)
    assert first["rgb"].shape == (8, 64, 64, 3)
    assert first["quad"].shape == (8, 8, 8, 8)
    assert batch(0, large)["rgb"].shape == (2, 128, 128, 3)
    assert all((first[name] == again[name]).all() for name in first)
    assert (batch(1, small)["rgb"].shape != first["rgb"].shape) or (
        batch(1, small)["rgb"] != first["rgb"]
    ).any()
