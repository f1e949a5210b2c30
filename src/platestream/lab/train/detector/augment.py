"""What cameras do to a picture, and writing that is no plate."""

import string
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from platestream.core.types import Rgb

_WRITING: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits * 4 + "   ::--/."
_FONTS: Final = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)


def degrade(rgb: Rgb, rng: Generator) -> Rgb:
    """Change light, colour, sharpness, noise and compression at random; the shape stays."""
    rgb = _relight(rgb, rng)
    if rng.random() < 0.25:
        rgb = _blur(rgb, rng)
    if rng.random() < 0.3:
        noise = rng.standard_normal(rgb.shape, np.float32) * np.float32(rng.uniform(2, 18))
        rgb = (rgb + noise).clip(0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 85))]
        rgb = np.asarray(cv2.imdecode(cv2.imencode(".jpg", rgb, quality)[1], 1), np.uint8)
    return rgb


def add_text(rgb: Rgb, boxes: NDArray[np.float32], rng: Generator) -> Rgb:
    """Write one to three lines, as time stamps and shop signs do, clear of every plate.

    Args:
        rgb: ``(H, W, 3)`` uint8.
        boxes: ``(K, 4)`` xyxy of the plates.
        rng: Decides all.
    """
    rgb = rgb.copy()
    for _ in range(rng.integers(1, 4)):
        text = "".join(rng.choice(list(_WRITING), rng.integers(4, 24)))
        font, scale = int(rng.choice(_FONTS)), float(rng.uniform(0.35, 1.3))
        thickness = int(rng.integers(1, 4 if scale > 0.7 else 2))
        (width, height), _ = cv2.getTextSize(text, font, scale, thickness)
        x = int(rng.integers(-width // 3, rgb.shape[1]))
        y = int(rng.integers(height, rgb.shape[0]))
        line = np.array([x, y - height, x + width, y + height // 2])
        overlaps = (np.minimum(line[2:], boxes[:, 2:]) > np.maximum(line[:2], boxes[:, :2])).all(1)
        if overlaps.any():
            continue
        colour = (255, 255, 255) if rng.random() < 0.5 else tuple(rng.integers(0, 256, 3).tolist())
        if rng.random() < 0.4:
            cv2.putText(rgb, text, (x, y), font, scale, (0, 0, 0), thickness + 2)
        cv2.putText(rgb, text, (x, y), font, scale, colour, thickness, cv2.LINE_AA)
    return rgb


def _relight(rgb: Rgb, rng: Generator) -> Rgb:
    gamma = np.exp(rng.normal(0, 0.25))
    gain = np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.06, 3))
    offset = rng.normal(0, 12)
    if rng.random() < 0.12:  # night
        gamma, gain = gamma * rng.uniform(1.3, 2.2), gain * rng.uniform(0.3, 0.8)
    levels = np.linspace(0, 1, 256)[:, None] ** gamma * gain * 255 + offset
    table = levels.clip(0, 255).astype(np.uint8)
    rgb = np.asarray(cv2.LUT(rgb, table[None]), np.uint8)
    if rng.random() < 0.12:  # infrared and grey cameras
        rgb = np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return rgb


def _blur(rgb: Rgb, rng: Generator) -> Rgb:
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    length = int(rng.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    for t in np.linspace(-middle, middle, 2 * length):
        kernel[round(middle + t * np.sin(angle)), round(middle + t * np.cos(angle))] = 1
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum()), np.uint8)
