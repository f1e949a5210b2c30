"""AVIF, decoded by FFmpeg: OpenCV's limit goes by what the container says, and not by the picture.

A file of 3 kB that says 64x64 and holds 16000x16000 took 3.4 GB. FFmpeg hands its limit to the
decoder of the picture itself.
"""

import io

import av
import av.error
import numpy as np

from platestream.core.limits import MAX_PICTURE_PIXELS
from platestream.core.types import Rgb
from platestream.video.decoded import upright_rgb
from platestream.video.videos import DECODER_LIMITS

_BROKEN = "a broken picture, or one above {} pixels; replace or shrink it"


def decode_avif(data: bytes, *, as_stored: bool = False) -> tuple[Rgb | None, str]:
    """Decode one picture; of a moving one the first.

    Args:
        data: The file's bytes.
        as_stored: Not turned as it says.

    Returns:
        ``(H, W, 3)`` uint8 RGB and nothing, or None and why there is no picture.
    """
    try:
        with av.open(io.BytesIO(data), "r", format="mov", options=DECODER_LIMITS) as container:
            stream, *others = container.streams.video
            # What is transparent is a grey picture of its own; others are tiles of one large one.
            if any(not (o.codec_context.pix_fmt or "gray").startswith("gray") for o in others):
                return None, "an AVIF of several parts; save it as JPEG"
            stream.codec_context.options = DECODER_LIMITS
            stream.codec_context.thread_count = 1
            frame = next(container.decode(stream))
            rgb = frame.to_ndarray(format="rgb24", threads=1) if as_stored else upright_rgb(frame)
            return np.asarray(rgb, np.uint8), ""
    except (av.error.FFmpegError, OSError, ValueError, IndexError, StopIteration, MemoryError):
        return None, _BROKEN.format(MAX_PICTURE_PIXELS)
