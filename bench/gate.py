"""How soon a gate is told: from the first legible frame of a plate to the receiver's HTTP request.

    python bench/gate.py DATA --minutes 5

DATA holds ``labels.csv`` (file, text) and clips, as `bench/live.py` takes them. Cameras are MJPEG
over HTTP from this process, so that it is known when each frame was sent; the receiver is an HTTP
server in this process too, on the same clock. Between them runs a real `platestream serve` with
SQLite. A frame is legible when the reader, given this frame alone, reads the labelled plate.
Prints one table.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.live import COMMAND, read_labels, reel_frames
from tests.receivers import Request, free_port, http_receiver

from platestream.core.metrics import fold
from platestream.lab.replay import READ_ALL
from platestream.stream.registry import DEFAULT_POLICY
from platestream.video.engine import load_engine
from platestream.video.pictures import decode_picture, encode_jpeg
from platestream.video.pipeline import PlateReader

LONGEST_S = 60.0
"""A message that comes later than this after a legible frame is not counted as of that showing."""

EARLY_S = 3.0
"""So much before it a message may come: the combined readings can be sure before any frame is."""

START_WITHIN_S = 120.0


@dataclass
class Reel:
    """Pictures to play in a loop.

    Attributes:
        jpegs: One a frame.
        legible: Plate to the index of its first legible frame.
    """

    jpegs: list[bytes]
    legible: dict[str, int]


@dataclass
class Camera:
    """A camera that notes when it sent the frames that matter.

    Attributes:
        begin: Index of the frame it begins with, so that cameras do not all show the same.
        shown_s: Plate to when its first legible frame was sent, each time.
    """

    name: str
    reel: Reel
    begin: int
    shown_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def frames(self, fps: float) -> Iterator[bytes]:
        """Pictures without end, at their times."""
        plates: dict[int, list[str]] = defaultdict(list)
        for plate, index in self.reel.legible.items():
            plates[index].append(plate)
        begin_s, num = time.monotonic(), 0
        while True:
            time.sleep(max(0.0, begin_s + num / fps - time.monotonic()))
            index = (self.begin + num) % len(self.reel.jpegs)
            for plate in plates.get(index, ()):
                self.shown_s[plate].append(time.monotonic())
            yield self.reel.jpegs[index]
            num += 1


def make_reel(videos: list[Path], labels: dict[str, set[str]], fps: float) -> Reel:
    """Cut the clips to one reel, and see which frames are legible by themselves."""
    jpegs = [encode_jpeg(rgb, 92) for rgb in reel_frames(videos, fps)]
    wanted = {fold(text) for video in videos for text in labels[video.name]}
    reader = PlateReader(replace(load_engine(), rule=READ_ALL))
    legible: dict[str, int] = {}
    for index, jpeg in enumerate(jpegs):
        for decision in reader.push(decode_picture(jpeg, "the reel"), index / fps).decisions:
            if decision.own_reading and (text := fold(decision.own_reading.text)) in wanted:
                legible.setdefault(text, index)
    print(f"a reel of {len(jpegs) / fps:.0f} s with", *legible, file=sys.stderr)
    return Reel(jpegs, legible)


@contextmanager
def playing(cameras: list[Camera], fps: float) -> Iterator[str]:
    """Address under which the cameras play, each at its name."""
    by_path = {f"/{camera.name}": camera for camera in cameras}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                for jpeg in by_path[self.path].frames(fps):
                    head = f"--frame\r\ncontent-type: image/jpeg\r\ncontent-length: {len(jpeg)}"
                    self.wfile.write(head.encode() + b"\r\n\r\n" + jpeg + b"\r\n")
            except ConnectionError:
                return

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@contextmanager
def serving(url: str, cameras: list[Camera], hook: str, policy: str) -> Iterator[None]:
    """A `platestream serve` that watches the cameras and tells the receiver what is sure."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = {
            "cameras": {camera.name: {"url": f"{url}/{camera.name}"} for camera in cameras},
            "reader": {"policy": policy},
            "sinks": {"gate": {"type": "webhook", "url": hook, "when": ["sure", "final"]}},
            "store": {"url": f"sqlite:///{folder}/events.db"},
            "server": {"port": port},
        }
        path = Path(folder, "platestream.yaml")
        path.write_text(yaml.safe_dump(config), "utf-8")
        process = subprocess.Popen([*COMMAND, "serve", "--config", str(path)], stdout=sys.stderr)
        try:
            _wait_until_live(process, f"http://127.0.0.1:{port}/api/v1/cameras")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _wait_until_live(process: subprocess.Popen[bytes], url: str) -> None:
    """Until each camera gives pictures."""
    until_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until_s and process.poll() is None:
        try:
            told = httpx.get(url, timeout=5).raise_for_status().json()["cameras"]
        except httpx.HTTPError:
            told = []
        if told and all(each["health"] and each["health"]["state"] == "live" for each in told):
            return
        time.sleep(0.2)
    sys.exit("platestream serve did not come to see all cameras; its messages stand above")


@dataclass
class Told:
    """What the receiver was told, on both clocks."""

    camera: str
    plate: str
    state: str
    at_s: float
    since_frame_s: float


def told(request: Request) -> Told:
    """A request, as it comes."""
    at_s, now_s = time.monotonic(), time.time()
    body = json.loads(request.body)
    since_s = now_s - datetime.fromisoformat(body["since"]).timestamp()
    return Told(body["camera"], fold(body["plate"]), body["state"], at_s, since_s)


def measure(cameras: list[Camera], heard: list[Told]) -> tuple[list[float], Counter[str]]:
    """Seconds from each showing's first legible frame to its message; and what else there was."""
    latencies_s, counts = [], Counter[str]()
    for camera in cameras:
        for plate, shown_s in camera.shown_s.items():
            for number, begin_s in enumerate(shown_s):
                end_s = min([begin_s + LONGEST_S, *shown_s[number + 1 :]])
                own = [each for each in heard if (each.camera, each.plate) == (camera.name, plate)]
                own = [each for each in own if begin_s - EARLY_S <= each.at_s < end_s - EARLY_S]
                counts["shown"] += 1
                sure = [each.at_s - begin_s for each in own if each.state == "sure"]
                latencies_s += sure[:1]
                counts["again"] += len(sure) - len(sure[:1])
                counts["only when it had left"] += not sure and bool(own)
                counts["never"] += not own
    texts = {camera.name: set(camera.reel.legible) for camera in cameras}
    counts["of a plate without a label, or misread"] = sum(
        each.state == "sure" and each.plate not in texts[each.camera] for each in heard
    )
    return latencies_s, counts


def row(what: str, seconds: list[float]) -> str:
    middle, late = np.percentile(seconds, [50, 99])
    return f"| {what} | {len(seconds)} | {middle:.2f} s | {late:.2f} s | {max(seconds):.2f} s |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--policy", default=DEFAULT_POLICY)
    args = parser.parse_args()
    labels = read_labels(args.data)
    videos = [args.data / name for name in sorted(labels)]
    reels = [make_reel(videos[half::2], labels, args.fps) for half in (0, 1)]
    cameras = []
    for number in range(args.cameras):
        reel = reels[number % 2]
        cameras.append(Camera(f"c{number}", reel, number * len(reel.jpegs) // args.cameras))
    heard: list[Told] = []
    with http_receiver() as receiver:
        # The time is taken when the body is there, before the answer.
        receiver.answer = lambda request: (heard.append(told(request)), (204, {}))[1]
        with (
            playing(cameras, args.fps) as url,
            serving(url, cameras, receiver.url, args.policy),
        ):
            load = os.getloadavg()[0]
            for camera in cameras:  # what was shown while it started does not count
                camera.shown_s.clear()
            heard.clear()
            time.sleep(args.minutes * 60)
            shown_until_s = time.monotonic() - LONGEST_S / 4
            for camera in cameras:  # nor what could not have been told yet
                for plate, times in camera.shown_s.items():
                    camera.shown_s[plate] = [at_s for at_s in times if at_s < shown_until_s]
    latencies_s, counts = measure(cameras, heard)
    if not latencies_s:
        sys.exit("nothing was told; are the clips labelled, and is one of them legible?")
    since_s = [each.since_frame_s for each in heard if each.state == "sure"]
    print(
        f"`python bench/gate.py DATA --minutes {args.minutes:g} --cameras {args.cameras}"
        f" --fps {args.fps:g} --policy {args.policy}`:"
        f" {os.cpu_count()} cores, load {load:.1f} at the start and {os.getloadavg()[0]:.1f} at"
        " the end\n"
    )
    print("| from | messages | median | 99 % | longest |\n|---|---|---|---|---|")
    print(row("the first legible frame", latencies_s))
    print(row("the frame that made it sure", since_s))
    print(
        f"\n{counts.pop('shown')} showings of a legible plate;",
        ", ".join(f"{number} {what}" for what, number in counts.items()),
    )


if __name__ == "__main__":
    main()
