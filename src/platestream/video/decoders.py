"""What decodes videos: the processor, or a hardware decoder that FFmpeg finds. Light to import."""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING

from platestream.core.choices import unknown
from platestream.core.errors import ConfigError

if TYPE_CHECKING:
    from av.codec.hwaccel import HWAccel
    from av.video.frame import VideoFrame

logger = logging.getLogger(__name__)

DEFAULT_DECODER = "cpu"
AUTO = "auto"
HARDWARE = ("cuda", "vaapi", "videotoolbox")
"""FFmpeg's names of device types, in the order that `auto` tries them."""

DECODER_NAMES = (AUTO, DEFAULT_DECODER, *HARDWARE)
"""What a user may choose."""


def check_decoder(name: str) -> str:
    """The name of a decoder, as it is if it can be chosen; whether it is here is not asked.

    Raises:
        ConfigError: there is none.
    """
    if name not in DECODER_NAMES:
        raise ConfigError(unknown("decoder", name, DECODER_NAMES))
    return name


def hardware(decoder: str) -> HWAccel | None:
    """What `av.open` is to be given for a decoder: None for the processor.

    A codec that the hardware does not know is decoded by the processor all the same.

    Args:
        decoder: One of `DECODER_NAMES`; `auto` takes the first that is here, else the processor.

    Raises:
        ConfigError: there is none of that name, or no such hardware here.
    """
    from av.codec.hwaccel import HWAccel

    check_decoder(decoder)
    if decoder == DEFAULT_DECODER:
        return None
    if decoder == AUTO:
        found = next((name for name in HARDWARE if not why_not(name)), None)
        return HWAccel(found, allow_software_fallback=True) if found else None
    if problem := why_not(decoder):
        msg = f"decoder {decoder}: {problem}; check its driver, or choose auto or cpu"
        raise ConfigError(msg)
    return HWAccel(decoder, allow_software_fallback=True)


@cache
def why_not(name: str) -> str:
    """Why hardware of this name cannot decode here; empty where it can.

    Asked once: what is plugged in while we run is not noticed.
    """
    import av.error
    from av.codec import Codec
    from av.codec.hwaccel import HWAccel, hwdevices_available

    if name not in hwdevices_available():
        return "the FFmpeg that PyAV brings was built without it"
    try:
        HWAccel(name).create(Codec("h264", "r"))
    except (OSError, NotImplementedError, av.error.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        logger.info("decoder %s: not here (%s)", name, reason)
        return f"there is no such device here ({reason})"
    return ""


def planar(picture: VideoFrame) -> VideoFrame:
    """The same picture with a plane for each colour.

    Hardware gives NV12, whose two colours lie in one plane: parts of it could not be converted
    without the whole.
    """
    return (
        picture.reformat(format="yuv420p", threads=1) if picture.format.name == "nv12" else picture
    )
