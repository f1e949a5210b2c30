"""Files that cost a decoder gigabytes or minutes, all of them under a watch on memory and time."""

import ast
import json
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from platestream.core.errors import SourceNotFound
from platestream.live import stream_feed
from platestream.live.stream_feed import StreamFeed
from platestream.video.videos import DECODER_LIMITS

SIDE = 30_000

# What they have encoded a line before, or glyphs that the user names.
UNDO_THEIR_OWN = ("render/fonts", "render/optics", "train/detector/augment")

# What a picture of the largest size may take on top of the interpreter and its libraries.
WATCHED = """
import json, resource, sys, time
from pathlib import Path
import platestream.video.pictures
from platestream import open_source
from platestream.core.errors import PlatestreamError
libraries = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (libraries + 400_000_000,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
told = {}
for name in sys.argv[1:]:
    began = time.process_time()
    try:
        source = open_source(Path(name))
        told[name] = f"{sum(1 for _ in source.frames())} frames"
    except PlatestreamError as error:
        told[name] = type(error).__name__
    told[name] += " late" * (time.process_time() - began > 2)
# Of this program alone; ru_maxrss begins with what the one that started it had.
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
sys.stdout.write(json.dumps([told, int(peak.split()[1])]))
"""


def gif(side: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    return screen + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02L\x01\0;"


def bmp(side: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1080, 0, 0, 54) + header + bytes(1000)


def png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1_000_000), 9))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def tiff(side: int) -> bytes:
    tags = [(256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, side)]
    tags.append((279, side))
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + entries + bytes(4)


def webp(side: int) -> bytes:
    bits = (side - 1) | (side - 1) << 14
    lossless = b"\x2f" + struct.pack("<I", bits) + bytes(9)
    body = b"WEBPVP8L" + struct.pack("<I", len(lossless)) + lossless
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg(rgb: np.ndarray, progressive: int = 0) -> bytes:
    return cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive])[1].tobytes()


def forged(side: int) -> bytes:
    """A JPEG whose true size stands behind a marker whose length leads past it."""
    real = jpeg(np.zeros((16, 16, 3), np.uint8))
    at = real.index(b"\xff\xc0")
    large = real[: at + 5] + struct.pack(">HH", side, side) + real[at + 9 :]
    small = b"\xff\xc0\x00\x11\x08\x00\x10\x00\x10"
    leads_to = 4 + int.from_bytes(large[2:4])
    return (b"\xff\xd8\xff\x01" + large[2:]).ljust(leads_to, b"\0") + small


def avif(side: int, says: int) -> bytes:
    """An AVIF whose container says another size than its picture has."""
    data = cv2.imencode(".avif", np.zeros((side, side), np.uint8))[1].tobytes()
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", says, says) + data[at + 8 :]


def many_scans(num: int) -> bytes:
    """A progressive JPEG whose first scan comes again and again; each costs the whole picture."""
    data = jpeg(np.zeros((4000, 4000, 3), np.uint8), progressive=1)
    begin = data.index(b"\xff\xda")
    header_end = begin + 2 + int.from_bytes(data[begin + 2 : begin + 4])
    scan = data[begin:header_end]
    return data[:begin] + scan * num + data[begin:]


HOSTILE = {
    "a.avif": avif(7200, says=7200),
    "small.avif": avif(7200, says=64),
    "avif.mp4": avif(7200, says=64),
    "a.gif": gif(SIDE),
    "gif.png": gif(SIDE),
    "gif.mp4": gif(SIDE),
    "a.bmp": bmp(SIDE),
    "bmp.mp4": bmp(SIDE),
    "a.png": png(SIDE),
    "png.mp4": png(SIDE),
    "png.tiff": png(SIDE),
    "a.tiff": tiff(SIDE),
    "tiff.mkv": tiff(SIDE),
    "a.webp": webp(16_383),
    "webp.avi": webp(16_383),
    "forged.jpg": forged(SIDE),
    "forged.mp4": forged(SIDE),
    "scans.jpg": many_scans(3000),
    "scans.mp4": many_scans(3000),
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int]:
    """How each file ended, and the most memory that was taken, in kilobytes."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, data in HOSTILE.items():
        (folder / name).write_bytes(data)
    (folder / "fine.jpg").write_bytes(jpeg(np.zeros((4000, 4000, 3), np.uint8), progressive=1))
    names = [str(folder / name) for name in (*HOSTILE, "fine.jpg")]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *names], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told, peak_kb = json.loads(done.stdout)
    return {Path(name).name: end for name, end in told.items()}, peak_kb


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_refused_at_once(watched: tuple[dict[str, str], int], name: str) -> None:
    told, _ = watched
    assert told[name] in ("FrameDecodeError", "SourceNotFound")


def test_they_cost_no_more_than_a_large_picture(watched: tuple[dict[str, str], int]) -> None:
    told, peak_kb = watched
    assert told["fine.jpg"] == "1 frames", "what encoders make is read"
    assert peak_kb < 700_000


def test_no_file_or_stream_is_opened_without_the_decoder_s_limit() -> None:
    """FFmpeg decodes some of it at once, to find out what it holds."""
    source = Path(__file__).parents[2] / "src" / "platestream"
    opened = {
        f"{file.relative_to(source)}: {ast.unparse(call)}"
        for file in source.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "av.open"
    }
    assert len(opened) > 3
    for each in opened:
        # A feed's options are its own and the limits, see below.
        is_limited = "options=DECODER_LIMITS" in each or "options=options" in each
        assert "'w'" in each or is_limited, each


def test_a_camera_s_stream_is_opened_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def refuse(*_args: object, options: dict[str, str], **_rest: object) -> None:
        given.append(options)
        raise OSError

    monkeypatch.setattr(av, "open", refuse)
    monkeypatch.setattr(stream_feed, "why_no_camera", lambda _address: "")
    for address in ("http://cam/x.avif", "rtsp://cam/x", "/dev/video0", "film.mp4"):
        with pytest.raises(SourceNotFound):
            next(StreamFeed(address, threading.Event()).frames())
    assert len(given) == 4
    assert all(options.items() >= DECODER_LIMITS.items() for options in given)


def test_nothing_decodes_pictures_elsewhere() -> None:
    """One place: whatever else called a decoder would go round its limits."""
    source = Path(__file__).parents[2] / "src" / "platestream"
    calls = ("imdecode(", "imread(", "imreadmulti(", "VideoCapture(", "Image.open(")
    found = {
        str(file.relative_to(source))
        for file in source.rglob("*.py")
        if any(call in file.read_text() for call in calls)
    }
    undo_their_own = {f"lab/{name}.py" for name in UNDO_THEIR_OWN}
    assert found - undo_their_own == {"video/pictures.py"}
