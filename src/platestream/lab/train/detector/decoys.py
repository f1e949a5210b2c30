"""Things on streets that are round or bright or striped and no plate: wheels, lamps, cans."""

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from platestream.lab.render.fonts import GlyphBook
from platestream.lab.train.detector.lettering import Rgba, draw_lettering

_SIDE_PX: Final = 120


def draw_decoy(rng: Generator, book: GlyphBook) -> Rgba:
    """Draw a wheel, a lamp, a grille or a can.

    Args:
        rng: Decides everything.
        book: Draws what stands on the can.

    Returns:
        RGB and cover, as `draw_lettering` does.

    Raises:
        ConfigError: a font is not installed.
    """
    kinds: Sequence[Callable[[Generator], Rgba]] = (_wheel, _wheel, _lamp, _grille)
    index = int(rng.integers(len(kinds) + 1))
    return _can(rng, book) if index == len(kinds) else kinds[index](rng)


def _canvas(width_px: int, height_px: int) -> Rgba:
    return np.zeros((height_px, width_px, 4), np.uint8)


def _wheel(rng: Generator) -> Rgba:
    """A tyre, a rim and its spokes, seen from any side."""
    width = int(_SIDE_PX * rng.uniform(0.4, 1.0))
    sheet, middle = _canvas(width, _SIDE_PX), (width // 2, _SIDE_PX // 2)
    tyre, metal = int(rng.integers(5, 60)), int(rng.integers(90, 245))

    def disc(share: float, level: int) -> None:
        axes = (int(middle[0] * share), int(middle[1] * share))
        cv2.ellipse(sheet, middle, axes, 0, 0, 360, (level, level, level, 255), -1, cv2.LINE_AA)

    rim = rng.uniform(0.6, 0.8)
    disc(0.98, tyre)
    disc(rim, metal)
    disc(rim * 0.92, int(rng.integers(20, 120)))
    num_spokes, start = int(rng.integers(4, 12)), rng.uniform(0, np.pi)
    for spoke in range(num_spokes):
        angle = start + 2 * np.pi * spoke / num_spokes
        end = (
            int(middle[0] * (1 + rim * 0.9 * np.cos(angle))),
            int(middle[1] * (1 + rim * 0.9 * np.sin(angle))),
        )
        cv2.line(sheet, middle, end, (metal, metal, metal, 255), int(rng.integers(4, 14)))
    disc(rng.uniform(0.1, 0.25), metal)
    return sheet


def _lamp(rng: Generator) -> Rgba:
    """A glass with a bright middle that shines over its rim."""
    width, height = int(_SIDE_PX * rng.uniform(0.8, 2.4)), _SIDE_PX
    sheet, middle = _canvas(width, height), (width // 2, height // 2)
    glass = rng.integers(60, 230, 3) if rng.random() < 0.5 else np.array((190, 40, 30))
    axes = (int(width * 0.47), int(height * rng.uniform(0.2, 0.47)))
    cv2.ellipse(sheet, middle, axes, 0, 0, 360, (*(int(c) for c in glass), 255), -1)
    for _ in range(rng.integers(0, 9)):  # the ribs of the glass
        x = int(rng.integers(0, width))
        cv2.line(sheet, (x, 0), (x, height), (*(int(c * 0.8) for c in glass), 255), 2)
    if rng.random() < 0.6:
        light = tuple(int(axis * rng.uniform(0.3, 0.8)) for axis in axes)
        cv2.ellipse(
            sheet, middle, light, 0, 0, 360, (255, 255, int(rng.integers(200, 256)), 255), -1
        )
    sheet[:, :, 3] *= cv2.ellipse(np.zeros((height, width)), middle, axes, 0, 0, 360, 1, -1) > 0
    return np.asarray(cv2.GaussianBlur(sheet, (0, 0), rng.uniform(0.5, 5)), np.uint8)


def _grille(rng: Generator) -> Rgba:
    """Parallel bars, as radiators, vents and fences have."""
    width, height = int(_SIDE_PX * rng.uniform(1.2, 4)), _SIDE_PX
    sheet = _canvas(width, height)
    dark, bright = int(rng.integers(0, 60)), int(rng.integers(90, 240))
    sheet[:] = (dark, dark, dark, 255)
    step = int(rng.integers(8, 40))
    across = rng.random() < 0.5
    for at in range(0, width if across else height, step):
        ends = ((at, 0), (at, height)) if across else ((0, at), (width, at))
        cv2.line(sheet, *ends, (bright, bright, bright, 255), max(1, step // 3))
    return sheet


def _can(rng: Generator, book: GlyphBook) -> Rgba:
    """Writing around a cylinder, dark towards its sides."""
    writing = draw_lettering(rng, book)
    writing = np.asarray(cv2.resize(writing, (_SIDE_PX, int(rng.integers(30, 90)))), np.uint8)
    height = int(_SIDE_PX * rng.uniform(1.2, 2))
    body = _canvas(_SIDE_PX, height)
    body[:] = (*(int(c) for c in rng.integers(0, 256, 3)), 255)
    top = int(rng.integers(0, height - len(writing)))
    share = writing[:, :, 3:] / np.float32(255)
    part = body[top : top + len(writing), :, :3]
    part[:] = (part * (1 - share) + writing[:, :, :3] * share).astype(np.uint8)
    round_off = np.sin(np.linspace(0.15, np.pi - 0.15, _SIDE_PX))[None, :, None]
    body[:, :, :3] = (body[:, :, :3] * round_off).astype(np.uint8)
    return body
