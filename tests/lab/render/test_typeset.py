from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from platestream.lab.render.fonts import FAMILIES, GlyphBook
from platestream.lab.render.layouts import LAYOUTS
from platestream.lab.render.parts import PlateLayout, Slot
from platestream.lab.render.strings import BLOT, SEAL, TUNIS, write
from platestream.lab.render.typeset import Hand, Ink, typeset

HAND = Hand(
    face=FAMILIES["din"][1],
    stretch=1.0,
    tracking=0.2,
    space=0.28,
    fill=1.0,
    use_bitmaps=False,
    tunis=np.full((100, 145), 255, np.uint8),
)
ONE_ROW = PlateLayout("row", (400, 100), ("xxxxxx",), (Slot((0.1, 0.2, 0.9, 0.8)),), ())


def with_slots(*slots: Slot) -> PlateLayout:
    return PlateLayout("test", (400, 100), (), slots, ())


def runs(present: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where a row of booleans is true, as half-open spans."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], present, [False]])))
    return [(int(a), int(b)) for a, b in zip(steps[::2], steps[1::2], strict=True)]


def columns(ink: Ink) -> list[tuple[int, int]]:
    return runs(ink.mask.max(axis=0) > 100)


def test_parts_stand_as_far_apart_as_the_hand_says(book: GlyphBook) -> None:
    gaps = []
    for space in (0.28, 1.3):
        ink = typeset(ONE_ROW, "K 1", (400, 100), replace(HAND, space=space), book)
        (_, first_ends), (second_begins, _) = columns(ink)
        gaps.append(second_begins - first_ends)
    # One row is 60 pixels high; both sides of the space have their own tracking.
    assert gaps[1] - gaps[0] == pytest.approx((1.3 - 0.28) * 60 * 1.25, abs=6)


def test_characters_stand_side_by_side_in_their_slot(book: GlyphBook) -> None:
    ink = typeset(ONE_ROW, "HABC123", (400, 100), HAND, book)
    spans = columns(ink)
    assert len(spans) == 7
    assert spans[0][0] >= 40
    assert spans[-1][1] <= 360
    rows = np.flatnonzero(ink.mask.max(axis=1) > 100)
    assert (rows[0], rows[-1]) == pytest.approx((20, 79), abs=1)


def test_a_long_text_is_narrowed_to_fit(book: GlyphBook) -> None:
    ink = typeset(ONE_ROW, "HHHHHHHHHHHHHH", (400, 100), HAND, book)
    spans = columns(ink)
    assert len(spans) == 14
    assert spans[0][0] == pytest.approx(40, abs=1)
    assert spans[-1][1] == pytest.approx(360, abs=1)


def test_a_short_text_is_centred(book: GlyphBook) -> None:
    spans = columns(typeset(ONE_ROW, "HH", (400, 100), HAND, book))
    assert spans[0][0] + spans[-1][1] == pytest.approx(400, abs=2)


def test_cells_are_equally_wide_whatever_stands_in_them(book: GlyphBook) -> None:
    layout = with_slots(Slot((0, 0.1, 1, 0.9), cells=True))
    spans = columns(typeset(layout, "1I1WH1", (600, 100), HAND, book))
    centres = [(left + right) / 2 for left, right in spans]
    assert np.allclose(centres, [50, 150, 250, 350, 450, 550], atol=4)


def test_letters_may_be_lower_than_digits(book: GlyphBook) -> None:
    layout = with_slots(Slot((0, 0, 1, 1), letter_scale=0.5))
    ink = typeset(layout, "H8", (400, 100), HAND, book)
    heights = [int((ink.mask[:, a:b].max(axis=1) > 100).sum()) for a, b in columns(ink)]
    assert heights == [pytest.approx(50, abs=1), pytest.approx(100, abs=1)]
    assert ink.mask[-1].max() > 100


def test_a_stack_reads_from_top_to_bottom(book: GlyphBook) -> None:
    layout = with_slots(Slot((0.1, 0, 0.2, 1), stacked=True), Slot((0.4, 0.2, 0.9, 0.8)))
    ink = typeset(layout, "HH|88", (400, 100), HAND, book)
    stack = ink.mask[:, :100]
    assert len(runs(stack.max(axis=1) > 100)) == 2
    assert len(runs(stack.max(axis=0) > 100)) <= 2


def test_every_slot_gets_its_part(book: GlyphBook) -> None:
    layout = with_slots(Slot((0, 0, 1, 0.4)), Slot((0, 0.6, 1, 1)))
    ink = typeset(layout, "AB|123", (300, 200), HAND, book)
    assert len(runs(ink.mask[:90].max(axis=0) > 100)) == 2
    assert len(runs(ink.mask[110:].max(axis=0) > 100)) == 3
    assert ink.mask[85:115].max() == 0


def test_a_hyphen_is_drawn_and_a_space_is_not(book: GlyphBook) -> None:
    with_hyphen = columns(typeset(ONE_ROW, "H-H", (400, 100), HAND, book))
    with_space = columns(typeset(ONE_ROW, "H H", (400, 100), HAND, book))
    assert (len(with_hyphen), len(with_space)) == (3, 2)


def test_seals_and_blots_leave_room_but_no_ink(book: GlyphBook) -> None:
    ink = typeset(ONE_ROW, f"H{SEAL}H", (400, 100), HAND, book)
    ((x, _, wide, _),) = ink.seals
    first, last = columns(ink)
    assert first[1] <= x
    assert x + wide <= last[0]
    ink = typeset(ONE_ROW, f"12{BLOT}3456", (400, 100), HAND, book)
    assert len(ink.blots) == 1
    assert len(columns(ink)) == 6


def test_hangul_is_drawn(book: GlyphBook) -> None:
    ink = typeset(ONE_ROW, "12고3456", (400, 100), HAND, book)
    assert not ink.blots
    assert len(columns(ink)) == 7


def test_the_word_of_tunisia_is_drawn(book: GlyphBook) -> None:
    ink = typeset(ONE_ROW, f"1{TUNIS}1", (400, 100), HAND, book)
    (_, left), *_, (right, _) = columns(ink)
    assert (ink.mask[:, left + 1 : right - 1] > 100).mean() > 0.05


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_every_layout_has_ink_in_all_its_slots(
    layout: PlateLayout, rng: np.random.Generator, book: GlyphBook
) -> None:
    width, height = 400, round(400 * layout.size_mm[1] / layout.size_mm[0])
    for pattern in layout.patterns:
        written = write(pattern, rng, layout.letters)
        ink = typeset(layout, written, (width, height), Hand.sample(layout, rng), book)
        for slot in layout.slots:
            left, top, right, bottom = slot.box
            part = ink.mask[
                round(top * height) : round(bottom * height),
                round(left * width) : round(right * width),
            ]
            assert part.max() > 200
            assert 0.03 < (part > 127).mean() < 0.8
