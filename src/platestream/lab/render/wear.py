"""What happens to a plate after it was made: dirt, shade, screws, stickers, a holder around it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.lab.render.fonts import FAMILIES, GlyphBook

Canvas = NDArray[np.float32]
"""``(H, W, 3)`` float32 RGB, 0..255."""

_DEALERS = (
    "AUTOHAUS", "MOTORS", "www.cars.com", "TOYOTA", "VOLKSWAGEN", "FORD OF TOWN", "AVTO", "HONDA",
    "BMW", "CHEVROLET", "DEALER 555-0100", "CENTRO AUTO", "Premium Cars",
)  # fmt: skip


def wear(canvas: Canvas, rng: np.random.Generator) -> None:
    """Age a plate in place.

    Args:
        canvas: ``(H, W, 3)`` float32 RGB, the plate filling it.
        rng: Decides what happens to it.
    """
    if rng.random() < 0.5:
        _shade(canvas, rng)
    if rng.random() < 0.35:
        _soil(canvas, rng)
    if rng.random() < 0.45:
        _screw(canvas, rng)
    if rng.random() < 0.08:
        _sticker(canvas, rng)


def holder(canvas: Canvas, rng: np.random.Generator, book: GlyphBook) -> Canvas:
    """Put a plate in a holder: a rim on all sides, its lower edge often with words on it.

    Returns:
        A larger canvas.
    """
    height, width = canvas.shape[:2]
    rim = max(1, round(height * rng.uniform(0.02, 0.07)))
    lip = round(height * rng.uniform(0.08, 0.2)) if rng.random() < 0.6 else rim
    tone = rng.uniform(12, 70) if rng.random() < 0.8 else rng.uniform(120, 220)
    framed = np.empty((height + rim + lip, width + 2 * rim, 3), np.float32)
    framed[:] = tone + rng.normal(0, 4, 3)
    framed[rim : rim + height, rim : rim + width] = canvas
    if lip > rim + 2 and rng.random() < 0.8:
        faces = FAMILIES["any"]
        mask = book.words(
            faces[int(rng.integers(len(faces)))], _DEALERS[rng.integers(len(_DEALERS))]
        )
        tall = lip - 2
        wide = min(width - 4, round(mask.shape[1] * tall / mask.shape[0] * rng.uniform(1, 2)))
        small = cv2.resize(mask, (wide, tall), interpolation=cv2.INTER_AREA) / np.float32(255)
        left = rim + (width - wide) // 2
        part = framed[rim + height + 1 : rim + height + 1 + tall, left : left + wide]
        part += (np.float32(255 - tone) - part) * small[..., None] * np.float32(rng.uniform(0.4, 1))
    return framed


def _shade(canvas: Canvas, rng: np.random.Generator) -> None:
    """Uneven light: a smooth field, or the hard edge of a bumper's shadow."""
    height, width = canvas.shape[:2]
    if rng.random() < 0.7:
        coarse = rng.uniform(0.72, 1.1, (2, int(rng.integers(2, 5)))).astype(np.float32)
        canvas *= cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
        return
    slope, offset = rng.uniform(-0.3, 0.3), rng.uniform(-0.1, 0.7) * height
    edge = offset + slope * (np.arange(width) - width / 2)
    dark = np.arange(height)[:, None] < edge[None]
    canvas[dark] *= np.float32(rng.uniform(0.4, 0.75))


def _soil(canvas: Canvas, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    coarse = rng.uniform(0, 1, (int(rng.integers(4, 14)), int(rng.integers(8, 40))))
    cover = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    cover = np.clip((cover - rng.uniform(0.4, 0.8)) * 2, 0, 1) * np.float32(rng.uniform(0.15, 0.7))
    tone = np.array([110, 95, 75], np.float32) * np.float32(rng.uniform(0.4, 1.5))
    canvas += (tone - canvas) * cover[..., None]


def _screw(canvas: Canvas, rng: np.random.Generator) -> None:
    height, width = canvas.shape[:2]
    inset, down = rng.uniform(0.03, 0.3), rng.uniform(0.06, 0.16)
    if rng.random() < 0.35:
        down = 0.5 + rng.uniform(-0.1, 0.1)
        inset = rng.uniform(0.015, 0.05)
    tone = rng.uniform(20, 235)
    rows = (down,) if rng.random() < 0.6 else (down, 1 - down)
    radius = max(1, round(height * rng.uniform(0.025, 0.05)))
    for row in rows:
        for column in (inset, 1 - inset):
            centre = (round(column * width), round(row * height))
            cv2.circle(canvas, centre, radius, (tone, tone, tone), -1, cv2.LINE_AA)


def _sticker(canvas: Canvas, rng: np.random.Generator) -> None:
    """A small sticker near an edge, where it seldom covers a character."""
    height, width = canvas.shape[:2]
    side = round(height * rng.uniform(0.12, 0.25))
    x = int(rng.integers(0, width - side))
    y = 0 if rng.random() < 0.5 else height - side
    canvas[y : y + side, x : x + side] = rng.uniform(20, 240, 3)
