"""Another province on a plate: only where the character is, and only where it is found."""

import cv2
import numpy as np
import pytest

from platestream.core.alphabet import PROVINCES
from platestream.core.types import Rgb
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import layouts_of
from platestream.lab.render.parts import PlateLayout
from platestream.lab.render.plate import render_plate
from platestream.lab.render.province import can_swap, swap_province
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.real_plates import swappable
from platestream.models.preprocess import CROP_MARGIN


@pytest.fixture(scope="module")
def book() -> GlyphBook:
    return GlyphBook()


def draw(book: GlyphBook, seed: int) -> Rgb:
    (layout,) = layouts_of(["cn_blue"])
    plate = PlateLayout(
        layout.name,
        layout.size_mm,
        layout.patterns,
        layout.slots,
        layout.colours[:1],
        border=0,
        frame=0,
    )
    rgb = render_plate(plate, "皖A·12345", np.random.default_rng(seed), book)
    top, left = (round(side * CROP_MARGIN / 2) for side in rgb.shape[:2])
    # As `CornerFinder.upright` cuts it.
    return np.asarray(cv2.copyMakeBorder(rgb, top, top, left, left, cv2.BORDER_REPLICATE), np.uint8)


def test_the_first_character_changes_and_the_rest_stays(book: GlyphBook) -> None:
    swapped = 0
    for seed in range(30):
        plate = draw(book, seed)
        text, other = swap_province("皖A12345", plate, np.random.default_rng(seed), book)
        if other is plate:
            assert text == "皖A12345"
            continue
        swapped += 1
        assert text[0] in PROVINCES
        assert text[1:] == "A12345"
        width = plate.shape[1]
        changed = np.flatnonzero((other.astype(int) != plate).any(axis=(0, 2)))
        assert changed.max() < 0.18 * width
    assert swapped >= 8


def test_where_nothing_is_written_nothing_is_swapped(book: GlyphBook) -> None:
    flat = np.full((40, 130, 3), 120, np.uint8)
    assert swap_province("皖A12345", flat, np.random.default_rng(0), book) == ("皖A12345", flat)


@pytest.mark.parametrize(
    ("text", "size", "can"),
    [
        ("皖A12345", (40, 130), True),
        ("皖AD12345", (40, 130), False),
        ("皖A12345", (60, 130), False),
        ("AB12345", (40, 130), False),
        ("皖A1234", (40, 130), False),
    ],
)
def test_only_one_row_plates_with_a_province(text: str, size: tuple[int, int], can: bool) -> None:
    assert can_swap(text, np.zeros((*size, 3), np.uint8)) is can


def test_swappable_crops_are_found_beforehand(book: GlyphBook) -> None:
    flat = np.full((40, 130, 3), 120, np.uint8)
    plates = [draw(book, seed) for seed in range(10)]
    pictures = [("US", "ABC123", flat), ("cn", "皖A12345", flat)]
    pictures += [("cn", "皖A12345", plate) for plate in plates]
    crops = [LabelledCrop(name, text, rgb, upright=rgb) for name, text, rgb in pictures]
    crops.append(LabelledCrop("cn", "皖A12345", plates[0]))
    found = swappable(crops, book)
    assert found
    assert all(any(rgb is plate for plate in plates) for _, rgb in found)
