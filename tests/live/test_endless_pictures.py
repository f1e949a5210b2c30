"""A camera whose picture never ends: it is given up before it has taken the machine's memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from platestream.core.limits import MAX_PICTURE_PIXELS
from platestream.video.allocations import MAX_BYTES, bound_allocations

JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffc00011080040004003012200021101031101"
    "ffda000c03010002110311003f00"
)
ENDLESS = {
    "one JPEG": ("image/jpeg", JPEG),
    "a part of MJPEG": (
        "multipart/x-mixed-replace;boundary=b",
        b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 2000000000\r\n\r\n" + JPEG[:20],
    ),
    "H.264": (
        "video/h264",
        bytes.fromhex("000000016742000af841a20000000168ce38800000000165 88".replace(" ", "")),
    ),
}

# A camera and its reader in one program of their own, so that its peak is theirs alone.
WATCHED = """
import json, socket, sys, threading
from pathlib import Path
from platestream.core.errors import PlatestreamError
from platestream.live.stream_feed import StreamFeed

kind, head = sys.argv[1], bytes.fromhex(sys.argv[2])
listening = socket.create_server(("127.0.0.1", 0))

def serve():
    while True:
        peer, _ = listening.accept()
        threading.Thread(target=answer, args=(peer,), daemon=True).start()

def answer(peer):
    try:
        peer.recv(4096)
        peer.sendall(f"HTTP/1.1 200 OK\\r\\nContent-Type: {kind}\\r\\n\\r\\n".encode() + head)
        while True:
            peer.sendall(b"\\x55" * 65536)
    except OSError:
        pass

threading.Thread(target=serve, daemon=True).start()
address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
try:
    told = sum(1 for _ in StreamFeed(address, threading.Event(), timeout_s=10.0).frames())
except PlatestreamError as error:
    told = type(error).__name__
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
sys.stdout.write(json.dumps([told, int(peak.split()[1])]))
sys.stdout.flush()
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a program's peak")
@pytest.mark.parametrize("kind", ENDLESS)
def test_a_picture_without_an_end_is_given_up(kind: str) -> None:
    content_type, head = ENDLESS[kind]
    command = [sys.executable, "-c", WATCHED, content_type, head.hex()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told, peak_kb = json.loads(done.stdout)
    assert told in ("SourceLost", "SourceNotFound", "FrameDecodeError", "SourceError")
    assert peak_kb < 1_000_000


def test_the_largest_picture_is_still_decoded() -> None:
    assert bound_allocations()
    assert MAX_BYTES >= 3 * 2 * MAX_PICTURE_PIXELS
