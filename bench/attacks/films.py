"""A small film of one passage, cut out of the demo clip: a plate goes by, then nothing.

The plate is large, so that it is sure and in the store within a second: a kill comes after it.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
import numpy as np

import platestream
from platestream.core.types import Rgb

DEMO = Path(platestream.__file__).parent / "demo" / "street.mp4"
FPS = 10
PAUSE_S = 5.0
"""A passage is over four seconds after its plate was last seen."""

_LEFT, _TOP, _WIDTH, _HEIGHT = 840, 440, 420, 260


@cache
def passage() -> tuple[Rgb, ...]:
    """Twelve frames of a plate that drives off."""
    with av.open(str(DEMO)) as container:
        frames = [
            frame.to_ndarray(format="rgb24")
            for index, frame in enumerate(container.decode(video=0))
            if 84 <= index < 96
        ]
    return tuple(f[_TOP : _TOP + _HEIGHT, _LEFT : _LEFT + _WIDTH] for f in frames)


def pictures(num_passages: int = 1, pause_s: float = PAUSE_S) -> Iterator[Rgb]:
    """Frames of a film; noise, as a camera has, so that it is not taken for frozen."""
    noise = np.random.default_rng(0)
    for _ in range(num_passages):
        yield from passage()
        for _ in range(round(pause_s * FPS)):
            yield noise.integers(90, 110, (_HEIGHT, _WIDTH, 3), np.uint8)


def write_film(path: Path, num_passages: int = 1, pause_s: float = PAUSE_S) -> Path:
    """Encode it."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "16", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        for rgb in pictures(num_passages, pause_s):
            fresh = np.ascontiguousarray(rgb)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(fresh, format="rgb24")))
        container.mux(stream.encode())
    return path
