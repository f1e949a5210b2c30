"""Writing that is no plate: signs, boards, badges, lettering on vans. Drawn once, pasted often."""

from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from platestream.lab.render.fonts import FAMILIES, GlyphBook, Mask

Rgba = NDArray[np.uint8]
"""``(H, W, 4)`` uint8: RGB and how much it covers."""

_WORDS: Final = (
    *("auto", "turbo", "hybrid", "taxi", "police", "parking", "service", "garage", "motors"),
    *("electric vehicle", "for sale", "express", "delivery", "school bus", "ambulance", "rental"),
    *("central", "market", "coffee", "hotel", "restaurant", "exit", "no entry", "open", "stop"),
    *("editorial use only", "diesel", "sport", "limited", "automatic", "quattro", "classic"),
    *("security", "cleaning", "logistics", "transport", "flowers", "pharmacy", "telecom"),
)
_SYLLABLES: Final = ("ka", "lo", "mer", "tan", "vi", "sto", "ra", "bel", "con", "fi", "der", "ux")
_ENDINGS: Final = (".com", ".net", " ltd", " gmbh", " 24h", " tel. 0800 555 0199", " & sons")


def draw_lettering(rng: Generator, book: GlyphBook) -> Rgba:
    """Draw one piece of writing: a board, an oval badge, or letters on whatever is behind them.

    No board says what a plate could say: it is a word or a line, not a number of a few signs.

    Args:
        rng: Decides everything.
        book: Draws the characters.

    Returns:
        RGB and cover, between 40 and 160 pixels high.

    Raises:
        ConfigError: a font is not installed.
    """
    faces = FAMILIES["any"]
    face = faces[int(rng.integers(len(faces)))]
    lines = [book.words(face, _words(rng)) for _ in range(1 if rng.random() < 0.75 else 2)]
    ink = _stacked(lines, rng)
    ink_colour, ground_colour = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
    if rng.random() < 0.5:  # black, white or chrome letters are the common ones
        ink_colour = np.full(3, rng.choice((10, 235, 160)))
    if abs(int(ink_colour.mean()) - int(ground_colour.mean())) < 60:
        ground_colour = 255 - ink_colour
    kind = rng.choice(("board", "badge", "bare"), p=(0.35, 0.15, 0.5))
    ground = _ground(ink.shape, str(kind))
    share = (ink / 255.0)[:, :, None]
    rgb = ground_colour * (1 - share) + ink_colour * share
    return np.dstack([rgb, np.maximum(ink, ground)]).astype(np.uint8)


def _words(rng: Generator) -> str:
    if rng.random() < 0.6:
        words = str(rng.choice(_WORDS))
    else:
        words = "".join(rng.choice(_SYLLABLES, rng.integers(2, 5)))
    if rng.random() < 0.25:
        words += str(rng.choice(_ENDINGS))
    case = (str.upper, str.title, str.lower)[rng.integers(3)]
    return case(words)


def _stacked(lines: list[Mask], rng: Generator) -> Mask:
    """Lines of one width, one above the other, with a margin."""
    width = max(line.shape[1] for line in lines)
    margin = int(rng.integers(4, 30))
    rows = []
    for line in lines:
        left = (width - line.shape[1]) // 2
        rows.append(np.pad(line, ((margin, margin), (left, width - line.shape[1] - left))))
    return np.pad(np.concatenate(rows), ((0, 0), (margin, margin)))


def _ground(shape: tuple[int, ...], kind: str) -> Mask:
    ground = np.zeros(shape, np.uint8)
    height, width = shape
    if kind == "board":
        ground[:] = 255
    elif kind == "badge":
        cv2.ellipse(
            ground, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 255, -1
        )
    return ground
