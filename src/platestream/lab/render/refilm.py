"""A real crop, filmed again: moved, tilted, out of focus, dark, packed."""

import cv2
import numpy as np

from platestream.core.types import Rgb
from platestream.lab.render import optics


def degrade(crop: Rgb, rng: np.random.Generator, strength: float = 1.0) -> Rgb:
    """Vary a real crop, which is a photograph already: a quarter stay as they are, few get bad.

    Args:
        crop: ``(H, W, 3)`` uint8 RGB.
        rng: Decides everything.
        strength: 0 changes nothing but compression, 1 is usual, 2 is rough.

    Returns:
        ``(h, w, 3)`` uint8 RGB, of the same size or smaller.
    """
    if rng.random() < 0.25:
        return crop
    return spoil(_jiggle(crop, rng, strength), rng, strength)


def spoil(image: Rgb, rng: np.random.Generator, strength: float = 1.0) -> Rgb:
    """The part of `degrade` that leaves everything where it is."""
    small = 0.0 if rng.random() < 0.5 else rng.uniform(0, 0.65) * min(1.0, strength)
    scale = max(1 - small, min(1.0, rng.uniform(10, 18) / image.shape[0]))
    if scale < 0.97:
        size = (max(12, round(image.shape[1] * scale)), max(6, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    height_px = image.shape[0]
    if rng.random() < 0.35:
        image = optics.defocus(image, rng.exponential(0.022) * strength * height_px)
    if rng.random() < 0.2:
        length = rng.exponential(0.09) * strength * height_px
        image = optics.smear(image, min(length, 15.0), rng.choice((0.0, 90.0, 45.0, 135.0)))
    if rng.random() < 0.15 * min(1.0, strength):
        image = optics.grey(image)
    if rng.random() < 0.7:
        gain = np.exp(rng.normal(-0.05, 0.25 * strength) + rng.normal(0, 0.06 * strength, 3))
        gamma, haze = np.exp(rng.normal(0, 0.2 * strength)), rng.normal(0, 10 * strength)
        image = optics.expose(image, gain.astype(np.float32), float(gamma), haze)
    if rng.random() < 0.4:
        image = optics.add_noise(image, rng.exponential(6) * strength, rng)
    if rng.random() < 0.15:
        image = optics.sharpen(image, float(rng.uniform(0.3, 1.6) * min(1.0, strength)))
    quality = int(rng.integers(25, 95)) if rng.random() < 0.5 else 100
    return optics.compress(image, quality)


def tilt(crop: Rgb, rng: np.random.Generator) -> Rgb:
    """Show an upright crop as if it were seen from aside or above, in a box around it.

    Args:
        crop: ``(H, W, 3)`` uint8 RGB, the plate upright in it.
        rng: Decides everything.

    Returns:
        ``(h, w, 3)`` uint8 RGB, beyond the crop its rim goes on.
    """
    height, width = crop.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    roll, slant = np.tan(np.deg2rad(rng.normal(0, (7.0, 9.0))))
    squeeze = rng.uniform(0.75, 1.1)
    centred = corners - (width / 2, height / 2)
    x = centred[:, 0] * squeeze + slant * centred[:, 1]
    y = centred[:, 1] * (1 + rng.normal(0, 0.08) * centred[:, 0] / width) + roll * centred[:, 0]
    turned = np.stack([x, y], 1)
    loose = np.abs(rng.normal(0, 0.06, (2, 2))) * np.ptp(turned, axis=0)
    low, high = turned.min(axis=0) - loose[0], turned.max(axis=0) + loose[1]
    size = np.maximum(np.round(high - low), (12, 6)).astype(int)
    move = cv2.getPerspectiveTransform(corners, (turned - low).astype(np.float32))
    return np.asarray(
        cv2.warpPerspective(
            crop, move, (int(size[0]), int(size[1])), borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def _jiggle(crop: Rgb, rng: np.random.Generator, strength: float) -> Rgb:
    """Move the corners of a crop a little, and its borders with them."""
    if rng.random() < 0.3 or strength <= 0:
        return crop
    height, width = crop.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shared = rng.normal(0, 0.02 * strength, 4)
    box = np.array([[shared[0], shared[1]], [shared[2], shared[1]]])
    box = np.concatenate([box, [[shared[2], shared[3]], [shared[0], shared[3]]]])
    shift = box * (1.0, 1.8) + rng.normal(0, 0.012 * strength, (4, 2))
    if rng.random() < 0.4:
        # A small turn about the centre.
        turn = np.tan(np.deg2rad(rng.normal(0, 4 * strength)))
        shift[:, 1] += turn * (corners[:, 0] / width - 0.5) * width / height
    source = corners + (shift * (width, height)).astype(np.float32)
    move = cv2.getPerspectiveTransform(source.astype(np.float32), corners)
    return np.asarray(
        cv2.warpPerspective(crop, move, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
