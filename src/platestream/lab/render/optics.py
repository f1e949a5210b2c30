"""What a lens, a sensor and a codec do to a small picture; each function takes microseconds.

Pictures are ``(H, W, 3)`` uint8 RGB throughout.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb

_LEVELS = np.arange(256, dtype=np.float32)[:, None] / np.float32(255)


def defocus(image: Rgb, sigma_px: float) -> Rgb:
    """Gaussian blur; below a fifth of a pixel it is left out."""
    if sigma_px < 0.2:
        return image
    side = 2 * int(np.ceil(2.5 * sigma_px)) + 1
    return np.asarray(cv2.GaussianBlur(image, (side, side), sigma_px), np.uint8)


def smear(image: Rgb, length_px: float, angle_deg: float) -> Rgb:
    """Motion blur along a line; below a pixel and a half it is left out."""
    if length_px < 1.5:
        return image
    kernel = _line_kernel(round(length_px * 2), round(angle_deg / 5) * 5)
    return np.asarray(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8)


def expose(image: Rgb, gain: NDArray[np.float32], gamma: float, haze: float) -> Rgb:
    """Light it: ``255 (image / 255)^gamma * gain + haze``, clipped.

    Args:
        image: The picture.
        gain: ``(3,)`` float32, one factor a channel: brightness and colour cast.
        gamma: Above 1 makes middle tones darker.
        haze: Added to all, in grey levels; flattens contrast.
    """
    curve = np.power(_LEVELS, np.float32(gamma)) * (gain * np.float32(255)) + np.float32(haze)
    table = np.clip(curve, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[:, None]), np.uint8)


def grey(image: Rgb) -> Rgb:
    """The same picture without colour, as infrared cameras give it."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), np.uint8)


def add_noise(image: Rgb, sigma: float, rng: np.random.Generator) -> Rgb:
    """Add sensor noise of `sigma` grey levels; strong noise also stains the colours."""
    if sigma < 0.7:
        return image
    height, width = image.shape[:2]
    luma = rng.standard_normal((height, width), np.float32) * np.float32(sigma)
    noise = np.asarray(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB), np.float32)
    if sigma > 4:
        stains = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), np.float32)
        spread = cv2.resize(stains, (width, height), interpolation=cv2.INTER_NEAREST)
        noise = noise + np.asarray(spread, np.float32) * np.float32(0.6 * sigma)
    return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)


def enlarge(image: Rgb, factor: float) -> Rgb:
    """Make it larger without adding detail."""
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def sharpen(image: Rgb, amount: float) -> Rgb:
    """Unsharp mask: the halos of cheap cameras."""
    soft = cv2.GaussianBlur(image, (5, 5), 1.2)
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)


def rain(image: Rgb, num_streaks: int, slant: float, rng: np.random.Generator) -> Rgb:
    """Draw faint bright streaks."""
    height, width = image.shape[:2]
    layer = np.zeros((height, width), np.uint8)
    for x, y, length in rng.random((num_streaks, 3)):
        start = (int(x * width), int(y * height))
        reach = (0.15 + 0.35 * length) * height
        end = (int(start[0] + slant * reach), int(start[1] + reach))
        cv2.line(layer, start, end, 130, 1)
    soft = cv2.cvtColor(cv2.GaussianBlur(layer, (3, 3), 0.7), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.add(image, soft), np.uint8)


def compress(image: Rgb, quality: int) -> Rgb:
    """Through JPEG and back; a quality of 98 or more leaves it as it is."""
    if quality >= 98:
        return image
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


@lru_cache(maxsize=2048)
def _line_kernel(half_pixels: int, angle_deg: int) -> NDArray[np.float32]:
    length = half_pixels / 2
    side = int(np.ceil(length)) | 1
    kernel = np.zeros((side, side), np.float32)
    centre = (side - 1) / 2
    angle = np.deg2rad(angle_deg)
    for share in np.linspace(-0.5, 0.5, 4 * side):
        x = centre + share * (length - 1) * np.cos(angle)
        y = centre + share * (length - 1) * np.sin(angle)
        kernel[round(y), round(x)] += 1
    return np.asarray(kernel / kernel.sum(), np.float32)
