"""Pasting drawn plates, whose corners are known, and writing that is no plate into pictures."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from platestream.core.types import Rgb
from platestream.lab.train.detector.lettering import Rgba
from platestream.lab.train.detector.scenes import Quads, hulls
from platestream.lab.train.detector.views import View

_NUM_TO_FIT: Final = 6
"""Plates of which the one whose shape comes nearest is pasted."""

_MARGIN: Final = 1.06
"""How much larger than the old plate's box the new one's is: its rim must not look out."""

_WIDTH_PX: Final = (16.0, 260.0)

_STEEP_SHARE: Final = 0.1
"""Share of things seen from far aside or above."""

_AS_THE_CAR_SHARE: Final = 0.15
_BRIGHT_CAR: Final = 110.0
"""Of plates so many are as bright as the car around them, where that is as bright as this."""


def replace_plates(
    view: View, plates: Sequence[Rgb], rng: Generator, any_shape: float = 0.0
) -> View:
    """Paste a drawn plate over each plate of a view, turned in space within the old one's box.

    Args:
        view: Not changed.
        plates: Pictures ``(H, W, 3)`` uint8 that a plate fills.
        rng: Decides everything.
        any_shape: How often a plate of another shape than the old one's takes its place, 0..1;
            few cars of the pictures have a plate of two rows.

    Returns:
        The view with the new plates, all corners known.
    """
    if not len(view.boxes):
        return view
    rgb = view.rgb.copy()
    quads = view.quads.copy()
    for index, box in enumerate(hulls(quads)):
        aspect = (box[2] - box[0]) / (box[3] - box[1])
        num_to_fit = 1 if rng.random() < any_shape else _NUM_TO_FIT
        candidates = [plates[int(i)] for i in rng.integers(len(plates), size=num_to_fit)]
        plate = min(candidates, key=lambda p: abs(np.log(p.shape[1] / p.shape[0] / aspect)))
        quads[index] = _fill_box(turned(plate.shape, rng), box)
        light = _light(rgb, box)
        if rng.random() < _AS_THE_CAR_SHARE:
            light = _light_of_car(rgb, box, light)
        _erase(rgb, box)
        paste(rgb, relit(plate, light, rng), quads[index], rng)
    size_px = np.float32(rgb.shape[0])
    known = np.ones(len(quads), np.bool_)
    boxes = hulls(quads).clip(0, size_px)
    return replace(view, rgb=rgb, boxes=boxes, quads=quads, has_corners=known)


def add_lettering(view: View, lettering: Sequence[Rgba], rng: Generator) -> View:
    """Paste one to three pieces of writing clear of every plate."""
    rgb, size_px = view.rgb.copy(), view.rgb.shape[0]
    taken = np.concatenate([view.boxes, view.ignored])
    for _ in range(rng.integers(1, 4)):
        writing = lettering[int(rng.integers(len(lettering)))]
        quad = turned(writing.shape, rng)
        width_px = np.exp(rng.uniform(*np.log(np.minimum(_WIDTH_PX, 0.8 * size_px))))
        quad = quad * np.float32(width_px / np.ptp(quad[:, 0]))
        quad += rng.uniform(0, 0.9, 2).astype(np.float32) * size_px
        (box,) = hulls(quad[None])
        if (np.minimum(box[2:], taken[:, 2:]) > np.maximum(box[:2], taken[:, :2])).all(1).any():
            continue
        cover = writing[:, :, 3:].astype(np.float32) * np.float32(rng.uniform(0.6, 1) / 255)
        paste(rgb, writing[:, :, :3], quad, rng, cover)
    return replace(view, rgb=rgb)


def turned(shape: tuple[int, ...], rng: Generator) -> Quads:
    """Corners ``(4, 2)`` of a flat thing turned in space, in any unit, around its middle."""
    rough = 1.0 if rng.random() < 0.75 else 2.2
    yaw, pitch = np.deg2rad(rng.normal(0, 18 * rough)), np.deg2rad(rng.normal(5, 10 * rough))
    roll = np.deg2rad(rng.normal(0, 3.5 * rough))
    is_steep = rng.random() < _STEEP_SHARE
    if is_steep:
        yaw, roll = rng.uniform(0.6, 1.15) * rng.choice((-1, 1)), np.deg2rad(rng.normal(0, 9))
    yaw, pitch = np.clip([yaw, pitch], -1.15, 1.1)
    half = np.array([shape[1], shape[0]]) / (2 * shape[1])
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    x = flat[:, 0] * np.cos(yaw) + flat[:, 1] * np.sin(pitch) * np.sin(yaw) * rng.uniform(0, 1)
    y = flat[:, 1] * np.cos(pitch)
    if is_steep:  # its upper edge falls off towards the far end
        y = y + flat[:, 0] * np.sin(yaw) * np.sin(pitch)
    depth = 1 + (flat[:, 0] * np.sin(yaw) + flat[:, 1] * np.sin(pitch)) * rng.uniform(0.05, 0.5)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    corners = np.column_stack([x, y]) / depth[:, None] @ turn.T
    return np.asarray(corners, np.float32)


def _fill_box(quad: Quads, box: NDArray[np.float32]) -> Quads:
    """Scale a quad evenly until its hull covers a box grown by `_MARGIN`; middle on middle."""
    (hull,) = hulls(quad[None])
    sides = hull[2:] - hull[:2]
    scale = _MARGIN * np.max((box[2:] - box[:2]) / sides)
    return np.asarray((quad - (hull[:2] + hull[2:]) / 2) * scale + (box[:2] + box[2:]) / 2)


def _light(rgb: Rgb, box: NDArray[np.float32]) -> NDArray[np.float32]:
    """The dark and the bright level of what is there now: ``(2,)``."""
    x1, y1, x2, y2 = np.rint(box).astype(int).clip(0)
    region = rgb[y1 : max(y1 + 1, y2), x1 : max(x1 + 1, x2)]
    return np.asarray(np.percentile(region, (8, 92)), np.float32)


def _light_of_car(
    rgb: Rgb, box: NDArray[np.float32], light: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The same with the level around a plate as the bright one: a white plate on a white car."""
    x1, y1, x2, y2 = _grown(rgb, box)
    around = np.float32(np.median(rgb[y1:y2, x1:x2]))
    if around < _BRIGHT_CAR:
        return light
    return np.array((min(light[0], around - 40), around), np.float32)


def relit(plate: Rgb, light: NDArray[np.float32], rng: Generator) -> Rgb:
    """A drawn plate in the light of the place it goes to."""
    dark, bright = np.percentile(plate, (5, 95))
    bright = max(bright, dark + 60)
    contrast = max(30.0, (light[1] - light[0]) * np.exp(rng.normal(0, 0.15)))
    levels = (plate - dark) / (bright - dark) * contrast + light[0] * rng.uniform(0.7, 1.1)
    return np.asarray(levels.clip(0, 255), np.uint8)


def _erase(rgb: Rgb, box: NDArray[np.float32]) -> None:
    """Fill a plate from its surroundings, coarsely, in place."""
    left, top, right, bottom = _grown(rgb, box)
    region = rgb[top:bottom, left:right]
    small = cv2.resize(region, (24, 16), interpolation=cv2.INTER_AREA)
    mask = np.zeros((16, 24), np.uint8)
    scale = np.array([24 / (right - left), 16 / (bottom - top)])
    u1, v1 = np.floor((box[:2] - (left, top)) * scale - 0.5).astype(int).clip(0)
    u2, v2 = np.ceil((box[2:] - (left, top)) * scale + 0.5).astype(int)
    mask[v1:v2, u1:u2] = 255
    filled = cv2.inpaint(np.asarray(small, np.uint8), mask, 3, cv2.INPAINT_TELEA)
    size = (right - left, bottom - top)
    smooth = cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR)
    edge = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)[:, :, None] / np.float32(255)
    region[:] = (region * (1 - edge) + smooth * edge).astype(np.uint8)


def _grown(rgb: Rgb, box: NDArray[np.float32]) -> tuple[int, int, int, int]:
    """A plate's box with what is around it, xyxy in pixels, inside the picture."""
    x1, y1, x2, y2 = box.tolist()
    grow_x, grow_y = 0.3 * (x2 - x1), 0.6 * (y2 - y1)
    height, width = rgb.shape[:2]
    left, right = int(max(0, x1 - grow_x)), int(min(width, x2 + grow_x))
    return left, int(max(0, y1 - grow_y)), right, int(min(height, y2 + grow_y))


def paste(
    rgb: Rgb,
    picture: Rgb,
    quad: Quads,
    rng: Generator,
    cover: NDArray[np.float32] | None = None,
) -> None:
    """Draw a picture into a quad, softened a little, in place."""
    left, top = np.maximum(0, np.floor(quad.min(axis=0)) - 3).astype(int)
    right, bottom = (np.ceil(quad.max(axis=0)) + 4).astype(int)
    region = rgb[top:bottom, left:right]
    if region.size == 0:
        return
    width_px = max(4, round(float(np.ptp(quad[:, 0]))))
    shrunk = (width_px, max(3, round(picture.shape[0] * width_px / picture.shape[1])))
    if cover is None:
        cover = np.ones((*picture.shape[:2], 1), np.float32)
    if width_px < picture.shape[1]:  # area averaging first: the warp below would alias
        picture = np.asarray(cv2.resize(picture, shrunk, interpolation=cv2.INTER_AREA), np.uint8)
        cover = np.asarray(cv2.resize(cover, shrunk, interpolation=cv2.INTER_AREA), np.float32)
        cover = cover[:, :, None]
    height, width = picture.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - 0.5
    target = quad - np.array((left, top), np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(source, target)
    size = (region.shape[1], region.shape[0])
    sheet = np.dstack([picture.astype(np.float32), np.float32(255) * cover])
    warped: NDArray[Any] = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_LINEAR)
    # Colours outside the sheet are black: blur them multiplied by their cover, then divide.
    warped[:, :, :3] *= warped[:, :, 3:] / 255
    soft = cv2.GaussianBlur(warped, (0, 0), 0.35 + rng.exponential(0.35))
    region[:] = (region * (1 - soft[:, :, 3:] / 255) + soft[:, :, :3]).clip(0, 255).astype(np.uint8)
