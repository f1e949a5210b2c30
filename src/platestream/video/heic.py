"""HEIC, the pictures of phones: read where a library for it is installed, else said to be missing.

None is a dependency: what decodes HEIC is under the LGPL.
"""

import io
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from platestream.core.limits import MAX_PICTURE_PIXELS
from platestream.core.types import Rgb

LIBRARIES = ("pi_heif", "pillow_heif")
"""The first decodes and no more, which is all that is wanted."""


def decode_heic(data: bytes) -> tuple[Rgb | None, str]:
    """Decode one picture, turned upright as the file says.

    Returns:
        ``(H, W, 3)`` uint8 RGB and nothing, or None and why there is no picture.
    """
    name = next((name for name in LIBRARIES if find_spec(name)), None)
    if name is None:
        return None, "HEIC needs a library; `pip install pi-heif`, or save it as JPEG"
    library: Any = import_module(name)
    try:
        # Lazy: its size is known before a pixel is decoded.
        picture = library.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        width, height = picture.size
        if width * height > MAX_PICTURE_PIXELS:
            return None, f"too large; shrink it below {MAX_PICTURE_PIXELS} pixels"
        pixels = np.asarray(picture)
    except Exception:  # noqa: BLE001 - it raises whatever it likes, a SyntaxError among others
        return None, "a broken picture; replace or remove it"
    if pixels.ndim != 3:  # grey
        pixels = np.stack([pixels] * 3, axis=-1)
    return np.ascontiguousarray(pixels[..., :3], np.uint8), ""
