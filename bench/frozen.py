"""How many neighbouring pictures are the same, frozen and live: `python bench/frozen.py CLIP...`.

Each clip is encoded as it is, and its first picture again and again, at three qualities of H.264.
The limits in `platestream.live.frozen` stand between the two.
"""

import argparse
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import av

from platestream.core.types import Rgb
from platestream.live.feeds import RawFrame
from platestream.live.frozen import Gray, _is_same
from platestream.live.sight import STEP_PX
from platestream.video.videos import VideoSource

QUALITIES = (20, 28, 35)
NUM_FRAMES, FPS = 100, 25


def encoded(frames: list[Rgb], crf: int) -> Iterator[Gray]:
    """What a camera would show of the frames."""
    file = io.BytesIO()
    height, width = (side // 2 * 2 for side in frames[0].shape[:2])
    options = {"crf": str(crf), "preset": "veryfast", "g": str(FPS)}
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for rgb in frames:
            picture = av.VideoFrame.from_ndarray(rgb[:height, :width], format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    file.seek(0)
    with av.open(file) as container:
        for picture in container.decode(video=0):
            yield RawFrame(picture, 0.0, datetime.now(UTC)).luma(STEP_PX)


def share_same(frames: list[Rgb], crf: int) -> float:
    """Of the pairs of neighbouring pictures, how many are the same."""
    pairs = [_is_same(one, other) for one, other in pairwise(encoded(frames, crf))]
    return sum(pairs) / len(pairs)


def main() -> None:
    """Print a line a clip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    for path in parser.parse_args().clips:
        frames = [frame.rgb for frame in islice(VideoSource(path).frames(), NUM_FRAMES)]
        for crf in QUALITIES:
            frozen, live = share_same(frames[:1] * NUM_FRAMES, crf), share_same(frames, crf)
            print(f"{path.name} crf {crf}: frozen {frozen:.2f}, live {live:.2f}")


if __name__ == "__main__":
    main()
