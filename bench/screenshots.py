"""Take the pictures of docs/page.md: the page over the demo clip and rendered plates, nobody's.

    python bench/screenshots.py --out docs/page

Needs the extras `lab` and `dev`, and a Chromium.
"""

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import cv2
import numpy as np
from playwright.sync_api import Browser, sync_playwright

import platestream
from platestream.core.types import Frame, Plate, PlateCrop, PlateDecision, Rgb
from platestream.lab.render.bank import draw_plate
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.stream import render_stream
from platestream.live.health import CameraHealth
from platestream.live.updates import LiveUpdate
from platestream.models.bundle import Networks, load_detector, load_networks
from platestream.models.cards import DEFAULT_ARCH
from platestream.models.registry import DEFAULT_DETECTOR, checksums
from platestream.service.camera_editor import CameraEditor
from platestream.service.config import ServiceConfig
from platestream.service.user_editor import UserEditor
from platestream.service.web.app import make_app
from platestream.service.web.auth import Auth, User
from platestream.service.web.passwords import hash_password
from platestream.service.web.server import Listening, Server, listen
from platestream.service.web.wall import Wall
from platestream.store.records import NewEvent, StripFrame, WatchEntry
from platestream.store.store import EventStore, open_store
from platestream.stream.recognizer import Reader
from platestream.stream.registry import DEFAULT_POLICY
from platestream.stream.rules import make_rule
from platestream.video.drawing import Annotator
from platestream.video.engine import Engine
from platestream.video.events import make_event
from platestream.video.pipeline import Pipeline
from platestream.video.sources import open_source

CLIP = Path(platestream.__file__).parent / "demo" / "street.mp4"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "only for pictures"
NUM_PLATES = 46
NUM_STRIP = 8
CONFIG = {
    "cameras": {
        "street": {
            "url": "rtsp://camera.local/street",
            "username": "viewer",
            "zones": {"road": [[0.24, 0.42], [0.76, 0.42], [0.97, 0.96], [0.03, 0.96]]},
            "lines": {"kerb": {"points": [[0.04, 0.72], [0.96, 0.72]], "inwards": "down"}},
        },
        "barrier": {"url": "rtsp://camera.local/barrier"},
    }
}


class Recorded:
    """Cameras that show frames of the clip."""

    def __init__(self, frames: dict[str, Rgb], drawn: dict[str, Rgb], now: datetime) -> None:
        self._frames, self._drawn, self._now = frames, drawn, now

    def health(self) -> dict[str, CameraHealth]:
        """One that is well, and one that could do better."""
        since = self._now - timedelta(hours=31)
        good = CameraHealth(
            "live", since, 25.0, 12.4, 1_383_120, 8412, 0, 1, 412, 0.12, 88.0, 1240.0, 0.64, 0.94,
            0.52, {"kerb:in": 214, "kerb:out": 198}, self._now,
        )  # fmt: skip
        dark = CameraHealth(
            "live", since, 15.0, 11.9, 1_310_000, 301, 17, 4, 97, 0.21, 52.0, 310.0, 0.31, 0.81,
            0.22, {"barrier:in": 51, "barrier:out": 46}, self._now,
        )  # fmt: skip
        return {"street": good, "barrier": dark}

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """A frame of the clip."""
        return (self._drawn if with_plates else self._frames).get(name)


def strip_of(
    decisions: list[PlateDecision], best_frame: int, start: datetime, read_crop: Reader
) -> tuple[StripFrame, ...]:
    """Frames spread over the passage, those that were read first of all."""
    read = [d for d in decisions if d.was_read]
    best = [d for d in decisions if d.crop.frame_index == best_frame]
    spread = [decisions[int(i)] for i in np.linspace(0, len(decisions) - 1, NUM_STRIP)]
    readings = {d.crop.frame_index: read_crop(d.crop.rgb) for d in [*best, *read]}
    chosen = {d.crop.frame_index: d for d in [*best, *read, *spread][: NUM_STRIP + 2]}
    return tuple(
        StripFrame(
            frame_index=index,
            at=start + timedelta(seconds=d.crop.pts_s),
            quality=d.quality,
            text=readings[index].text if index in readings else None,
            score=readings[index].score if index in readings else None,
            rgb=d.crop.rgb,
        )
        for index, d in sorted(chosen.items())
    )


def new_event(
    plate: Plate,
    decisions: list[PlateDecision],
    camera: str,
    start: datetime,
    number: int,
    read_crop: Reader,
    frame: Rgb | None = None,
    **more: str,
) -> NewEvent:
    """A finished plate as the cameras hand it to the store."""
    event_id = str(UUID(int=(int(start.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | number))
    return NewEvent(
        id=event_id,
        camera=camera,
        event=make_event(plate, camera, crop="", passage_id=event_id),
        started_at=start + timedelta(seconds=plate.first_pts_s),
        ended_at=start + timedelta(seconds=plate.last_pts_s),
        best_at=start + timedelta(seconds=plate.best_crop.pts_s),
        crop=plate.best_crop.rgb,
        frame=frame,
        stack=plate.stacked.rgb if plate.stacked else None,
        strip=strip_of(decisions, plate.best_crop.frame_index, start, read_crop),
        **more,
    )


def street(
    networks: Networks, store: EventStore, now: datetime
) -> tuple[list[Rgb], list[Rgb], list[NewEvent]]:
    """Run the demo clip; returns its frames, the same with plates drawn, and what passed."""
    rule = make_rule(DEFAULT_POLICY)
    pipeline = Pipeline(
        Engine(load_detector(), networks.score, networks.read, networks.confidence, rule)
    )
    frames: list[Rgb] = []
    drawn: list[Rgb] = []
    annotator = Annotator()
    seen: dict[int, list[PlateDecision]] = {}
    ended: list[Plate] = []
    for step in pipeline.run(open_source(CLIP)):
        if isinstance(step.frame, Frame):
            frames.append(step.frame.rgb)
            drawn.append(annotator.draw(step.frame.rgb, step.decisions))
        for decision in step.decisions:
            seen.setdefault(decision.crop.track_id, []).append(decision)
        ended += step.ended
    events = []
    for number, plate in enumerate(p for p in ended if p.reading.text and p.confidence > 0.3):
        decisions = [d for t in (plate.track_id, *plate.continued) for d in seen[t]]
        start = now - timedelta(seconds=95 - 16 * number)
        frame = frames[plate.best_crop.frame_index]
        events.append(new_event(plate, decisions, "street", start, number, networks.read, frame))
        store.add(events[-1])
    return frames, drawn, events


def rendered(networks: Networks, store: EventStore, now: datetime) -> list[NewEvent]:
    """A week of rendered plates at a barrier, more by day than by night."""
    rule, book, events = make_rule(DEFAULT_POLICY), GlyphBook(None), []
    for number in range(NUM_PLATES):
        rng = np.random.default_rng((11, number))
        _, _, drawn = draw_plate(rng, book)
        recognizer = rule.recognizer(
            networks.score, networks.read, networks.confidence, networks.new_stack
        )
        decisions = []
        for index, rgb in enumerate(render_stream(drawn, 12, rng)):
            box = (0.0, 0.0, float(rgb.shape[1]), float(rgb.shape[0]))
            decisions.append(recognizer.push(PlateCrop(1, index, index / 8, box, rgb)))
        plate = recognizer.end(1)
        if not plate.reading.text or plate.confidence < 0.3:
            continue
        ways = ("barrier:in", "barrier:out", "")
        for again in range(1 + int(rng.poisson(1.6))):
            hour = float(np.clip(rng.normal(11 if again % 2 == 0 else 17, 2.6), 0, 23.9))
            day = int(rng.integers(7))
            start = (now - timedelta(days=day)).replace(hour=0, minute=0) + timedelta(hours=hour)
            if start > now - timedelta(minutes=2):
                start -= timedelta(days=1)
            known = "staff" if number % 9 == 4 else ""
            events.append(new_event(
                plate, decisions, "barrier", start, 1000 + 50 * number + again, networks.read,
                direction=ways[again % 3], known_as=known,
            ))  # fmt: skip
            store.add(events[-1])
    return events


def say(wall: Wall, event: NewEvent, state: str, text: str, confidence: float) -> None:
    """Put a plate on the wall as if it were in view."""
    crop = cv2.imencode(".jpg", cv2.cvtColor(event.crop, cv2.COLOR_RGB2BGR))[1].tobytes()
    at = datetime.now(UTC)
    fake = str(UUID(int=UUID(event.id).int + 1))
    wall.publish(LiveUpdate(fake, event.camera, state, text, text, confidence, at, crop, 1))


@contextmanager
def site(folder: Path) -> Iterator[tuple[str, NewEvent]]:
    """Serve it all."""
    now = datetime.now(UTC)
    store = open_store(f"sqlite:///{folder / 'events.db'}", folder / "pictures")
    networks, wall = load_networks(), Wall()
    barrier = rendered(networks, store, now)
    frames, drawn, passed = street(networks, store, now)
    store.settings.note_weights(checksums(DEFAULT_ARCH, DEFAULT_DETECTOR), now - timedelta(days=9))
    plates = list(dict.fromkeys(e.event.plate for e in barrier))
    people = [("staff", "Ada"), ("staff", "Grace"), ("deliveries", "Bakery"), ("blocked", "Unpaid")]
    for plate, (name, label) in zip(plates[3:], people, strict=False):
        store.watch(WatchEntry(name, plate, label))
    newest = max(barrier, key=lambda e: e.ended_at)
    say(
        wall,
        newest,
        "improved",
        newest.event.plate_masked[:-2] + "?" + newest.event.plate[-1],
        0.71,
    )
    shown = {"street": 105, "barrier": 20}
    cameras = Recorded(
        {name: frames[index] for name, index in shown.items()},
        {name: drawn[index] for name, index in shown.items()},
        now,
    )
    auth = Auth([User("otto", hash_password(PASSWORD), "operator")])
    app = make_app(
        store,
        cameras,
        auth=auth,
        wall=wall,
        camera_editor=CameraEditor(ServiceConfig.model_validate(CONFIG), store.settings),
        user_editor=UserEditor(auth, store.settings),
    )
    taken = listen(Listening(port=0))
    server = Server(app, Listening())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield (
            f"http://127.0.0.1:{taken.getsockname()[1]}",
            max(passed, key=lambda e: e.event.num_read),
        )
    finally:
        server.should_exit = True
        thread.join()
        store.close()


WIDE = {"viewport": {"width": 1240, "height": 860}}
DARK = {**WIDE, "color_scheme": "dark"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}

SHOTS: dict[str, tuple[str, dict[str, Any]]] = {
    "live": ("/", WIDE),
    "live-dark": ("/", DARK),
    "live-phone": ("/", PHONE),
    "search": ("/events", WIDE),
    "event": ("/events/{id}", WIDE),
    "event-phone": ("/events/{id}", PHONE),
    "charts-dark": ("/charts", DARK),
    "cameras": ("/cameras", WIDE),
    "settings": ("/cameras/street/settings#view", WIDE),
}
"""What docs/page.md shows: path and window of each."""


def shoot(browser: Browser, url: str, event: NewEvent, out: Path) -> None:
    """Take every picture."""
    for name, (path, window) in SHOTS.items():
        page = browser.new_context(**window).new_page()
        page.goto(f"{url}/login")
        page.get_by_label("Name").fill("otto")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.goto(url + path.format(id=event.id))
        page.wait_for_timeout(2000)  # for the snapshots, and for new cards to cool down
        page.screenshot(path=out / f"{name}.jpg", quality=82)
        page.context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        site(Path(folder)) as (url, event),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shoot(browser, url, event, out)
        browser.close()


if __name__ == "__main__":
    main()
