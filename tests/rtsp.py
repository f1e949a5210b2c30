"""Real RTSP cameras for tests and benches: clips that a real server plays in a loop."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext

from platestream.core.types import Rgb

SERVER = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Clip:
    """A clip that a server can loop.

    Attributes:
        path: Made by `make_clip`.
        fps: Frames per second.
        duration_s: Of one round.
    """

    path: Path
    fps: float
    duration_s: float


def make_clip(path: Path, frames: Iterable[Rgb], fps: float, *, keyframe_every: int = 25) -> Clip:
    """Encode pictures as a server wants them, and as a video beside it (``path`` with ``.mp4``).

    The first picture is a whole one and none waits for a later one, so that it can loop.
    """
    video = path.with_suffix(".mp4")
    options = {"preset": "veryfast", "crf": "20", "bf": "0", "g": str(keyframe_every)}
    with av.open(video, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps), options=options)
        stream.pix_fmt = "yuv420p"
        for index, rgb in enumerate(frames):
            height, width = (side // 2 * 2 for side in rgb.shape[:2])
            if index == 0:
                stream.width, stream.height = width, height
            picture = av.VideoFrame.from_ndarray(rgb[:height, :width], format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    with av.open(video) as container, path.open("wb") as file:
        stream = container.streams.video[0]
        to_units = BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in container.demux(stream):
            for unit in to_units.filter(packet if packet.size else None):
                data = bytes(unit)
                file.write(len(data).to_bytes(4, "big") + data)
        return Clip(path, fps, stream.frames / fps)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class RtspServer:
    """Plays clips in a loop, each at ``rtsp://127.0.0.1:PORT/NAME``; may be killed and restored.

    Use it in a ``with`` statement.
    """

    def __init__(self, clips: dict[str, Clip], *, login: str = "", port: int = 0) -> None:
        self.port = port or free_port()
        self._clips, self._login = clips, login
        self._process: subprocess.Popen[str] | None = None

    def url(self, name: str) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        login = ["--login", self._login] if self._login else []
        clips = [f"{name}={clip.path}@{clip.fps}" for name, clip in self._clips.items()]
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SERVER), str(self.port), *login, *clips],
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout.readline() != "ready\n":
            self.kill()
            msg = "the RTSP server did not start; see above"
            raise RuntimeError(msg)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Make it fall silent with its connections open, as a network does."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> "RtspServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def needs_rtsp_server() -> None:
    """Skip the test where the server cannot run; fail where everything must be tested."""
    ask = "import gi; gi.require_version('GstRtspServer', '1.0')"
    found = (
        shutil.which(SYSTEM_PYTHON)
        and not subprocess.run(
            [SYSTEM_PYTHON, "-c", ask], capture_output=True, check=False
        ).returncode
    )
    if not found:
        reason = "no RTSP server: install gir1.2-gst-rtsp-server-1.0 and python3-gi"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
