"""Read films by one process, by two, and on Ray; say whether the events are the same.

python bench/same.py VIDEOS... [--segment-s 10]

Beside the videos, a long film is made of them all, which the engines cut into parts. "The same" is
each field of each event, but for the names of pictures.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np

from platestream.core.types import Rgb
from platestream.video.pictures import shrink
from platestream.video.videos import VideoSource

PLATESTREAM = str(Path(sys.executable).with_name("platestream"))
WIDTH, HEIGHT, FPS = 1280, 720, 25
ENGINES = {
    "one process": (),
    "--jobs 2": ("--jobs", "2"),
    "--ray local": ("--ray", "local", "--jobs", "2"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("videos", nargs="+")
    parser.add_argument("--segment-s", type=float, default=10.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = Path(folder) / "long.mp4"
        num_frames = make_film([Path(video) for video in given.videos], film)
        found = {"long_film_s": num_frames / FPS}
        found |= compare([*given.videos, str(film)], given.segment_s, Path(folder))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def compare(sources: Sequence[str], segment_s: float, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    first: list[dict[str, Any]] | None = None
    for name, options in ENGINES.items():
        out = folder / name.strip("-").replace(" ", "-")
        parts = ["--segment-s", str(segment_s)] if options else []
        begun_s = time.perf_counter()
        command = [PLATESTREAM, "run", *sources, *options, *parts, "--out", str(out), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        events = events_of(out)
        first = events if first is None else first
        found[name] = {
            "exit_code": done.returncode,
            "wall_s": round(time.perf_counter() - begun_s, 1),
            "num_units": json.loads(done.stdout).get("num_units"),
            "num_events": len(events),
            "same": events == first,
            "differences": _differences(first, events),
        }
    return found


def make_film(videos: Sequence[Path], film: Path, fps: int = FPS) -> int:
    """All videos one after the other, in one size and pace; a second of nothing between two."""
    num_frames = 0
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "18", "g": str(2 * fps)}
        for rgb in _pictures(videos, fps):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
            num_frames += 1
        container.mux(stream.encode(None))
    return num_frames


def _pictures(videos: Sequence[Path], fps: int) -> Iterator[Rgb]:
    for video in videos:
        for frame in islice(VideoSource(video).frames(), 0, None, FPS // fps):
            small = shrink(frame.rgb, WIDTH)
            whole = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            small = small[:HEIGHT]
            whole[: small.shape[0], : small.shape[1]] = small
            yield whole
        for _ in range(fps):
            yield np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def events_of(out: Path) -> list[dict[str, Any]]:
    """The events of an output folder, without the names of their pictures."""
    events = [json.loads(line) for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    return [{k: v for k, v in event.items() if k not in ("crop", "stack")} for event in events]


def _differences(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[str]:
    """Up to ten, as field, here, there."""
    found = [
        f"{a['source']} {a['plate']}: {name} {a.get(name)} / {b.get(name)}"
        for a, b in zip(one, other, strict=False)
        for name in a
        if a.get(name) != b.get(name)
    ]
    return found[:10]


if __name__ == "__main__":
    main()
