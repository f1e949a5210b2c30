"""A car parked before a camera for hours, simulated: what its passage costs in memory and time.

    python bench/parked.py DATA --hours 2

Real pictures of DATA's clips (as `bench/live.py` takes them) go through the live code, the shipped
networks, and a store; only the clock is simulated, so that two hours pass as fast as the
processor can look at them. Three cars: one whose clip is looped, one that is sure and hidden for
two seconds in each minute, and one too small to be ever sure, hidden likewise. Prints a row each,
and the memory of every ten minutes as it goes.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.live import street
from tests.live.simulated import SimulatedCamera

from platestream.core.types import Rgb
from platestream.live.follow import View
from platestream.live.plate_rules import PlateRules
from platestream.live.updates import nobody
from platestream.live.workers import CameraWorker, Listeners
from platestream.service.bookkeeper import Bookkeeper
from platestream.service.config import ReaderConfig, ServiceConfig
from platestream.service.telling import Telling
from platestream.service.wiring import load_configured
from platestream.store.records import Query
from platestream.store.store import EventStore, open_store
from platestream.video.videos import VideoSource

LOOPED, PARKED, PARKED_S = "nl_gate.mp4", "gb_slow.mp4", 2.0
HIDDEN_S, EACH_S = 2.0, 60.0
SHRUNK = 0.35
NOISE, NUM_NOISES = 2.0, 7

Picture = Callable[[float], Rgb]


def looped(video: Path) -> Picture:
    """The first five seconds of a clip, again and again."""
    frames = [(f.pts_s, street(f.rgb)) for f in VideoSource(video).frames() if f.pts_s < 5]
    times = [at_s for at_s, _ in frames]

    def picture(at_s: float) -> Rgb:
        return frames[max(0, int(np.searchsorted(times, at_s % 5, "right")) - 1)][1]

    return picture


def parked(video: Path, scale: float) -> Picture:
    """One frame of a clip with a camera's noise; at times grey, as when a lorry stands before."""
    rgb = next(frame.rgb for frame in VideoSource(video).frames() if frame.pts_s >= PARKED_S)
    if scale < 1:
        rgb = cv2.resize(np.asarray(rgb), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(1)
    shown, hidden = (
        [
            np.clip(each + noise.normal(0, NOISE, each.shape), 0, 255).astype(np.uint8)
            for _ in range(NUM_NOISES)
        ]
        for each in (street(rgb), street(None))
    )

    def picture(at_s: float) -> Rgb:
        pictures = hidden if at_s % EACH_S > EACH_S - HIDDEN_S else shown
        return pictures[int(at_s * 1000) % NUM_NOISES]

    return picture


def rss_mib() -> float:
    """Memory of this process."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def stand(name: str, picture: Picture, fps: float, hours: float, store: EventStore) -> str:
    """Let it stand there; returns a row of the table."""
    memory_mib: list[float] = []

    def note(second: int) -> None:
        if second % 60 == 0:
            memory_mib.append(rss_mib())
        if second % 600 == 0:
            print(f"{name}: {second // 60} min, {rss_mib():.0f} MiB", file=sys.stderr, flush=True)

    config = ServiceConfig.model_validate({"cameras": {name: {"url": "rtsp://10.0.0.7/"}}})
    keeper = Bookkeeper(store, Telling(config, {}), lambda: None)
    camera = SimulatedCamera(name, picture, fps=fps, hours=hours, on_second=note)
    listeners = Listeners(lambda *_: None, keeper.keep, nobody)
    engine = load_configured(ReaderConfig())
    begin_s = time.process_time()
    worker = CameraWorker(camera, View(), PlateRules([], None), engine, listeners)
    worker.start()
    worker.join(None)
    spent_s = time.process_time() - begin_s
    events = list(store.each(Query(camera=name)))
    longest = max(events, key=lambda event: event.ended_at - event.started_at, default=None)
    lasted_s = (longest.ended_at - longest.started_at).total_seconds() if longest else 0
    at = [memory_mib[min(len(memory_mib) - 1, round(minute))] for minute in _minutes(hours)]
    cells = [
        name,
        *(f"{each:.0f}" for each in at),
        str(len(events)),
        f"{lasted_s / 60:.0f} min",
        str(longest.event.num_read if longest else 0),
        f"{1000 * spent_s / (hours * 3600 * fps):.1f} ms",
    ]
    return "| " + " | ".join(cells) + " |"


def _minutes(hours: float) -> list[float]:
    """When memory is told: after ten minutes, at a third, at two thirds, at the end."""
    return [min(10, 10 * hours), 20 * hours, 40 * hours, 60 * hours - 1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--fps", type=float, default=5)
    cars: dict[str, Callable[[Path], Picture]] = {
        "parked": lambda data: parked(data / PARKED, 1),
        "in-doubt": lambda data: parked(data / PARKED, SHRUNK),
        "looped": lambda data: looped(data / LOOPED),
    }
    parser.add_argument("--cars", nargs="+", choices=list(cars), default=list(cars))
    args = parser.parse_args()
    minutes = " | ".join(f"MiB at {minute:.0f} min" for minute in _minutes(args.hours))
    print(f"| car | {minutes} | events | longest | its readings | CPU a frame |")
    print("|---|" + "---|" * 8)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"{folder}/events.db", Path(folder, "pictures"))
        for name in args.cars:
            print(stand(name, cars[name](args.data), args.fps, args.hours, store), flush=True)
        store.close()


if __name__ == "__main__":
    main()
