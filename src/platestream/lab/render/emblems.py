"""Pictures on plates that are no characters: inspection seals, coats of arms, a state's symbol.

A reader that never saw them reads them: a coat of arms as a Chinese character, a tree as an I.
"""

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Canvas: TypeAlias = NDArray[np.float32]
PixelBox: TypeAlias = tuple[int, int, int, int]
"""``(x, y, width, height)``."""

_SHIELD = np.array(
    [(0.1, 0.05), (0.9, 0.05), (0.9, 0.55), (0.75, 0.8), (0.5, 0.97), (0.25, 0.8), (0.1, 0.55)]
)
_SEAL_COLOURS = (
    (206, 92, 34), (196, 40, 40), (30, 120, 70), (40, 90, 170), (225, 225, 225), (60, 60, 66),
    (220, 180, 50),
)  # fmt: skip


def draw_seal(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    """One round seal, or two above each other as in Slovakia and Czechia, or a small picture."""
    x, y, wide, tall = box
    kind = rng.random()
    if kind < 0.35:
        _disc(canvas, (x, y + int(rng.integers(-2, 3)), wide, tall), rng)
    elif kind < 0.75:
        side = max(3, round(min(wide, tall) * rng.uniform(0.6, 0.95)))
        left, middle = x + (wide - side) // 2, y + tall // 2
        gap = max(1, round(side * rng.uniform(0.02, 0.35)))
        _disc(canvas, (left, middle - side - gap // 2, side, side), rng)
        _disc(canvas, (left, middle + gap // 2, side, side), rng)
        if rng.random() < 0.4:
            # Half hidden under the seals runs the dash of the plate.
            canvas[middle : middle + max(1, tall // 8), x : x + wide] = rng.uniform(20, 90)
    else:
        draw_picture(canvas, (x, y - tall // 3, wide, round(tall * 1.6)), rng)


def draw_crest(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    """A coat of arms: a shield in two colours with a cross, a bar or a beast on it."""
    outline = _pixels(_SHIELD, box)
    field, charge = _vivid(rng), _vivid(rng)
    if rng.random() < 0.5:
        # The arms of Slovakia: a white double cross on red over blue hills.
        field, charge = (190.0, 40.0, 46.0), (235.0, 235.0, 235.0)
    cv2.fillPoly(canvas, [outline], field, cv2.LINE_AA)
    if rng.random() < 0.7:
        hills = _pixels(np.array([(0.12, 0.6), (0.5, 0.5), (0.88, 0.6), (0.5, 0.97)]), box)
        cv2.fillPoly(canvas, [hills], (40.0, 70.0, 150.0), cv2.LINE_AA)
    lines = [((0.5, 0.15), (0.5, 0.6)), ((0.3, 0.3), (0.7, 0.3)), ((0.22, 0.45), (0.78, 0.45))]
    if rng.random() < 0.3:
        lines = [(tuple(p), tuple(q)) for p, q in rng.uniform(0.2, 0.75, (4, 2, 2))]
    thick = max(1, round(box[2] * 0.1))
    for start, end in lines:
        first, second = _pixels(np.array([start, end]), box).tolist()
        cv2.line(canvas, first, second, charge, thick, cv2.LINE_AA)
    if rng.random() < 0.5:
        cv2.polylines(canvas, [outline], True, _vivid(rng), 1, cv2.LINE_AA)


def draw_picture(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    """A state's symbol as seen from afar: a fruit, a tree, a star, a bird, a map."""
    draw: tuple[Callable[[Canvas, PixelBox, np.random.Generator], None], ...]
    draw = (_disc, _star, _tree, _blob, _blob, draw_crest, _figure, _figure, _figure)
    draw[int(rng.integers(len(draw)))](canvas, box, rng)


def _disc(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    x, y, wide, tall = box
    centre = (x + wide // 2, y + tall // 2)
    for radius in (0.5, 0.3):
        axes = (max(1, round(wide * radius)), max(1, round(tall * radius * rng.uniform(0.9, 1.1))))
        cv2.ellipse(canvas, centre, axes, 0, 0, 360, _vivid(rng), -1, cv2.LINE_AA)


def _star(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    angles = np.linspace(0, 2 * np.pi, 11)[:-1] - np.pi / 2
    radii = np.where(np.arange(10) % 2, 0.2, 0.5)
    points = 0.5 + np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None]
    cv2.fillPoly(canvas, [_pixels(points, box)], _vivid(rng), cv2.LINE_AA)


def _tree(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    colour = _vivid(rng)
    crown = np.array([(0.5, -0.1), (0.85, 0.85), (0.15, 0.85)])
    trunk = np.array([(0.42, 0.8), (0.58, 0.8), (0.58, 1.1), (0.42, 1.1)])
    for part in (crown, trunk):
        points = part + rng.normal(0, 0.05, part.shape)
        cv2.fillPoly(canvas, [_pixels(points, box)], colour, cv2.LINE_AA)


def _blob(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 4))):
        num = int(rng.integers(4, 9))
        angles = np.sort(rng.uniform(0, 2 * np.pi, num))
        radii = rng.uniform(0.15, 0.55, num)
        points = (
            rng.uniform(0.4, 0.6, 2)
            + np.stack([np.cos(angles), np.sin(angles)], 1) * (radii[:, None])
        )
        cv2.fillPoly(canvas, [_pixels(points, box)], _vivid(rng), cv2.LINE_AA)


def _figure(canvas: Canvas, box: PixelBox, rng: np.random.Generator) -> None:
    """A dark silhouette in strokes as thick as a character's: a rider, a wheelchair, a bird."""
    shade = rng.uniform(10, 80) + rng.normal(0, 12, 3)
    colour = tuple(shade.tolist()) if rng.random() < 0.7 else _vivid(rng)
    thick = max(1, round(box[2] * rng.uniform(0.05, 0.2)))
    for _ in range(int(rng.integers(3, 7))):
        points = rng.uniform(0.2, 0.8, 2) + np.cumsum(rng.normal(0, 0.16, (4, 2)), axis=0)
        limb = _pixels(np.clip(points, 0, 1), box)
        cv2.polylines(canvas, [limb], False, colour, thick, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 3))):
        centre = _pixels(rng.uniform(0.2, 0.8, (1, 2)), box)[0].tolist()
        radius = max(1, round(box[2] * rng.uniform(0.08, 0.3)))
        cv2.circle(canvas, centre, radius, colour, -1 if rng.random() < 0.5 else thick, cv2.LINE_AA)


def _vivid(rng: np.random.Generator) -> tuple[float, float, float]:
    if rng.random() < 0.6:
        colour = np.array(_SEAL_COLOURS[int(rng.integers(len(_SEAL_COLOURS)))], float)
        colour = np.clip(colour + rng.normal(0, 20, 3), 0, 255)
    else:
        colour = rng.uniform(10, 245, 3)
    return float(colour[0]), float(colour[1]), float(colour[2])


def _pixels(points: NDArray[np.float64], box: PixelBox) -> NDArray[np.int32]:
    x, y, wide, tall = box
    return np.round(points * (wide, tall) + (x, y)).astype(np.int32)
