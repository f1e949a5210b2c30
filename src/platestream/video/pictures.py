"""Still pictures: which files they are, how large, and their pixels, in and out.

Every picture that is decoded passes `decode_picture`, whoever made it, and no header is read here:
a reader of our own could be told another size than the decoder is. The decoder has the limit
itself (`core.limits.MAX_PICTURE_PIXELS`), and what it can be kept busy with is bounded before.
"""

import os
import re
import stat
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import FrameDecodeError, SourceNotFound, StoreError
from platestream.core.limits import MAX_PICTURE_PIXELS
from platestream.core.private import open_private
from platestream.core.types import Rgb
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_picture
from platestream.video.avif import decode_avif
from platestream.video.heic import decode_heic

PICTURE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".png"}
    | {".tif", ".tiff", ".webp"}
)
"""What a picture is known by; one without a suffix is known by how it begins."""

MAX_FILE_BYTES = 256_000_000
"""More than any picture that may be decoded takes, uncompressed."""

MAX_SCANS = 64
"""Passes over a JPEG; encoders make some ten. A file may ask for thousands and hold a core for
minutes, as each pass goes over the whole picture."""

MAX_GIF_PIXELS = 16_000_000

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_JPEG_2000 = (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")
_TAKEN = (_JPEG, _PNG, b"BM", b"II*\0", b"MM\0*", b"GIF8", *_JPEG_2000)
_AVIF, _HEIC = (b"avif", b"avis"), (b"heic", b"heix", b"heim", b"heis", b"mif1")
"""How files begin that a decoder is asked about; the others' decoders are never reached."""

# In a JPEG's own data FF is followed by 0, so it has at most as many scans as this stands in it.
_SCAN = b"\xff\xda"


def natural_key(path: Path) -> list[str | int]:
    """Sort key that puts ``frame9`` before ``frame10``."""
    # Text and digits alternate, so an int is never compared with a str.
    return [int(s) if s.isdecimal() else s for s in re.split(r"(\d+)", path.name.lower())]


def list_folder(folder: Path) -> list[Path]:
    """What lies in a folder.

    Raises:
        SourceNotFound: it cannot be looked into.
    """
    try:
        return list(folder.iterdir())
    except OSError as error:
        msg = f"{folder}: cannot be looked into ({error.strerror}); check its permissions"
        raise SourceNotFound(msg) from error


def list_pictures(folder: Path) -> list[Path]:
    """The pictures that lie in a folder itself, in natural order; hidden files left out."""
    files = (p for p in list_folder(folder) if p.name[0] != "." and p.is_file())
    return sorted(filter(is_picture, files), key=natural_key)


def is_picture(path: Path) -> bool:
    """Whether a file is a picture: by its suffix, or where it has none by how it begins."""
    return path.suffix.lower() in PICTURE_SUFFIXES or (
        not path.suffix and _kind_of(first_bytes(path)) != ""
    )


def first_bytes(path: Path) -> bytes:
    """How a file begins; nothing where it cannot be read."""
    try:
        if not path.is_file():  # a pipe would keep us waiting
            return b""
        with path.open("rb") as file:
            return file.read(32)
    except OSError:
        return b""


def _kind_of(head: bytes) -> str:
    """What a file is by how it begins: ``heic``, ``avif``, ``picture``, or nothing we know."""
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in _HEIC:
        return "heic"
    if brand in _AVIF:
        return "avif"
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return "picture" if is_webp or head.startswith(_TAKEN) else ""


def read_picture(path: Path, *, as_stored: bool = False) -> Rgb:
    """Decode one picture, turned upright as its EXIF data says unless wanted `as_stored`.

    Returns:
        ``(H, W, 3)`` uint8 RGB; grey pictures become three equal channels.

    Raises:
        SourceNotFound: the file is not there or is empty.
        FrameDecodeError: it is no picture, or a side is under `MIN_CROP_SIDE_PX` or
            over `MAX_SIDE_PX`, or it has over `MAX_PICTURE_PIXELS`.
    """
    return decode_picture(_read_bytes(path), str(path), as_stored=as_stored)


def decode_picture(data: bytes, name: str, *, as_stored: bool = False) -> Rgb:
    """Decode one picture's bytes; `name` is for messages, the rest as in `read_picture`.

    Args:
        data: The file's bytes.
        name: What to call it in messages.
        as_stored: Not turned as its EXIF data says.
    """
    problem, kind = _refusal(data), _kind_of(data[:32])
    rgb: NDArray[Any] | None = None
    if kind == "heic":
        rgb, problem = decode_heic(data)
    elif kind == "avif":
        rgb, problem = decode_avif(data, as_stored=as_stored)
    elif not problem:
        how = cv2.IMREAD_COLOR_RGB | (cv2.IMREAD_IGNORE_ORIENTATION if as_stored else 0)
        try:
            rgb = cv2.imdecode(np.frombuffer(data, np.uint8), how)
            problem = "not a picture, or a broken one; replace or remove it"
        except (cv2.error, MemoryError) as error:
            is_large = "CV_IO_MAX_IMAGE" in str(error) or isinstance(error, MemoryError)
            problem = "a broken picture; replace or remove it"
            if is_large:
                problem = f"too large; shrink it below {MAX_PICTURE_PIXELS} pixels"
    if rgb is None:
        msg = f"{name}: {problem}"
        raise FrameDecodeError(msg)
    picture = np.asarray(rgb, np.uint8)
    check_picture(picture, name, MIN_CROP_SIDE_PX)
    return picture


def decode_upload(data: bytes, name: str, max_pixels: int) -> Rgb:
    """Decode a picture that a stranger sent: PNG or JPEG, the decoders that are attacked most.

    Args:
        data: The file's bytes.
        name: What to call it in messages.
        max_pixels: More are refused.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        FrameDecodeError: it is neither, broken, too small or too large.
    """
    if not data.startswith((_JPEG, _PNG)):
        msg = f"{name}: neither a PNG nor a JPEG, or a broken one; send one of these"
        raise FrameDecodeError(msg)
    rgb = decode_picture(data, name)
    height, width = rgb.shape[:2]
    if width * height > max_pixels:
        msg = f"{name}: {width}x{height} is too large; shrink it below {max_pixels} pixels"
        raise FrameDecodeError(msg)
    return rgb


def has_too_many_scans(data: bytes) -> bool:
    """Whether a JPEG would keep its decoder busy for long, see `MAX_SCANS`."""
    return data.count(_SCAN) > MAX_SCANS


def shrink(rgb: Rgb, max_width_px: int) -> Rgb:
    """A picture made as narrow as wanted, if it is wider."""
    height, width = rgb.shape[:2]
    if width <= max_width_px:
        return rgb
    size = (max_width_px, max(1, round(height * max_width_px / width)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def encode_jpeg(rgb: Rgb, quality: int = 90) -> bytes:
    """A picture as JPEG, `quality` in 0..100."""
    bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def encode_picture(rgb: Rgb, suffix: str = ".png") -> bytes:
    """A picture in the format that a file's suffix names."""
    _, data = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return data.tobytes()


def write_picture(path: Path, rgb: Rgb) -> None:
    """Encode one picture in the format that the file's suffix names; its owner alone can read it.

    Raises:
        StoreError: the file cannot be written.
    """
    try:
        # OpenCV's own writer does not say why it failed.
        with open_private(path, "wb") as file:
            file.write(encode_picture(rgb, path.suffix))
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels as stored.

    Raises:
        SourceNotFound: the file is not there or is empty.
        FrameDecodeError: it is no picture.
    """
    height, width = read_picture(path, as_stored=True).shape[:2]
    return width, height


def _refusal(data: bytes) -> str:
    """Why a decoder is not even asked; empty if it is."""
    if not _kind_of(data[:32]):
        return "not a picture that is read here; give a JPEG, PNG, BMP, TIFF, WebP, AVIF or GIF"
    # OpenCV makes room for a GIF before it looks at its own limit.
    width, height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
    if data.startswith(b"GIF8") and width * height > MAX_GIF_PIXELS:
        return f"too large for a GIF; shrink it below {MAX_GIF_PIXELS} pixels, or save it as PNG"
    if data.startswith(_JPEG) and has_too_many_scans(data):
        return f"a JPEG of more than {MAX_SCANS} scans; save it anew"
    return ""


def _read_bytes(path: Path) -> bytes:
    try:
        # Not to wait at a pipe or device for what never comes.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:  # noqa: PTH123 - it is no path
            status = os.fstat(handle)
            problem = ""
            if not stat.S_ISREG(status.st_mode):
                problem = "is no file; give a picture"
            elif status.st_size > MAX_FILE_BYTES:
                problem = f"has more than {MAX_FILE_BYTES} bytes; shrink it"
            elif not (data := file.read(MAX_FILE_BYTES)):
                problem = "the file is empty; replace or remove it"
    except (OSError, ValueError) as error:  # the latter where a name holds a NUL
        why = getattr(error, "strerror", None) or "its name is none"
        msg = f"{path}: cannot be read ({why}); check the path"
        raise SourceNotFound(msg) from error
    if problem:
        msg = f"{path}: {problem}"
        raise SourceNotFound(msg)
    return data
