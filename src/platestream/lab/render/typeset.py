"""Set the characters of a plate: from what stands on it to one mask of ink."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import DIGITS, PROVINCES
from platestream.lab.render.fonts import FAMILIES, GLYPH_HEIGHT_PX, Face, GlyphBook, Mask
from platestream.lab.render.parts import PlateLayout, Slot
from platestream.lab.render.strings import BLOT, SEAL, TUNIS

_SPACE = 0.28
_GAPS = {" ": _SPACE, "-": 0.34, ".": 0.2, "·": 0.26, SEAL: 0.5, TUNIS: 1.45, BLOT: 0.8}
"""Widths of what is no character, relative to the row's height."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one plate's characters are cut: the same for all of them.

    Attributes:
        face: The font.
        stretch: Widths are multiplied by this before they are fitted.
        tracking: Space between two characters, relative to the row's height.
        space: Likewise between two parts, ``K  1649  GB``.
        fill: Share of the slot's width that a short text may grow to.
        use_bitmaps: Take Chinese bitmaps where there are some.
        tunis: The Arabic word of Tunisia.
    """

    face: Face
    stretch: float
    tracking: float
    space: float
    fill: float
    use_bitmaps: bool
    tunis: Mask

    @classmethod
    def sample(cls, layout: PlateLayout, rng: np.random.Generator) -> "Hand":
        """Pick one for a plate."""
        faces = FAMILIES[layout.family]
        return cls(
            face=faces[int(rng.integers(len(faces)))],
            stretch=float(rng.uniform(0.92, 1.35)),
            tracking=float(rng.uniform(0.08, 0.3)),
            space=_SPACE if rng.random() < 0.7 else float(rng.uniform(_SPACE, 1.3)),
            fill=float(rng.uniform(0.82, 1.0)),
            use_bitmaps=bool(rng.random() < 0.67),
            tunis=_draw_tunis(rng),
        )


@dataclass(slots=True)
class Ink:
    """What typesetting gives.

    Attributes:
        mask: ``(H, W)`` uint8, 255 where there is ink.
        seals: Boxes ``(x, y, w, h)`` in pixels where a seal or an emblem belongs.
        blots: Likewise, what is to be greyed out.
    """

    mask: Mask
    seals: list[tuple[int, int, int, int]] = field(default_factory=list)
    blots: list[tuple[int, int, int, int]] = field(default_factory=list)


def typeset(
    layout: PlateLayout, written: str, size_px: tuple[int, int], hand: Hand, book: GlyphBook
) -> Ink:
    """Set every slot of a plate.

    Args:
        layout: Its slots.
        written: What stands on it, a part a slot, as `strings.write` gives it.
        size_px: Width and height of the plate.
        hand: How the characters are cut.
        book: Draws them.

    Raises:
        ConfigError: a font is not installed.
    """
    width, height = size_px
    ink = Ink(np.zeros((height, width), np.uint8))
    parts = written.replace("(", "").replace(")", "").split("|")
    for part, slot in zip(parts, layout.slots, strict=True):
        left, top, right, bottom = slot.box
        box = (left * width, top * height, (right - left) * width, (bottom - top) * height)
        if slot.stacked:
            _set_stack(ink, part, box, hand, book)
        else:
            _set_row(ink, part, slot, box, hand, book)
    return ink


def _set_stack(
    ink: Ink, part: str, box: tuple[float, float, float, float], hand: Hand, book: GlyphBook
) -> None:
    x, y, width, height = box
    step = height / len(part)
    for row, character in enumerate(part):
        glyph = book.glyph(hand.face, character)
        natural = glyph.shape[1] / GLYPH_HEIGHT_PX * step * 0.88 * hand.stretch
        wide = min(width, natural)
        _stamp(ink.mask, glyph, (x + (width - wide) / 2, y + row * step, wide, step * 0.88))


def _set_row(
    ink: Ink,
    part: str,
    slot: Slot,
    box: tuple[float, float, float, float],
    hand: Hand,
    book: GlyphBook,
) -> None:
    left, top, room, height = box
    glyphs = [_glyph(c, slot, hand, book) for c in part]
    widths = np.array([_width(c, g, slot, hand) for c, g in zip(part, glyphs, strict=True)])
    steps = _cells(part, room / height) if slot.cells else widths + hand.tracking
    if slot.cells:
        drawn = widths * _cell_scale(part, widths, steps)
    else:
        # Plates are cut to fit: a long text is narrowed, a short one opened up a little.
        scale = room / height / (steps.sum() - hand.tracking)
        scale = min(scale, 1.0) if scale < 1 else min(scale * hand.fill, 1.25)
        drawn, steps = widths * scale, steps * scale
        left += (room - (steps.sum() - hand.tracking * scale) * height) / 2
    centres = np.cumsum(steps) - steps / 2
    if not slot.cells:
        centres = np.cumsum(steps) - steps + drawn / 2
    for character, glyph, wide, centre in zip(part, glyphs, drawn, centres, strict=True):
        x = left + (centre - wide / 2) * height
        tall = height * (slot.letter_scale if character not in DIGITS else 1.0)
        place = (x, top + height - tall, wide * height, tall)
        _place(ink, character, glyph, place, hand)


def _place(
    ink: Ink,
    character: str,
    glyph: Mask | None,
    place: tuple[float, float, float, float],
    hand: Hand,
) -> None:
    x, y, wide, tall = place
    if character == SEAL:
        side = min(wide * 0.85, tall * 0.5)
        centre = (x + (wide - side) / 2, y + tall * 0.5 - side / 2)
        ink.seals.append((round(centre[0]), round(centre[1]), round(side), round(side)))
    elif character == BLOT:
        ink.blots.append((round(x), round(y), round(wide), round(tall)))
    elif character == "-":
        _stamp(ink.mask, _SOLID, (x + wide * 0.12, y + tall * 0.46, wide * 0.76, tall * 0.11))
    elif character in ".·":
        side = tall * 0.13
        down = 0.86 if character == "." else 0.44
        _stamp(ink.mask, _DISC, (x + (wide - side) / 2, y + tall * down, side, side))
    elif glyph is not None:
        _stamp(ink.mask, glyph, place)


def _glyph(character: str, slot: Slot, hand: Hand, book: GlyphBook) -> Mask | None:
    if character == TUNIS:
        return hand.tunis
    if character in _GAPS:
        return None
    if slot.bitmaps and hand.use_bitmaps:
        latin = character.isascii() and character.isalpha()
        names = [slot.bitmaps + "_" + character]
        if slot.bitmaps.startswith("220") and not latin:
            names = ["220_" + character]
        bitmap = book.bitmap(names[0])
        if bitmap is not None:
            return bitmap
    return book.glyph(hand.face, character)


def _width(character: str, glyph: Mask | None, slot: Slot, hand: Hand) -> float:
    """Natural width relative to the row's height."""
    if character == " ":
        return hand.space
    if character in _GAPS:
        return _GAPS[character]
    if glyph is None:
        return 0.0
    natural = float(glyph.shape[1] / GLYPH_HEIGHT_PX * hand.stretch)
    return natural * (slot.letter_scale if character not in DIGITS else 1.0)


def _cells(part: str, room: float) -> NDArray[np.float64]:
    shares = np.array([0.45 if c in _GAPS else 1.0 for c in part])
    return np.asarray(shares / shares.sum() * room)


def _cell_scale(
    part: str, widths: NDArray[np.float64], cells: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Factors that let a usual character fill four fifths of its cell, and no one spill over."""
    inside = np.array([c not in _GAPS for c in part])
    usual = float(np.median(widths[inside])) or 1.0
    target = 0.8 * float(cells.max())
    scale = np.where(inside, target / usual, 1.0)
    over = widths * scale > 0.9 * cells
    chinese = np.array([c in PROVINCES for c in part])
    return np.where(over | chinese, np.minimum(0.86 * cells / widths, 1.6), scale)


def _stamp(mask: Mask, glyph: Mask, place: tuple[float, float, float, float]) -> None:
    """Draw a glyph scaled to a box with fractional corners, keeping what is already there."""
    x, y, wide, tall = place
    height, width = mask.shape
    x0, y0 = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
    x1, y1 = min(width, int(np.ceil(x + wide))), min(height, int(np.ceil(y + tall)))
    if x1 - x0 < 1 or y1 - y0 < 1:
        return
    # Shrink to about the right size with area averaging, then place it between pixels.
    small = cv2.resize(glyph, (max(1, round(wide)), max(1, round(tall))), interpolation=3)
    sx, sy = wide / small.shape[1], tall / small.shape[0]
    move = np.array([[sx, 0, x - x0 + sx / 2 - 0.5], [0, sy, y - y0 + sy / 2 - 0.5]], np.float64)
    drawn = cv2.warpAffine(small, move, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
    target = mask[y0:y1, x0:x1]
    np.maximum(target, drawn, out=target)


def _draw_tunis(rng: np.random.Generator) -> Mask:
    """The Arabic word on Tunisian plates, by hand, since no font of ours has it."""
    lean, thick = rng.normal(0, 0.12), int(rng.integers(4, 10))
    height, width = GLYPH_HEIGHT_PX, round(GLYPH_HEIGHT_PX * 1.45)
    strokes = (
        "93,34 93,56 82,58 74,55 70,44 77,38 81,48 78,60 70,80 60,86",
        "58,36 58,56 50,58 47,42 45,58 39,58 37,42 35,58 29,57 28,42 28,66 20,82 10,82 4,70 5,54",
    )
    mask = np.zeros((height, width), np.uint8)
    scale = np.array([width, height])
    for stroke in strokes:
        percent = [[int(n) for n in point.split(",")] for point in stroke.split()]
        places = np.array(percent) / 100 + rng.normal(0, 0.02, (len(percent), 2))
        places[:, 0] += lean * (0.6 - places[:, 1])
        points = np.round(places * scale).astype(np.int32)
        cv2.polylines(mask, [points], False, 255, thick, cv2.LINE_AA)
    for dot in ((0.88, 0.14), (0.97, 0.14), (0.58, 0.18)):
        centre = np.round((np.array(dot) + rng.normal(0, 0.02, 2)) * scale).astype(int)
        radius = int(rng.integers(4, 8))
        cv2.circle(mask, (int(centre[0]), int(centre[1])), radius, 255, -1, cv2.LINE_AA)
    return mask


def _draw_disc() -> Mask:
    mask = np.zeros((GLYPH_HEIGHT_PX, GLYPH_HEIGHT_PX), np.uint8)
    centre = (GLYPH_HEIGHT_PX // 2, GLYPH_HEIGHT_PX // 2)
    cv2.circle(mask, centre, GLYPH_HEIGHT_PX // 2 - 2, 255, -1, cv2.LINE_AA)
    return mask


_SOLID = np.full((GLYPH_HEIGHT_PX, GLYPH_HEIGHT_PX), 255, np.uint8)
_DISC = _draw_disc()
