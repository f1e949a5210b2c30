"""Looping RTSP streams of real clips through `platestream serve`, for minutes or for hours.

Each stream is a reel of clips with an empty street between them, from a real RTSP server; one is
killed and restored while the reader runs. A passage counts as shown when its part of the reel was
played whole. What must be in the store, once for each showing, is what `platestream run` reads of
the very same reel as a file and the labels confirm.

    python bench/live.py DATA --minutes 20 --out live.json

DATA holds ``labels.csv`` (file, text) and the clips. Prints a line a minute: memory of the reader's
process and, for each camera, frames a second in and done, frames dropped, delay and events. At the
end it says whether all kept up: frames looked at and dropped, cores that were taken, and delays,
asked for twice a second, of the first and of the second half of the time.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.rtsp import Clip, RtspServer, free_port, make_clip

from platestream.core.metrics import fold
from platestream.core.types import Rgb
from platestream.video.videos import VideoSource

WIDTH, HEIGHT = 1280, 720
PAUSE_S = 8.0  # longer than any plate is waited for
SLACK_S = 3.0  # between our clock and when a frame was taken
DOWN_S = (15.0, 3.0, 40.0)  # how long each outage lasts
COMMAND = [sys.executable, "-c", "from platestream.cli.main import main; main()"]


@dataclass(frozen=True)
class Passage:
    """A plate that goes by, from when to when; `num_events` is what a file run makes of it."""

    text: str
    first_s: float
    last_s: float
    num_events: int = 1

    def at(self, begin_s: float) -> "Passage":
        """The same in a reel that begins at another time."""
        return replace(self, first_s=begin_s + self.first_s, last_s=begin_s + self.last_s)

    def holds(self, event: dict[str, Any]) -> bool:
        """Whether an event is of this passage."""
        started_s, ended_s = (
            datetime.fromisoformat(event[key]).timestamp() for key in ("started_at", "ended_at")
        )
        overlaps = started_s <= self.last_s + SLACK_S and ended_s >= self.first_s - SLACK_S
        return overlaps and fold(event["plate"]) == self.text


@dataclass
class Reel:
    """Clips in a row, and the passages that a file run reads rightly."""

    clip: Clip
    passages: list["Passage"]


@dataclass
class Camera:
    """A stream and what became of it."""

    name: str
    reel: Reel
    server: RtspServer
    connected: list[tuple[float, float]] = field(default_factory=list)
    live_since_s: float | None = None
    delays_s: list[float] = field(default_factory=list)

    def see(self, health: dict[str, Any]) -> None:
        """Note when the reel began to play, and when it broke off."""
        since_s = datetime.fromisoformat(health["since"]).timestamp()
        is_live = health["state"] in ("live", "frozen", "black")
        if is_live and health["num_frames"]:
            self.delays_s.append(health["delay_s"])
        if is_live and self.live_since_s is None:
            self.live_since_s = since_s
        elif not is_live:
            self.broke_off(since_s)

    def broke_off(self, at_s: float) -> None:
        """Note that the reel broke off."""
        if self.live_since_s is not None:
            self.connected.append((self.live_since_s, at_s))
            self.live_since_s = None

    def showings(self) -> Iterator[Passage]:
        """The passages that were played whole, at the time of day."""
        for begin_s, end_s in self.connected:
            round_s = begin_s
            while round_s < end_s:
                shown = (passage.at(round_s) for passage in self.reel.passages)
                yield from (passage for passage in shown if passage.last_s + SLACK_S < end_s)
                round_s += self.reel.clip.duration_s


def street(rgb: Rgb | None) -> Rgb:
    """A picture in the middle of a grey one of the streams' size; shrunk where it is larger."""
    canvas = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
    if rgb is not None:
        scale = min(1.0, WIDTH / rgb.shape[1], HEIGHT / rgb.shape[0])
        if scale < 1:
            rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        height, width = rgb.shape[:2]
        top, left = (HEIGHT - height) // 2, (WIDTH - width) // 2
        canvas[top : top + height, left : left + width] = rgb
    return canvas


def reel_frames(videos: list[Path], fps: float) -> Iterator[Rgb]:
    """Frames of the videos, one after the other, at so many a second, a pause before each."""
    for video in videos:
        yield from [street(None)] * round(PAUSE_S * fps)
        num_given = 0
        for frame in VideoSource(video).frames():
            while num_given <= frame.pts_s * fps:
                yield street(frame.rgb)
                num_given += 1


def make_reel(videos: list[Path], labels: dict[str, set[str]], fps: float, path: Path) -> Reel:
    """Encode a reel, and see what a file run reads of it."""
    clip = make_clip(path, reel_frames(videos, fps), fps, keyframe_every=round(2 * fps))
    out = path.with_suffix(".run")
    run = [*COMMAND, "run", str(path.with_suffix(".mp4")), "--out", str(out)]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    wanted = {fold(text) for video in videos for text in labels[video.name]}
    events = map(json.loads, (out / "events.jsonl").read_text("utf-8").splitlines())
    by_text: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        by_text[fold(event["plate"])].append(event)
    # A plate is in one clip only, so its events are of one passage.
    passages = [
        Passage(
            text,
            min(event["first_pts_s"] for event in of_text),
            max(event["last_pts_s"] for event in of_text),
            len(of_text),
        )
        for text, of_text in by_text.items()
        if text in wanted
    ]
    print(f"{path.name}: {clip.duration_s:.0f} s; the file run reads", *(p.text for p in passages))
    return Reel(clip, passages)


def read_labels(data: Path) -> dict[str, set[str]]:
    labels = defaultdict(set)
    with (data / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels[row["file"]].add(row["text"])
    return labels


class Service:
    """`platestream serve` in a process of its own."""

    def __init__(self, cameras: list[Camera], folder: Path) -> None:
        port = free_port()
        config = {
            "cameras": {camera.name: {"url": camera.server.url("reel")} for camera in cameras},
            "store": {
                "url": f"sqlite:///{folder}/events.db",
                "pictures": str(folder / "pictures"),
            },
            "server": {"port": port},
        }
        path = folder / "platestream.yaml"
        path.write_text(yaml.safe_dump(config), "utf-8")
        self._process = subprocess.Popen([*COMMAND, "serve", "--config", str(path)])
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30)

    def rss_mib(self) -> float:
        """Memory of the process."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def cpu_s(self) -> float:
        """Seconds of the processor that the process has taken."""
        fields = (
            Path(f"/proc/{self._process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        )
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def health(self) -> dict[str, dict[str, Any]]:
        """How the cameras do, by name."""
        answer = self._get("/cameras")
        return {each["name"]: each["health"] for each in answer["cameras"] if each["health"]}

    def events(self) -> list[dict[str, Any]]:
        """All that is in the store."""
        events, cursor = [], None
        while True:
            page = self._get("/events", limit=500, **({"cursor": cursor} if cursor else {}))
            events += page["events"]
            cursor = page["next_cursor"]
            if not cursor:
                return events

    def stop(self) -> int:
        """End it as a service manager does; returns its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(300):
            try:
                self.health()
            except httpx.TransportError:
                if self._process.poll() is not None:
                    sys.exit("platestream serve ended; see above")
                time.sleep(0.2)
            else:
                return
        sys.exit("platestream serve does not answer")

    def _get(self, path: str, **params: Any) -> Any:
        return self._client.get(path, params=params).raise_for_status().json()


def soak(cameras: list[Camera], service: Service, minutes: float, kills: int) -> list[dict]:
    """Let it run, killing and restoring the last camera's server; returns a line a minute."""
    begin_s, victim, lines = time.time(), cameras[-1], []
    begin_cpu_s = service.cpu_s()
    outages = [
        (minutes * 60 * (number + 1) / (kills + 1), DOWN_S[number % len(DOWN_S)])
        for number in range(kills)
    ]
    restore_at_s = None
    while (elapsed_s := time.time() - begin_s) < minutes * 60:
        if outages and elapsed_s >= outages[0][0]:
            victim.server.kill()
            restore_at_s = elapsed_s + outages.pop(0)[1]
        if restore_at_s is not None and elapsed_s >= restore_at_s:
            victim.server.start()
            restore_at_s = None
        health = service.health()
        for camera in cameras:
            camera.see(health[camera.name])
        if elapsed_s >= 60 * len(lines):
            lines.append({"minute": len(lines), "rss_mib": service.rss_mib(), "cameras": health})
            print_line(lines[-1])
        time.sleep(0.5)
    cores = (service.cpu_s() - begin_cpu_s) / (time.time() - begin_s)
    print(keeping_up(cameras, list(service.health().values()), cores), flush=True)
    for camera in cameras:
        camera.broke_off(time.time())
        camera.server.kill()
    time.sleep(12)  # a silence ends every passage
    return lines


def keeping_up(cameras: list[Camera], health: list[dict[str, Any]], cores: float) -> str:
    """What all cameras together managed, and how late they were early and late in the time."""
    num_done, num_dropped = (
        sum(each[key] for each in health) for key in ("num_frames", "num_dropped")
    )
    least = min(each["num_frames"] for each in health)
    first, second = (
        [delay_s for camera in cameras for delay_s in np.array_split(camera.delays_s, 2)[half]]
        for half in (0, 1)
    )
    early, late = (
        "{:.2f}, {:.2f} and {:.2f} s".format(*np.quantile(half, [0.5, 0.99, 1.0]))
        for half in (first, second)
    )
    return (
        f"{len(cameras)} cameras: {num_done:,} frames looked at (of one at least {least:,}), "
        f"{num_dropped:,} dropped, {cores:.2f} cores; delay, median, 99 % and longest: "
        f"{early} in the first half, {late} in the second"
    )


def print_line(line: dict[str, Any]) -> None:
    print(f"{line['minute']:3d} min  {line['rss_mib']:5.0f} MiB", end="")
    for name, health in line["cameras"].items():
        print(
            f"  | {name} {health['state']}: {health['fps_in']:.1f} in {health['fps_done']:.1f} done"
            f" {health['num_dropped']} dropped {health['delay_s']:.2f} s late"
            f" {health['num_events']} events {health['num_reconnects']} reconnects",
            end="",
        )
    print(flush=True)


def judge(cameras: list[Camera], events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each passage of each camera: how often shown, and how often stored once, never, more."""
    verdicts = []
    for camera in cameras:
        counts: dict[str, list[int]] = defaultdict(list)
        own = [event for event in events if event["camera"] == camera.name]
        for passage in camera.showings():
            stored = sum(passage.holds(event) for event in own)
            # What the file run tears in two may be one here, or two.
            counts[passage.text].append(1 if 1 <= stored <= passage.num_events else stored)
        for text, nums in sorted(counts.items()):
            verdicts.append(
                {
                    "camera": camera.name,
                    "plate": text,
                    "shown": len(nums),
                    "once": nums.count(1),
                    "never": nums.count(0),
                    "more": sum(num > 1 for num in nums),
                }
            )
    return verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--cameras", type=int, default=2)
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--out", type=Path, help="JSON of all figures")
    args = parser.parse_args()
    labels = read_labels(args.data)
    videos = [args.data / name for name in sorted(labels)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        reels = [
            make_reel(videos[half::2], labels, args.fps, folder / f"reel{half}") for half in (0, 1)
        ]
        cameras = [
            Camera(f"camera{n + 1}", reels[n % 2], RtspServer({"reel": reels[n % 2].clip}))
            for n in range(args.cameras)
        ]
        for camera in cameras:
            camera.server.start()
        service = Service(cameras, folder)
        service.wait()
        begin = datetime.now(UTC)
        lines = soak(cameras, service, args.minutes, args.kills)
        verdicts = judge(cameras, events := service.events())
        exit_code = service.stop()
    for verdict in verdicts:
        print(", ".join(f"{key} {value}" for key, value in verdict.items()))
    is_good = bool(verdicts) and all(v["once"] == v["shown"] for v in verdicts)
    print(f"{len(events)} events; serve ended with {exit_code};", "good" if is_good else "NOT GOOD")
    if args.out:
        figures = {
            "date": begin.isoformat(timespec="minutes"),
            "cpus": os.cpu_count(),
            "arguments": {"minutes": args.minutes, "cameras": args.cameras, "fps": args.fps},
            "minutes": lines,
            "passages": verdicts,
            "events": [{k: e[k] for k in ("camera", "plate", "started_at")} for e in events],
        }
        args.out.write_text(json.dumps(figures, indent=1), "utf-8")
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
