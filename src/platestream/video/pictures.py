"""Still pictures: which files they are, how large, and their pixels, in and out."""

import re
from pathlib import Path

import cv2
import numpy as np

from platestream.core.errors import FrameDecodeError, SourceNotFound, StoreError
from platestream.core.types import Rgb
from platestream.models.preprocess import MAX_SIDE_PX, MIN_CROP_SIDE_PX, check_picture

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# Start-of-frame markers, which carry the size: C0 to CF but for DHT, JPG and DAC.
_JPEG_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# TEM and RST0 to RST7 have no length; a decoder passes over them, and so must we, or a forged
# length would hide the real size from us and not from it.
_JPEG_BARE_MARKERS = frozenset(range(0xD0, 0xD8)) | {0x01}


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
    found = (p for p in list_folder(folder) if p.suffix.lower() in PICTURE_SUFFIXES)
    return sorted((p for p in found if p.is_file() and p.name[0] != "."), key=natural_key)


def read_picture(path: Path) -> Rgb:
    """Decode one picture, turned upright as its EXIF data says.

    Returns:
        ``(H, W, 3)`` uint8 RGB; grey pictures become three equal channels.

    Raises:
        SourceNotFound: the file is not there or is empty.
        FrameDecodeError: it is no picture, or a side is under `MIN_CROP_SIDE_PX` or
            over `MAX_SIDE_PX` (told from the header where the format is PNG or JPEG).
    """
    return decode_picture(_read_bytes(path), str(path))


def decode_picture(data: bytes, name: str) -> Rgb:
    """Decode one picture's bytes; `name` is for messages, the rest as in `read_picture`."""
    size = _header_size(data)
    if size and max(size) > MAX_SIDE_PX:
        msg = f"{name}: {size[0]}x{size[1]} pixels is too large; shrink it below {MAX_SIDE_PX}"
        raise FrameDecodeError(msg)
    try:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # OpenCV's own limits on sizes
        bgr = None
    if bgr is None:
        msg = f"{name}: not a picture, or a broken one; replace or remove it"
        raise FrameDecodeError(msg)
    rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    check_picture(rgb, name, MIN_CROP_SIDE_PX)
    return rgb


def decode_upload(data: bytes, name: str, max_pixels: int) -> Rgb:
    """Decode a picture that a stranger sent: PNG or JPEG, whose header tells its size first.

    Args:
        data: The file's bytes.
        name: What to call it in messages.
        max_pixels: More are refused before anything is decoded.

    Returns:
        ``(H, W, 3)`` uint8 RGB.

    Raises:
        FrameDecodeError: it is neither, broken, too small or too large.
    """
    size = _header_size(data)
    if size is None:
        msg = f"{name}: neither a PNG nor a JPEG, or a broken one; send one of these"
        raise FrameDecodeError(msg)
    if size[0] * size[1] > max_pixels:
        msg = f"{name}: {size[0]}x{size[1]} is too large; shrink it below {max_pixels} pixels"
        raise FrameDecodeError(msg)
    return decode_picture(data, name)


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


def write_picture(path: Path, rgb: Rgb) -> None:
    """Encode one picture in the format that the file's suffix names.

    Raises:
        StoreError: the file cannot be written.
    """
    _, data = cv2.imencode(path.suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    try:
        # OpenCV's own writer does not say why it failed.
        path.write_bytes(data.tobytes())
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels as stored; PNG and JPEG are not decoded for it.

    Raises:
        SourceNotFound: the file is not there or is empty.
        FrameDecodeError: it is no picture.
    """
    size = _header_size(_read_bytes(path))
    if size is None:
        height, width = read_picture(path).shape[:2]
        return width, height
    return size


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check the path"
        raise SourceNotFound(msg) from error
    if not data:
        msg = f"{path}: the file is empty; replace or remove it"
        raise SourceNotFound(msg)
    return data


def _header_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the header of a PNG or JPEG; None for anything else."""
    if data.startswith(_PNG) and len(data) >= 24:
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    at = len(_JPEG)
    while data.startswith(_JPEG) and at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _JPEG_SIZE_MARKERS:
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        if marker in _JPEG_BARE_MARKERS:
            at += 2
        else:  # fill bytes repeat 0xFF; every other segment before the frame carries its length
            at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
