"""No buffer of FFmpeg's grows without bound: a stranger's stream may hold an endless picture.

FFmpeg has such a bound for the whole process, and PyAV does not hand it on; so it is set in the
very library that PyAV has loaded.
"""

import ctypes
import logging
from ctypes.util import find_library
from pathlib import Path
from typing import Final

import av

from platestream.core.limits import MAX_PICTURE_PIXELS

MAX_BYTES: Final = 6 * MAX_PICTURE_PIXELS
"""Of one allocation: the largest picture that is decoded, at three channels of 16 bits."""

_BESIDE_AV: Final = ("../av.libs/*avutil*", ".dylibs/*avutil*")
"""Where wheels for Linux and Windows, and for macOS, have the library."""

logger = logging.getLogger(__name__)


def bound_allocations() -> bool:
    """Have FFmpeg refuse larger ones with "Cannot allocate memory".

    Returns:
        Whether it could be told: a FFmpeg built in another way may hide the function.
    """
    package = Path(av.__file__).parent
    own = [str(path.resolve()) for pattern in _BESIDE_AV for path in package.glob(pattern)]
    for name in own or [find_library("avutil") or "avutil"]:
        try:
            library = ctypes.CDLL(name)
            library.av_max_alloc.argtypes = [ctypes.c_size_t]
            library.av_max_alloc.restype = None
            library.av_max_alloc(MAX_BYTES)
        except (OSError, AttributeError) as error:
            logger.warning("FFmpeg's memory has no bound: %s", error)
            return False
    return True
