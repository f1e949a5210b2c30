"""How cost grows: with plates in view, with a video's length, and with its resolution.

    python bench/growth.py [--minutes 1 10] [--rounds 3] [--plot growth.png]

Rendered scenes, encoded as H.264: cars that drive at 1280x720 (0, 1, 5 and 20 plates in view), one
of them for so many minutes, and two of them from 480p to 4K; besides, a parked car and an empty
night with sensor noise. A row each: the processor's time of a frame over all threads, its ratio to
decoding alone in the same minute, how large the detector saw a frame, and memory at the end. Rows
come as JSON while it runs, and as the table of docs/scale.md at the end.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np

import platestream
from platestream.core.detector import WindowDetector
from platestream.core.types import Frame, Rgb
from platestream.video.engine import Engine, load_engine
from platestream.video.pipeline import Pipeline
from platestream.video.videos import VideoSource

FPS, SECONDS = 25, 12
HD = (1280, 720)
PLATE_W = 96
SURE_ENOUGH = 0.9
DEMO = Path(platestream.__file__).parent / "demo" / "street.mp4"
SIZES = ((854, 480), (1280, 720), (1920, 1080), (3840, 2160))
NUM_PLATES = (0, 1, 5, 20)
NIGHT_NOISE = 4.0
NUM_ROUNDS = 3
FIGURES = ("in_view", "ms_a_frame", "ratio", "detector_sees_px", "memory_mb")

Scene = Callable[[int], Rgb]


class Looped:
    """A clip again and again, with times that go on.

    Args:
        clip: The clip.
        seconds: For how long.
    """

    def __init__(self, clip: Path, seconds: float) -> None:
        self.name, self.num_frames, self.num_corrupt = str(clip), None, 0
        self._clip, self._seconds = VideoSource(clip), seconds
        self.fps = self._clip.fps

    def frames(self) -> Iterator[Frame]:
        """Each frame, numbered on."""
        index, begin_s = 0, 0.0
        while begin_s < self._seconds:
            last_s = 0.0
            for frame in self._clip.frames():
                last_s = frame.pts_s
                yield replace(frame, index=index, pts_s=begin_s + last_s)
                index += 1
            begin_s += last_s + 1 / self.fps


@cache
def tiles() -> list[Rgb]:
    """The plates of the demo's street, each with some of its car around."""
    best = {}
    for step in Pipeline(load_engine()).run(VideoSource(DEMO)):
        best |= {plate.best_crop.frame_index: plate.best_crop.box_xyxy for plate in step.ended
                 if plate.confidence >= SURE_ENOUGH}  # fmt: skip
    found = []
    for frame in VideoSource(DEMO).frames():
        if frame.index in best:
            x1, y1, x2, y2 = best[frame.index]
            width, height = x2 - x1, y2 - y1
            sides = x1 - width / 2, y1 - 2 * height, x2 + width / 2, y2 + height
            left, top, right, bottom = (max(0, round(side)) for side in sides)
            scale = PLATE_W / width
            tile = frame.rgb[top:bottom, left:right]
            found.append(np.asarray(cv2.resize(tile, None, fx=scale, fy=scale), np.uint8))
    return found


def cars(num_plates: int, size: tuple[int, int] = HD, *, speed: float = 4.0) -> Scene:
    """Cars in rows that drive to the right, a plate each; they come in again on the left."""
    rng = np.random.default_rng(7)
    scale = size[0] / HD[0]
    coarse = rng.integers(60, 120, (size[1] // 16, size[0] // 16, 3), np.uint8)
    road = cv2.GaussianBlur(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), (0, 0), 3)
    shown = [cv2.resize(tile, None, fx=scale, fy=scale) for tile in tiles()]
    num_rows = min(5, max(1, num_plates))
    across = -(-num_plates // num_rows) or 1

    def scene(index: int) -> Rgb:
        rgb = np.asarray(road, np.uint8).copy()
        for number in range(num_plates):
            tile = shown[number % len(shown)]
            row, place = number % num_rows, number // num_rows
            x = int((place * size[0] / across + (40 + speed * index) * scale) % size[0])
            y = int((row + 0.5) * size[1] / num_rows - tile.shape[0] / 2)
            part = tile[: size[1] - y, : size[0] - x]
            rgb[y : y + part.shape[0], x : x + part.shape[1]] = part
        return rgb

    return scene


def night(index: int) -> Rgb:
    """An empty street in the dark, seen by a noisy sensor."""
    rng = np.random.default_rng(index)
    dark = np.linspace(8, 40, HD[1])[:, None, None]
    return (
        (dark + rng.normal(0, NIGHT_NOISE, (HD[1], HD[0], 1)))
        .clip(0, 255)
        .repeat(3, 2)
        .astype(np.uint8)
    )


def encode(path: Path, scene: Scene, size: tuple[int, int]) -> Path:
    """Write a scene as a video."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(FPS), options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for index in range(FPS * SECONDS):
            picture = av.VideoFrame.from_ndarray(scene(index), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def measure(
    engine: Engine, clip: Path, seconds: float, size: tuple[int, int], num_rounds: int
) -> dict[str, object]:
    """A row: what a clip costs when it is played for so long, and the plates in view."""
    costs: list[float] = []
    ratios: list[float] = []
    num_frames = num_seen = 0
    for _ in range(num_rounds if seconds <= SECONDS else 1):
        begun_s = time.process_time()
        num_decoded = sum(1 for _ in VideoSource(clip).frames())
        alone_ms = 1000 * (time.process_time() - begun_s) / num_decoded
        begun_s, num_frames, num_seen = time.process_time(), 0, 0
        for step in Pipeline(engine).run(Looped(clip, seconds)):
            num_frames += step.frame is not None
            num_seen += len(step.decisions)
        costs.append(1000 * (time.process_time() - begun_s) / num_frames)
        ratios.append(costs[-1] / alone_ms)
    detector = engine.detector
    scale = detector.scale(*size) if isinstance(detector, WindowDetector) else 1.0
    return {
        "frames": num_frames,
        "in_view": round(num_seen / num_frames, 2),
        "ms_a_frame": round(median(costs), 2),
        "ratio": round(median(ratios), 2),
        "detector_sees_px": round(max(size) * scale),
        "memory_mb": round(_memory_bytes() / 1e6),
    }


def _memory_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def table(rows: list[dict[str, object]]) -> str:
    """The rows as Markdown."""
    columns = ("scene", "minutes", *FIGURES)
    lines = [columns, ("---",) * len(columns)]
    lines += [tuple(str(row.get(column, "")) for column in columns) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plot(rows: list[dict[str, object]], path: Path) -> None:
    """Milliseconds a frame against plates in view, minutes, and millions of pixels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3), layout="constrained")
    kinds = {"plates": "plates in view", "minutes": "minutes", "megapixels": "million pixels"}
    for axes, (kind, label) in zip(figure.subplots(1, 3, sharey=False), kinds.items(), strict=True):
        points = [
            (float(str(row[kind])), float(str(row["ms_a_frame"]))) for row in rows if kind in row
        ]
        axes.plot(*zip(*sorted(points), strict=True), "o-")
        highest = 1.1 * max(ms for _, ms in points)
        axes.set(xlabel=label, ylabel="ms of the processor a frame", ylim=(0, highest))
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 10.0])
    parser.add_argument("--rounds", type=int, default=NUM_ROUNDS)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    engine, rows = load_engine(), []

    with tempfile.TemporaryDirectory() as folder:

        def row(
            name: str, scene: Scene, size: tuple[int, int], seconds: float, **at: float
        ) -> None:
            clip = Path(folder) / f"{name}.mp4"
            if not clip.exists():
                encode(clip, scene, size)
            rows.append({"scene": name, **at, **measure(engine, clip, seconds, size, given.rounds)})
            print(json.dumps(rows[-1]), flush=True)

        for num in NUM_PLATES:
            row(f"{num} plates", cars(num), HD, SECONDS, plates=num)
        for minutes in given.minutes:
            row("1 plates", cars(1), HD, 60 * minutes, minutes=minutes)
        for size in SIZES:
            megapixels = round(size[0] * size[1] / 1e6, 2)
            row(f"{size[1]}p", cars(2, size), size, SECONDS, megapixels=megapixels)
        row("a parked car", cars(1, speed=0.0), HD, SECONDS)
        row("an empty night", night, HD, SECONDS)
    print("", table(rows), sep="\n")
    if given.plot:
        plot(rows, given.plot)


if __name__ == "__main__":
    main()
