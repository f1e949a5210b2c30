"""Plates whose characters lie far apart: each can be drawn, and has what its name says."""

import numpy as np
import pytest

from platestream.lab.render.apart import APART
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.parts import PlateLayout
from platestream.lab.render.plate import render_plate
from platestream.lab.render.strings import write


@pytest.mark.parametrize("layout", APART, ids=lambda layout: layout.name)
def test_every_pattern_has_a_part_for_each_slot(layout: PlateLayout) -> None:
    rng, book = np.random.default_rng(0), GlyphBook()
    for pattern in layout.patterns:
        assert len(pattern.split("|")) == len(layout.slots)
        rgb = render_plate(layout, write(pattern, rng, layout.letters), rng, book)
        assert np.ptp(rgb.astype(int)) > 100, "characters stand on it"


def test_the_reader_learns_from_none_of_them() -> None:
    assert not {layout.name for layout in APART} & {layout.name for layout in LAYOUTS}


def test_three_rows_stand_below_each_other() -> None:
    (layout,) = [layout for layout in APART if layout.name == "three_rows"]
    first, second, third = layout.slots
    assert first.box[3] < second.box[1]
    assert second.box[3] < third.box[1]
