import numpy as np
import pytest

from platestream.core.errors import ConfigError
from platestream.lab.render.fonts import FAMILIES
from platestream.lab.render.layouts import LAYOUTS, layouts_of
from platestream.lab.render.parts import Box, PlateLayout
from platestream.lab.render.strings import label, write


def by_name(name: str) -> PlateLayout:
    return next(layout for layout in LAYOUTS if layout.name == name)


def boxes(layout: PlateLayout) -> list[Box]:
    return [part.box for part in (*layout.slots, *layout.bands, *layout.captions)]


def test_names_are_unique() -> None:
    assert len({layout.name for layout in LAYOUTS}) == len(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_is_sound(layout: PlateLayout, rng: np.random.Generator) -> None:
    assert layout.weight > 0
    assert layout.family in FAMILIES
    for left, top, right, bottom in boxes(layout):
        assert 0 <= left < right <= 1
        assert 0 <= top < bottom <= 1
    for pattern in layout.patterns:
        assert write(pattern, rng, layout.letters).count("|") == len(layout.slots) - 1


@pytest.mark.parametrize(
    ("name", "lengths"),
    [
        ("br_old", {7}),
        ("br_mercosur", {7}),
        ("cn_blue", {7}),
        ("cn_green", {8}),
        ("ru", {8, 9}),
        ("uz", {8}),
        ("kr", {6, 7, 8}),
        ("in", {8, 9, 10}),
        ("ar_mercosur", {7}),
    ],
)
def test_plates_are_as_long_as_in_life(
    name: str, lengths: set[int], rng: np.random.Generator
) -> None:
    layout = by_name(name)
    found = {len(label(write(p, rng, layout.letters))) for p in layout.patterns for _ in range(20)}
    assert found == lengths


def test_russian_text_ends_in_its_region(rng: np.random.Generator) -> None:
    layout = by_name("ru")
    written = write(layout.patterns[0], rng, layout.letters)
    main, region = written.split("|")
    assert label(written) == main.replace(" ", "") + region
    assert region.isdigit()


def test_layouts_are_picked_by_how_their_names_start() -> None:
    assert {layout.name for layout in layouts_of(["br"])} == {"br_old", "br_mercosur", "br_moto"}
    assert layouts_of([]) == LAYOUTS
    with pytest.raises(ConfigError, match="no plate layout 'zz'"):
        layouts_of(["br", "zz"])
