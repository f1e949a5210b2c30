"""Another province on a real Chinese plate.

Of the real plates we may learn from, two of three are from Anhui, and some provinces are on none:
a reader soon takes "a real Chinese plate" for Anhui, however many others are rendered. So the first
character of a real plate is painted over and another one drawn in its place.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import PROVINCES
from platestream.core.types import Rgb
from platestream.lab.render.fonts import CJK, GlyphBook, Mask

CELL = (0.05, 0.14, 0.178, 0.88)
"""Left, top, right, bottom of the first character's place in an upright crop, its margin included.

As the mean of two thousand crops of `CornerFinder.upright` shows it.
"""

GLYPH = (0.064, 0.21, 0.165, 0.83)
"""Of its strokes."""

GAP = (0.174, 0.184)
"""Columns right of it that hold paper only where the crop fits the plate well."""

MAX_INK_IN_GAP = 0.35
MIN_INK = 0.15
"""Shares of ink: more in the gap or less in the character, and the crop is cut in another way."""

MAX_PAPER_APART = 30.0
"""Grey levels between the paper of the character and of the rest; else one is no paper at all."""

MIN_ASPECT = 2.6
"""Narrower crops may show two rows, or a plate far off square."""

MIN_CONTRAST = 25.0
"""Grey levels between ink and paper; below, nobody knows which is which."""


def can_swap(text: str, rgb: Rgb) -> bool:
    """Whether an upright crop shows a plate of one row that starts with a province.

    The green ones are longer, and their characters stand elsewhere.
    """
    height, width = rgb.shape[:2]
    return len(text) == 7 and text[0] in PROVINCES and width >= MIN_ASPECT * height


def swap_province(
    text: str, rgb: Rgb, rng: np.random.Generator, book: GlyphBook
) -> tuple[str, Rgb]:
    """Draw another province on a plate for which `can_swap` holds.

    Args:
        text: What it says.
        rgb: ``(H, W, 3)`` uint8 RGB, upright, as `CornerFinder.upright` cuts it.
        rng: Picks the province and the place.
        book: Draws the character, from bitmaps of real plates where it has them.

    Returns:
        The new text and picture; both unchanged where ink and paper cannot be told apart, or
        the character is not where it should be.

    Raises:
        ConfigError: a font or the bitmaps are missing.
    """
    height, width = rgb.shape[:2]
    left, top, right, bottom = _box(CELL, width, height)
    cell = rgb[top:bottom, left:right].astype(np.float32)
    paper, ink = _two_colours(cell)
    rest = rgb[height // 5 : -height // 5, width // 5 : -width // 10].astype(np.float32)
    paper_elsewhere, bold_ink = _two_colours(rest)
    if (
        abs(float(paper.mean() - ink.mean())) < MIN_CONTRAST
        or abs(float(paper_elsewhere.mean() - paper.mean())) > MAX_PAPER_APART
        or not _fits(rgb, paper, ink)
    ):
        return text, rgb
    province = PROVINCES[rng.integers(len(PROVINCES))]
    bitmap = book.bitmap(f"140_{province}") if rng.random() < 0.7 else None
    mask = _mask(bitmap if bitmap is not None else book.glyph(CJK, province), (width, height), rng)
    out = rgb.astype(np.float32)
    # The paper keeps its own light and shade: a strong blur of the cell with its ink clipped off.
    plain = np.where(_is_ink(cell, paper, ink)[..., None], paper, cell)
    plain = np.asarray(cv2.GaussianBlur(plain, (0, 0), 0.12 * height + 0.5), np.float32)
    edge = _soft_edge(plain.shape[:2])[..., None]
    out[top:bottom, left:right] += (plain - out[top:bottom, left:right]) * edge
    # In the cell's own fine strokes ink and paper are mixed.
    out += (bold_ink - out) * mask[..., None]
    return province + text[1:], np.clip(out, 0, 255).astype(np.uint8)


def _two_colours(cell: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colours of paper and ink: the larger and the smaller side of Otsu's threshold."""
    grey = np.clip(cell.mean(axis=2), 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    dark = grey <= level
    if dark.all() or not dark.any():
        return cell.mean(axis=(0, 1)), cell.mean(axis=(0, 1))
    # Ink covers about a third of the cell; on blue plates it is bright, on yellow ones dark. Thin
    # strokes are mixed with paper: their own colour shows in the purest tenth only.
    if dark.mean() >= 0.5:
        pure = grey >= np.quantile(grey, 0.9)
        return np.median(cell[dark], axis=0), np.median(cell[pure], axis=0)
    pure = grey <= np.quantile(grey, 0.1)
    return np.median(cell[~dark], axis=0), np.median(cell[pure], axis=0)


def _fits(rgb: Rgb, paper: NDArray[np.float32], ink: NDArray[np.float32]) -> bool:
    """Whether the first character stands where it should, with paper at its right."""
    height, width = rgb.shape[:2]
    row = rgb[round(0.25 * height) : round(0.78 * height)].astype(np.float32)
    is_ink = _is_ink(row, paper, ink)
    gap, glyph = (
        is_ink[:, int(left * width) : max(int(left * width) + 1, int(right * width))].mean()
        for left, right in (GAP, (GLYPH[0], GLYPH[2]))
    )
    return bool(gap <= MAX_INK_IN_GAP and glyph >= MIN_INK)


def _is_ink(
    cell: NDArray[np.float32], paper: NDArray[np.float32], ink: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Pixels that are a third of the way from paper to ink, or further."""
    to_ink = np.abs(cell - ink).sum(axis=2)
    to_paper = np.abs(cell - paper).sum(axis=2)
    return np.asarray(to_paper > 0.33 * (to_ink + to_paper))


def _mask(glyph: Mask, size_px: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """The character's share of each pixel of the crop, as soft as a small picture is."""
    width, height = size_px
    left, top, right, bottom = GLYPH
    shift, grow = rng.normal(0, 0.006, 2), rng.uniform(-0.01, 0.003, 2)
    left, right = left - grow[0], right + grow[0]
    top, bottom = top - 3 * grow[1], bottom + 3 * grow[1]
    corners = np.array([[left, top], [right, top], [left, bottom]], np.float64)
    corners = (corners + shift * (1, 3)) * (width, height)
    glyph = _of_weight(glyph, rng)
    # Shrink with area averaging first; the warp then only moves it between pixels.
    small = cv2.resize(
        glyph,
        (max(3, round((right - left) * width)), max(4, round((bottom - top) * height))),
        interpolation=cv2.INTER_AREA,
    )
    rows, columns = small.shape
    source = np.array([[0, 0], [columns, 0], [0, rows]], np.float32)
    move = cv2.getAffineTransform(source, corners.astype(np.float32))
    mask = cv2.warpAffine(small.astype(np.float32) / 255, move, (width, height))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 0.9)), np.float32)


def _of_weight(glyph: Mask, rng: np.random.Generator) -> Mask:
    """The character with finer or bolder strokes: every maker's dies are a little different."""
    size = int(rng.integers(0, 4))
    if size < 2:
        return glyph
    change = cv2.erode if rng.random() < 0.3 else cv2.dilate
    return np.asarray(change(glyph, np.ones((size, size), np.uint8)), np.uint8)


def _soft_edge(shape: tuple[int, int]) -> NDArray[np.float32]:
    rows, columns = shape
    edge = np.zeros((rows, columns), np.float32)
    inset = max(1, columns // 12)
    edge[inset : rows - inset, inset : columns - inset] = 1
    return np.asarray(cv2.GaussianBlur(edge, (0, 0), inset * 0.6 + 0.2), np.float32)


def _box(share: tuple[float, float, float, float], width: int, height: int) -> tuple[int, ...]:
    left, top, right, bottom = share
    x, y = int(left * width), int(top * height)
    return x, y, max(x + 4, round(right * width)), max(y + 6, round(bottom * height))
