"""What sky, houses and ground look like, place by place."""

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.lab.render.scene.light import Field, hazed, shade_at, smooth

WALL_X_M = 7.5
"""The houses stand this far to both sides."""

_ROAD_X_M = 3.5
_FACADES = ((196, 176, 148), (172, 128, 104), (206, 200, 188), (158, 148, 136), (188, 158, 116),
            (142, 120, 108), (214, 196, 160))  # fmt: skip
_AWNINGS = ((150, 44, 40), (44, 84, 70), (50, 66, 110), (186, 160, 110))
_PATCHES = ((-1.2, 17, 0.7, 2.2), (2.3, 30, 0.8, 3), (1.1, 11.5, 0.35, 0.9))
"""Mended places of the road: x, z, half width, half length."""


def paint_sky(ray_y: Field, ahead: Field, rng: np.random.Generator) -> Field:
    """Blue above, pale at the horizon, with clouds and a far tree line.

    Args:
        ray_y: ``(H, 1)`` how steeply each row looks up.
        ahead: ``(1, W)`` how far each column looks to the right.
        rng: Makes the clouds up.

    Returns:
        ``(H, W, 3)`` float32.
    """
    height = np.clip(ray_y / 0.2, 0, 1)[..., None]
    low, high = np.array([218, 224, 230], np.float32), np.array([134, 172, 214], np.float32)
    sky = low + (high - low) * height + np.zeros((1, ahead.shape[1], 1), np.float32)
    x, y = np.broadcast_arrays(ahead * 900, 900 * 3 * ray_y)
    clouds = smooth((_sample(_noise(rng, (64, 32, 16, 8)), x + 200, y) - 0.1) * 0.7)[..., None]
    sky += (np.float32(242) - sky) * clouds.astype(np.float32) * 0.8
    hills = 0.012 + 0.012 * _sample(_noise(rng, (32, 8, 4)), x, np.zeros_like(x))
    sky[ray_y < hills] = (150, 164, 160)
    return np.asarray(sky, np.float32)


def paint_houses(z: Field, y: Field, side: int, rng: np.random.Generator) -> tuple[Field, Field]:
    """Facades along one side of the street.

    Args:
        z: ``(K,)`` metres along the street.
        y: ``(K,)`` metres above the ground.
        side: -1 for the left one, 1 for the right one.
        rng: Makes widths, heights and colours up.

    Returns:
        Colours ``(K, 3)``, and ``(K,)`` 1 where there is a house, 0 where the sky is seen.
    """
    edges = np.cumsum(rng.uniform(7, 12, 24))
    number = np.searchsorted(edges, z)
    tones = np.array(_FACADES, np.float32)[rng.permutation(24 * len(_FACADES)) % len(_FACADES)]
    tops, bays = rng.uniform(8.5, 15, 25)[number], rng.uniform(1.9, 2.7, 25)[number]
    storey = rng.uniform(2.9, 3.4, 25)[number]
    along = (z - np.concatenate([[0], edges])[number]) / bays
    up = (y - 3.9) / storey
    grain = 1.04 + 0.06 * _sample(_noise(rng, (16, 4, 1)), z * 25, y * 25)
    colours = tones[number] * grain[:, None]
    window = (np.abs(along % 1 - 0.5) < 0.24) & (np.abs(up % 1 - 0.48) < 0.29) & (up > 0)
    frame = (np.abs(along % 1 - 0.5) < 0.29) & (np.abs(up % 1 - 0.47) < 0.34) & (up > 0)
    colours[frame] = colours[frame] * 0.55 + 100
    lit = rng.uniform(0.5, 1.5, 4096).astype(np.float32)
    pane = lit[(number * 131 + along.astype(int) * 17 + up.astype(int) * 7) % 4096, None]
    colours[window] = (np.array([58, 68, 80], np.float32) * pane)[window]
    _paint_shops(colours, y, along, number, pane)
    colours[np.abs(y - tops + 0.25) < 0.25] *= 1.12
    colours *= 1.04 if side < 0 else 0.7
    return hazed(colours, z, 190), (y < tops).astype(np.float32)


def _paint_shops(
    colours: Field, y: Field, along: Field, number: NDArray[np.integer], pane: Field
) -> None:
    """Shop windows and awnings, into facades ``(K, 3)``."""
    shop = (y < 2.9) & (y > 0.5) & (np.abs(along % 2 - 1) < 0.85)
    colours[y < 3.3] *= 0.82
    colours[shop] = (np.array([52, 58, 62], np.float32) * (0.7 + 0.5 * pane))[shop]
    awning = (y > 2.95) & (y < 3.6) & (number % 3 != 1)
    stripes = np.array(_AWNINGS, np.float32)[number % len(_AWNINGS)]
    colours[awning] = stripes[awning] * np.where(along[awning] * 3 % 1 < 0.5, 1.0, 0.86)[:, None]


def paint_ground(x: Field, z: Field, rng: np.random.Generator) -> Field:
    """Asphalt, lines, kerbs and pavements at ``(K,)`` places: colours ``(K, 3)``."""
    grain = _noise(rng, (1, 2)), _noise(rng, (32, 64, 128))
    fade = np.clip(9 / z, 0.05, 1)
    fine = _sample(grain[0], x * 180, z * 60) * fade
    coarse = _sample(grain[1], x * 20, z * 4)
    colours = _paint_road(x, z, fine, coarse)
    _paint_pavements(colours, np.abs(x) - _ROAD_X_M, z, 150 + 6 * fine + 5 * coarse)
    colours[np.hypot(x + 0.55, z - 13.4) < 0.33] *= 0.72
    shade = 0.85 * shade_at(z - 0.25 * x)
    shade = np.maximum(shade, 0.75 * smooth((x - 4.4) / 0.5) * (z > 13))
    colours *= 1.08 - 0.42 * shade[:, None].astype(np.float32)
    return hazed(colours, z, 260)


def _paint_road(x: Field, z: Field, fine: Field, coarse: Field) -> Field:
    """Asphalt with the tracks of wheels, mended places and worn lines: ``(K, 3)``."""
    tone = 100 + 8 * fine + 3.5 * coarse
    tone -= 6 * sum(np.exp(-(((np.abs(x) - centre) / 0.28) ** 2)) for centre in (0.95, 2.4))
    for x0, z0, half_x, half_z in _PATCHES:
        tone -= 11 * ((np.abs(x - x0) < half_x) & (np.abs(z - z0) < half_z))
    colours = np.stack([tone, tone, tone * 1.015], axis=1).astype(np.float32)
    worn = np.clip(0.86 + 0.16 * coarse + 0.12 * fine, 0, 1)
    dash = (np.abs(x) < 0.065) & (z % 5.0 < 2.6)
    edge = np.abs(np.abs(x) - _ROAD_X_M + 0.25) < 0.05
    colours[dash | edge] += ((208 - colours) * worn[:, None] * 0.9)[dash | edge]
    return colours


def _paint_pavements(colours: Field, beside: Field, z: Field, tone: Field) -> None:
    """Slabs, kerbs and gutters, into a ground ``(K, 3)``; `beside` is metres off the road."""
    joint = ((z % 0.9 < 0.035) | ((beside % 0.9) < 0.025)) & (z < 40)
    tone = np.where(joint, tone - 26 * np.clip(9 / z, 0.05, 1), tone)
    pavement = beside > 0
    colours[pavement] = (tone[:, None] * np.array([1.0, 0.985, 0.95], np.float32))[pavement]
    colours[(beside > 0) & (beside < 0.16)] = (172, 170, 166)
    colours[(beside > -0.09) & (beside < 0)] *= 0.72


def _noise(rng: np.random.Generator, grains_px: tuple[int, ...]) -> Field:
    """A tile ``(512, 512)`` of noise with grains of several sizes, mean 0, deviation about 1."""
    tile = np.zeros((512, 512), np.float32)
    for grain in grains_px:
        coarse = rng.standard_normal((512 // grain, 512 // grain), np.float32)
        tile = tile + np.asarray(cv2.resize(coarse, (512, 512), interpolation=cv2.INTER_CUBIC))
    return np.asarray((tile - tile.mean()) / tile.std(), np.float32)


def _sample(tile: Field, x: Field, y: Field) -> Field:
    """Look a repeated tile up at ``(...)`` places, in its pixels."""
    return np.asarray(tile[y.astype(int) % 512, x.astype(int) % 512], np.float32)
