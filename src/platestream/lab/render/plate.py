"""Draw one plate as if it lay on a table: paper, bands, captions, stamped characters, wear."""

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import LATIN
from platestream.core.types import Rgb
from platestream.lab.render.emblems import draw_crest, draw_picture, draw_seal
from platestream.lab.render.fonts import FAMILIES, GlyphBook, Mask
from platestream.lab.render.parts import Band, Box, Caption, Colour, PlateLayout
from platestream.lab.render.typeset import Hand, Ink, typeset
from platestream.lab.render.wear import holder, wear

Canvas = NDArray[np.float32]
"""``(H, W, 3)`` float32 RGB, 0..255."""

AREA_PX = 10_500
"""About that many pixels a plate: 47 x 220 for a European one, 72 x 145 for one of the US."""

WORN = 0.12
"""Share of plates whose paint has come off in places."""


def render_plate(
    layout: PlateLayout, written: str, rng: np.random.Generator, book: GlyphBook
) -> Rgb:
    """Draw one plate.

    Args:
        layout: What kind.
        written: What stands on it, as `strings.write` gives it.
        rng: Colours, fonts, spacing and wear come from it.
        book: Draws the characters.

    Returns:
        ``(H, W, 3)`` uint8 RGB of about `AREA_PX` pixels, the plate filling it.

    Raises:
        ConfigError: a font is not installed.
    """
    width, height = _size(layout, rng)
    paper, ink_colour = layout.colours[rng.integers(len(layout.colours))]
    paper, ink_colour = _vary(paper, 14, rng), _vary(ink_colour, 12, rng)
    canvas = _paper(layout.paper, paper, (width, height), rng)
    for band in layout.bands:
        if rng.random() < band.chance:
            _draw_band(canvas, band, rng, book)
    for emblem in layout.emblems:
        if rng.random() < emblem.chance:
            left, top, right, bottom = _pixels(emblem.box, canvas)
            draw = draw_crest if emblem.is_crest else draw_picture
            draw(canvas, (left, top, right - left, bottom - top), rng)
    for caption in layout.captions:
        if rng.random() < caption.chance:
            _draw_caption(canvas, caption, ink_colour, rng, book)
    if rng.random() < layout.border:
        _draw_border(canvas, ink_colour, rng)
    ink = typeset(layout, written, (width, height), Hand.sample(layout, rng), book)
    _print(canvas, ink, ink_colour, rng)
    wear(canvas, rng)
    if rng.random() < layout.frame:
        canvas = holder(canvas, rng, book)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _size(layout: PlateLayout, rng: np.random.Generator) -> tuple[int, int]:
    aspect = layout.size_mm[0] / layout.size_mm[1] * rng.uniform(0.93, 1.07)
    height = np.sqrt(AREA_PX / aspect)
    return round(height * aspect), round(height)


def _vary(colour: Colour, spread: float, rng: np.random.Generator) -> Colour:
    shift = rng.normal(0, spread, 3) * 0.4 + rng.normal(0, spread)
    values = np.clip(np.array(colour) + shift, 0, 255)
    return int(values[0]), int(values[1]), int(values[2])


def _paper(kind: str, colour: Colour, size_px: tuple[int, int], rng: np.random.Generator) -> Canvas:
    width, height = size_px
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = colour
    if kind == "fade":
        share = np.linspace(rng.uniform(0.5, 1.0), 0, height, dtype=np.float32)[:, None, None]
        canvas += (245 - canvas) * share
    elif kind == "scene" and rng.random() < 0.7:
        _draw_scene(canvas, rng)
    return canvas


def _draw_scene(canvas: Canvas, rng: np.random.Generator) -> None:
    """A faint picture: blurred bands and blobs in other colours, as on US plates."""
    height, width = canvas.shape[:2]
    coarse = rng.uniform(0, 255, (int(rng.integers(2, 6)), int(rng.integers(1, 8)), 3))
    scene = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        # Only at the top and bottom, white behind the characters.
        edge = np.abs(np.linspace(-1, 1, height, dtype=np.float32))[:, None, None] ** 2
        share = edge * rng.uniform(0.3, 0.9)
    else:
        share = np.full((height, 1, 1), rng.uniform(0.08, 0.3), np.float32)
    for _ in range(int(rng.integers(0, 4))):
        # Hills, suns and birds, at our level of detail.
        corners = rng.normal(rng.uniform(0, 1, 2), rng.uniform(0.05, 0.2), (5, 2))
        hull = cv2.convexHull((corners * (width, height)).astype(np.int32))
        cv2.fillConvexPoly(scene, hull, tuple(rng.uniform(0, 255, 3).tolist()), cv2.LINE_AA)
    canvas += (scene - canvas) * share


def _draw_band(canvas: Canvas, band: Band, rng: np.random.Generator, book: GlyphBook) -> None:
    left, top, right, bottom = _pixels(band.box, canvas)
    canvas[top:bottom, left:right] = _vary(band.colours[rng.integers(len(band.colours))], 12, rng)
    width, height = right - left, bottom - top
    if band.stars and width > 6:
        centre, radius = (left + width // 2, top + height // 3), max(2, round(width * 0.3))
        colour = (230, 200, 40) if rng.random() < 0.8 else (220, 220, 220)
        for angle in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            x, y = centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)
            canvas[min(round(y), bottom - 1), min(round(x), right - 1)] = colour
    if band.words:
        mask = book.words(FAMILIES["bold"][0], band.words[rng.integers(len(band.words))])
        _print_words(
            canvas, mask, (left + 1, top + height * 0.62, width - 2, height * 0.26), band.ink
        )


def _draw_caption(
    canvas: Canvas, caption: Caption, ink: Colour, rng: np.random.Generator, book: GlyphBook
) -> None:
    words = caption.words[rng.integers(len(caption.words))] if caption.words else _city(rng)
    colour = caption.inks[rng.integers(len(caption.inks))] if caption.inks else ink
    faces = FAMILIES["any"]
    mask = book.words(faces[int(rng.integers(len(faces)))], words)
    left, top, right, bottom = _pixels(caption.box, canvas)
    _print_words(canvas, mask, (left, top, right - left, bottom - top), _vary(colour, 10, rng))


def _city(rng: np.random.Generator) -> str:
    """A made-up place such as ``SP-MARANA``."""
    letters = [LATIN[i] for i in rng.integers(0, 26, 2)]
    syllables = ("SA", "MA", "RO", "CAM", "PI", "NAS", "LO", "BEL", "TI", "GUA", "RA", "VI", "DO")
    name = "".join(syllables[i] for i in rng.integers(0, len(syllables), rng.integers(2, 6)))
    return f"{''.join(letters)}-{name}" if rng.random() < 0.8 else name


def _print_words(
    canvas: Canvas, mask: Mask, box: tuple[float, float, float, float], ink: Colour
) -> None:
    """Print words as large as fit in a box ``(x, y, w, h)``, centred in it."""
    x, y, width, height = box
    scale = min(width / mask.shape[1], height / mask.shape[0])
    wide, tall = round(mask.shape[1] * scale), round(mask.shape[0] * scale)
    if wide < 2 or tall < 2:
        return
    small = cv2.resize(mask, (wide, tall), interpolation=cv2.INTER_AREA)
    left, top = round(x + (width - wide) / 2), round(y + (height - tall) / 2)
    part = canvas[top : top + tall, left : left + wide]
    small = small[: part.shape[0], : part.shape[1]]
    part += (np.array(ink, np.float32) - part) * (small[..., None] / np.float32(255))


def _draw_border(canvas: Canvas, ink: Colour, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    inset = int(rng.integers(0, 3))
    thick = 1 if rng.random() < 0.7 else 2
    colour = tuple(float(c) for c in ink)
    corner = (width - 1 - inset, height - 1 - inset)
    cv2.rectangle(canvas, (inset, inset), corner, colour, thick, cv2.LINE_AA)


def _print(canvas: Canvas, ink: Ink, colour: Colour, rng: np.random.Generator) -> None:
    """Print the characters, with seals and blots, stamped up or down out of the sheet."""
    for x, y, wide, tall in ink.seals:
        draw_seal(canvas, (x, y, wide, tall), rng)
    for x, y, wide, tall in ink.blots:
        canvas[max(0, y) : y + tall, max(0, x) : x + wide] = rng.uniform(90, 170)
    mask = _thicken(ink.mask, rng).astype(np.float32) / 255
    if rng.random() < 0.5:
        # Stamped sheet: an edge towards the light is bright, the one away from it dark.
        light = rng.uniform(10, 60) * (1 if rng.random() < 0.7 else -1)
        move = np.array([[1, 0, rng.uniform(-1.2, 1.2)], [0, 1, rng.uniform(0.3, 1.5)]])
        relief = mask - cv2.warpAffine(mask, move, (mask.shape[1], mask.shape[0]))
        canvas += (relief * np.float32(light))[..., None]
    opacity = rng.uniform(0.8, 1.0) if rng.random() < 0.8 else rng.uniform(0.5, 0.8)
    cover = mask * np.float32(opacity)
    if rng.random() < WORN:
        cover *= _worn(cover.shape, rng)
    canvas += (np.array(colour, np.float32) - canvas) * cover[..., None]


def _worn(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """Share of the paint that is left: it comes off in patches, down to the bare relief."""
    coarse = rng.uniform(0.05, 1.6, (int(rng.integers(1, 4)), int(rng.integers(2, 8))))
    left = cv2.resize(coarse.astype(np.float32), (shape[1], shape[0]))
    return np.asarray(np.clip(left, 0, 1), np.float32)


def _thicken(mask: Mask, rng: np.random.Generator) -> Mask:
    """Sometimes make strokes a little heavier or lighter than the font's."""
    chance = rng.random()
    if chance < 0.2:
        return np.asarray(cv2.dilate(mask, np.ones((2, 2), np.uint8)), np.uint8)
    if chance < 0.3:
        soft = np.asarray(cv2.GaussianBlur(mask, (3, 3), 0.6), np.float32)
        return np.asarray(np.clip((soft - 70) * 1.45, 0, 255), np.uint8)
    return mask


def _pixels(box: Box, canvas: Canvas) -> tuple[int, int, int, int]:
    height, width = canvas.shape[:2]
    left, top, right, bottom = box
    x, y = round(left * width), round(top * height)
    return x, y, max(x + 1, round(right * width)), max(y + 1, round(bottom * height))
