"""What a lens, a sensor and a codec do to a small picture; each function is cheap.

Pictures are ``(H, W, 3)``: float32 in 0..255 until `compress`, which takes and gives uint8.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.types import Rgb

Light = NDArray[np.float32]
"""``(H, W, 3)`` float32 RGB, 0..255."""


def defocus(image: Light, sigma_px: float) -> Light:
    """Gaussian blur; below a fifth of a pixel it is left out."""
    if sigma_px < 0.2:
        return image
    side = 2 * int(np.ceil(2.5 * sigma_px)) + 1
    return np.asarray(cv2.GaussianBlur(image, (side, side), sigma_px), np.float32)


def smear(image: Light, length_px: float, angle_deg: float) -> Light:
    """Motion blur along a line; below a pixel and a half it is left out."""
    if length_px < 1.5:
        return image
    kernel = _line_kernel(round(length_px * 2), round(angle_deg / 5) * 5)
    return np.asarray(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)


def expose(image: Light, gain: NDArray[np.float32], gamma: float, haze: float) -> Light:
    """Light it: ``255 (image / 255)^gamma * gain + haze``, without clipping.

    Args:
        image: The picture.
        gain: ``(3,)`` float32, one factor a channel: brightness and colour cast.
        gamma: Above 1 makes middle tones darker.
        haze: Added to all, in grey levels; flattens contrast.
    """
    if abs(gamma - 1) > 0.02:
        image = np.power(np.clip(image, 0, 255) * np.float32(1 / 255), np.float32(gamma))
        gain = gain * np.float32(255)
    return image * gain + np.float32(haze)


def grey(image: Light) -> Light:
    """The same picture without colour, as infrared cameras give it."""
    luma = image @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.repeat(luma[..., None], 3, axis=2)


def add_noise(image: Light, sigma: float, rng: np.random.Generator) -> Light:
    """Add sensor noise of `sigma` grey levels, mostly the same in all channels."""
    if sigma < 0.5:
        return image
    height, width = image.shape[:2]
    luma = rng.standard_normal((height, width, 1), np.float32)
    if sigma < 4:
        return image + luma * np.float32(sigma)
    chroma = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), np.float32)
    colour = cv2.resize(chroma, (width, height), interpolation=cv2.INTER_LINEAR)
    return image + np.asarray(luma + colour * np.float32(0.6), np.float32) * np.float32(sigma)


def sharpen(image: Light, amount: float) -> Light:
    """Unsharp mask: the halos of cheap cameras."""
    soft = cv2.GaussianBlur(image, (5, 5), 1.2)
    return np.asarray(image + (image - soft) * np.float32(amount), np.float32)


def rain(image: Light, num_streaks: int, slant: float, rng: np.random.Generator) -> Light:
    """Draw faint bright streaks."""
    height, width = image.shape[:2]
    layer = np.zeros((height, width), np.float32)
    for x, y, length in rng.random((num_streaks, 3)):
        start = (int(x * width), int(y * height))
        reach = 0.15 + 0.35 * length
        end = (int(start[0] + slant * reach * height), int(start[1] + reach * height))
        cv2.line(layer, start, end, 1.0, 1)
    soft = np.asarray(cv2.GaussianBlur(layer, (3, 3), 0.7), np.float32)
    return image + (np.float32(220) - image) * (soft * np.float32(0.6))[..., None]


def to_bytes(image: Light) -> Rgb:
    """Clip and round down to uint8."""
    return np.clip(image, 0, 255).astype(np.uint8)


def compress(image: Rgb, quality: int) -> Rgb:
    """Through JPEG and back; a quality of 98 or more leaves it as it is."""
    if quality >= 98:
        return image
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])


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
