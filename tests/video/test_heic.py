"""HEIC: read where a library is there, and one clear line where none is."""

import base64
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from platestream.core.errors import FrameDecodeError
from platestream.video import heic
from platestream.video.pictures import is_picture, read_picture

# 40x20, drawn: the left half red, the right one blue.
RED_LEFT_BLUE_RIGHT = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA"
    "AAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABoAABAAAAAAAAAE4AAAAjaWluZgAAAAAAAQAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34"
    "+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm"
    "4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAA"
    "AChjbGFwAAAAKAAAAAEAAAAUAAAAAf///+gAAAAC////1AAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAA"
    "AAAAAQABBYECAwWEAAAAVm1kYXQAAABKKAGvEyGuGFj4EPdn/+u8Ff+Vaz/zN0AP8QTLyfwpjWdshvxVQ2wsEzYv"
    "RJktr+bIGU0Q+TuadN0aD8SEK2jV9c23g86VKl3KemA="
)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "IMG_0001.HEIC").write_bytes(RED_LEFT_BLUE_RIGHT)
    return tmp_path / "IMG_0001.HEIC"


@pytest.mark.skipif(
    not any(find_spec(name) for name in heic.LIBRARIES), reason="no library for HEIC is installed"
)
def test_a_photo_of_a_phone_is_read(photo: Path) -> None:
    rgb = read_picture(photo)
    assert rgb.shape == (20, 40, 3)
    assert rgb[10, 5].argmax() == 0
    assert rgb[10, 35].argmax() == 2
    photo.write_bytes(RED_LEFT_BLUE_RIGHT[:-60])
    with pytest.raises(FrameDecodeError, match="broken picture"):
        read_picture(photo)


def test_without_a_library_it_is_said_which_one_is_wanted(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heic, "LIBRARIES", ())
    assert is_picture(photo)
    with pytest.raises(FrameDecodeError, match=r"IMG_0001.HEIC: HEIC needs .*pip install pi-heif"):
        read_picture(photo)


class _Opened(np.ndarray):
    """What a library opens: pixels that say how large they are."""

    size = (0, 0)  # type: ignore[assignment]


def _library(pixels: np.ndarray, size: tuple[int, int]) -> SimpleNamespace:
    opened = pixels.view(_Opened)
    opened.size = size  # type: ignore[misc]
    return SimpleNamespace(open_heif=lambda data, *, convert_hdr_to_8bit: opened)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_what_a_library_gives_becomes_rgb(
    photo: Path, monkeypatch: pytest.MonkeyPatch, channels: tuple[int, ...]
) -> None:
    pixels = np.full((20, 40, *channels), 77, np.uint8)
    monkeypatch.setattr(heic, "LIBRARIES", ("sys",))
    monkeypatch.setattr(heic, "import_module", lambda _: _library(pixels, (40, 20)))
    assert np.array_equal(read_picture(photo), np.full((20, 40, 3), 77))


def test_a_huge_one_is_refused_before_it_is_decoded(
    photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heic, "LIBRARIES", ("sys",))
    small = np.zeros((2, 2, 3), np.uint8)
    monkeypatch.setattr(heic, "import_module", lambda _: _library(small, (30_000, 30_000)))
    with pytest.raises(FrameDecodeError, match="too large"):
        read_picture(photo)


@pytest.mark.parametrize(
    "error",
    [
        # As pi-heif 1.4 raises them for files that were changed at random.
        ValueError("Invalid input: Unspecified"),
        SyntaxError("Unsupported feature: Unsupported color conversion"),
        EOFError("Invalid input: End of data"),
        RuntimeError("Decoder plugin generated an error"),
        MemoryError("Security limit exceeded"),
        KeyError("mode"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_library_makes_of_a_broken_one_is_our_error(
    photo: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_data: object, *, convert_hdr_to_8bit: bool) -> None:
        raise error

    monkeypatch.setattr(heic, "LIBRARIES", ("sys",))
    monkeypatch.setattr(heic, "import_module", lambda _: SimpleNamespace(open_heif=fail))
    with pytest.raises(FrameDecodeError, match=r"IMG_0001.HEIC: a broken picture"):
        read_picture(photo)
