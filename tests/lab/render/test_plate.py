import numpy as np
import pytest

from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.parts import ON_WHITE, Band, PlateLayout, Slot
from platestream.lab.render.plate import AREA_PX, render_plate
from platestream.lab.render.strings import write
from platestream.lab.render.wear import wear


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_layout_is_drawn(
    layout: PlateLayout, rng: np.random.Generator, book: GlyphBook
) -> None:
    written = write(layout.patterns[0], rng, layout.letters)
    plate = render_plate(layout, written, rng, book)
    assert plate.dtype == np.uint8
    height, width, channels = plate.shape
    assert channels == 3
    # A holder adds at most a quarter to the height and a seventh of it to the width.
    assert 0.95 * AREA_PX < height * width < 1.45 * AREA_PX
    assert plate.std() > 5


def test_same_seed_same_plate(book: GlyphBook) -> None:
    first, second, other = (
        render_plate(LAYOUTS[0], "ABC-1234", np.random.default_rng(seed), book)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert first.shape != other.shape or not np.array_equal(first, other)


def test_ink_is_dark_on_white_paper(book: GlyphBook, rng: np.random.Generator) -> None:
    layout = PlateLayout(
        "plain", (520, 112), (), (Slot((0.1, 0.2, 0.9, 0.8)),), (ON_WHITE,), border=0, frame=0
    )
    darker = [
        float(np.median(plate)) - float(np.percentile(plate, 10))
        for plate in (render_plate(layout, "ABC123", rng, book) for _ in range(20))
    ]
    assert np.median(darker) > 80


def test_a_band_is_where_it_is_declared(book: GlyphBook, rng: np.random.Generator) -> None:
    band = Band((0, 0, 0.2, 1), ((0, 0, 255),), stars=False)
    layout = PlateLayout(
        "band",
        (400, 100),
        (),
        (Slot((0.4, 0.2, 0.9, 0.8)),),
        (ON_WHITE,),
        bands=(band,),
        border=0,
        frame=0,
    )
    plate = render_plate(layout, "AB12", rng, book).astype(int)
    edge = round(plate.shape[1] * 0.2)
    blueness = np.median(plate[..., 2] - plate[..., 0], axis=0)
    assert blueness[2 : edge - 2].min() > 60
    assert blueness[edge + 2 :].max() < 60


def test_wear_seldom_hides_a_plate(rng: np.random.Generator) -> None:
    clean = np.full((48, 220, 3), 200, np.float32)
    changes = []
    for _ in range(100):
        canvas = clean.copy()
        wear(canvas, rng)
        changes.append(float((np.abs(canvas - clean) > 100).mean()))
    assert max(changes) > 0
    assert np.mean(changes) < 0.05
