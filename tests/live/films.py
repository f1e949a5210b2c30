"""Pictures and videos that say which frame they are."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np

from platestream.core.types import Rgb

WIDTH, HEIGHT = 160, 96


def film(num: int, *, seed: int = 0) -> Iterator[Rgb]:
    """Noise that changes, with a grey field in the middle that grows brighter by 4 a frame."""
    noise = np.random.default_rng(seed)
    for index in range(num):
        rgb = noise.integers(60, 120, (HEIGHT, WIDTH, 3), np.uint8)
        rgb[32:64, 48:112] = 20 + 4 * index
        yield rgb


def number_of(rgb: Rgb) -> int:
    """Which frame of `film` this is."""
    return round((float(rgb[40:56, 56:104].mean()) - 20) / 4)


def still(num: int) -> list[Rgb]:
    return list(film(1)) * num


def black(num: int) -> list[Rgb]:
    return [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * num


def write_video(path: Path, pictures: Iterable[Rgb], fps: int = 25) -> Path:
    # The index first, as web servers have films; ours does not serve parts of them.
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for rgb in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())
    return path
