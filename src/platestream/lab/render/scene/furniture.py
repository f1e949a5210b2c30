"""What stands and hangs in the street: trees, lamp posts, and signs that are no plates."""

from dataclasses import dataclass

import cv2
import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render.fonts import FAMILIES, GlyphBook
from platestream.lab.render.parts import Colour
from platestream.lab.render.scene.brush import Layer, over, paste
from platestream.lab.render.scene.lens import Lens, Points
from platestream.lab.render.scene.light import hazed


@dataclass(frozen=True, slots=True)
class _Sign:
    words: str
    x_m: float
    y_m: float
    z_m: float
    length_m: float
    paper: Colour
    ink: Colour
    along_wall: bool = False


_SIGNS = (
    _Sign("BAKERY 24H", -7.48, 3.3, 27.0, 5.0, (132, 30, 32), (244, 232, 206), along_wall=True),
    _Sign("AUTO PARTS", 7.48, 3.3, 25.0, 5.5, (28, 60, 120), (240, 240, 236), along_wall=True),
    _Sign("HOTEL 58", -6.9, 4.6, 36.0, 1.7, (236, 232, 220), (24, 30, 44)),
    _Sign("PHARMACY", 5.1, 4.2, 33.0, 2.2, (24, 104, 64), (244, 246, 244)),
)
_SIGN_HALF_M = 0.36
_POSTS_M = ((4.3, 31.0), (-4.3, 25.5))


def plant_trees(street: Rgb, lens: Lens, rng: np.random.Generator) -> None:
    """Trees and lamp posts along the kerbs, far ones first."""
    for z in (88.0, 66.0, 50.0, 37.0):
        for x in (-5.0, 5.2):
            _plant(street, lens, x, z + 3 * float(np.sign(x)), rng)
    for x, z in _POSTS_M:
        _erect(street, lens, np.array([[x, 0, z], [x, 8, z]]), 0.13, (84, 90, 94))


def _plant(street: Rgb, lens: Lens, x: float, z: float, rng: np.random.Generator) -> None:
    _erect(street, lens, np.array([[x, 0, z], [x, 2.6, z]]), 0.24, (74, 64, 54))
    blobs = rng.normal(0, 1, (420, 3)) * (0.72, 0.8, 0.5)
    blobs = blobs[np.linalg.norm(blobs, axis=1) < 1.75]
    for dx, dy, dz in blobs[np.argsort(blobs[:, 1] - blobs[:, 2])]:
        centre = np.round(lens.project(np.array([x + dx, 4.1 + dy, z]))).astype(int).tolist()
        sunny = np.clip(0.62 + 0.26 * dy + 0.14 * dx - 0.2 * dz + rng.normal(0, 0.1), 0.28, 1.25)
        colour = hazed(np.array([92, 122, 58]) * sunny, z, 190).tolist()
        radius = max(1, round(rng.uniform(0.1, 0.24) * lens.focal_px / z))
        cv2.circle(street, centre, radius, colour, -1, cv2.LINE_AA)


def _erect(street: Rgb, lens: Lens, ends: Points, thick_m: float, colour: Colour) -> None:
    """A trunk or a post, from its foot up: ``(2, 3)``."""
    foot, top = np.round(lens.project(ends)).astype(int).tolist()
    thick = max(2, round(thick_m * lens.focal_px / ends[0, 2]))
    cv2.line(street, foot, top, colour, thick, cv2.LINE_AA)


def hang_signs(street: Rgb, lens: Lens, book: GlyphBook) -> None:
    """Signs with lettering that are no plates: some along the walls, some across the pavement.

    Raises:
        ConfigError: a font is not installed.
    """
    for sign in _SIGNS:
        layer = np.zeros((*street.shape[:2], 4), np.uint8)
        paste(layer, _board(sign, book), lens.project(_sign_quad(sign)))
        soft: Layer = np.asarray(
            cv2.GaussianBlur(layer, (0, 0), 1.4 * lens.focal_px / 3800), np.uint8
        )
        over(street, soft)


def _sign_quad(sign: _Sign) -> Points:
    """Corners ``(4, 3)``, from the top left, clockwise, as one reads it."""
    start, end = np.array([[sign.x_m, sign.y_m, sign.z_m]] * 2)
    if sign.along_wall:
        (start if sign.x_m > 0 else end)[2] += sign.length_m
    else:
        end[0] += sign.length_m
    half = np.array([0, _SIGN_HALF_M, 0])
    return np.array([start + half, end + half, end - half, start - half])


def _board(sign: _Sign, book: GlyphBook) -> Rgb:
    """Its picture, 100 pixels a metre: ``(72, W, 3)`` uint8."""
    board = np.empty((72, round(100 * sign.length_m), 3), np.float32)
    board[:] = np.array(sign.paper) * np.linspace(1.05, 0.9, 72)[:, None, None]
    mask = book.words(FAMILIES["bold"][0], sign.words)
    wide = min(board.shape[1] - 16, round(mask.shape[1] * 42 / mask.shape[0]))
    small = cv2.resize(mask, (wide, 42), interpolation=cv2.INTER_AREA)[..., None] / 255
    left = (board.shape[1] - wide) // 2
    part = board[15:57, left : left + wide]
    part += (np.array(sign.ink) - part) * small
    return np.clip(board, 0, 255).astype(np.uint8)
