"""A real server on a free port, with a real store behind it and made-up cameras before it."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import httpx
import numpy as np
from fastapi import FastAPI

from platestream.core.boxes import box_corners
from platestream.core.types import PlateEvent, Rgb
from platestream.live.health import CameraHealth
from platestream.live.updates import LiveUpdate
from platestream.service.camera_editor import CameraEditor
from platestream.service.config import ServiceConfig
from platestream.service.user_editor import UserEditor
from platestream.service.web.app import make_app
from platestream.service.web.auth import Auth, Token, User
from platestream.service.web.connections import ConnectionLimits
from platestream.service.web.passwords import hash_password
from platestream.service.web.server import Listening, Server, listen
from platestream.store.privacy import Privacy
from platestream.store.records import NewEvent, StripFrame
from platestream.store.store import EventStore, open_store
from platestream.video.photo import FoundPlate

PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
VIEWER_TOKEN = "viewer-token-of-thirty-characters"
OPERATOR_TOKEN = "operator-token-of-thirty-characters"
LOCKED = (
    [User("vera", HASH, "viewer"), User("otto", HASH, "operator")],
    [Token("screen", VIEWER_TOKEN), Token("script", OPERATOR_TOKEN, "operator")],
)


def locked() -> Auth:
    return Auth(*LOCKED)


def picture(text: str, width: int = 220, height: int = 60) -> Rgb:
    """Dark letters on a light plate, drawn: nobody's."""
    canvas = np.full((height, width, 3), (236, 234, 222), np.uint8)
    latin = text.encode("ascii", "replace").decode()
    cv2.putText(canvas, latin, (10, height - 18), cv2.FONT_HERSHEY_DUPLEX, 1.1, (25, 26, 30), 2)
    return canvas


def new_event(
    plate: str = "JRFY02",
    at: datetime | None = None,
    *,
    camera: str = "gate",
    masked: str = "",
    known_as: str = "",
    direction: str = "",
) -> NewEvent:
    at = at or datetime.now(UTC)
    event = PlateEvent(
        plate=plate,
        plate_masked=masked or plate,
        confidence=0.97,
        candidates=((plate, 0.98), (f"{plate[:-1]}8", 0.01)),
        regions=(("GB", 0.91),),
        quality=0.8,
        track_id=1,
        continued=(),
        source=camera,
        first_pts_s=0.0,
        last_pts_s=2.0,
        best_pts_s=1.0,
        first_frame=0,
        last_frame=50,
        best_frame=20,
        box_xyxy=(50.0, 60.0, 150.0, 90.0),
        num_frames=51,
        num_scored=50,
        num_read=2,
        crop="",
    )
    strip = tuple(
        StripFrame(
            frame_index=10 * i,
            at=at + timedelta(seconds=i / 2),
            quality=(0.4, 0.6, 0.8, 0.5)[i],
            text=plate if i in (0, 2) else None,
            score=0.9 if i in (0, 2) else None,
            rgb=picture(plate),
        )
        for i in range(4)
    )
    return NewEvent(
        id=str(uuid4()),
        camera=camera,
        event=event,
        started_at=at,
        ended_at=at + timedelta(seconds=2),
        best_at=at + timedelta(seconds=1),
        crop=picture(plate),
        frame=np.full((180, 320, 3), (90, 110, 120), np.uint8),
        strip=strip,
        direction=direction,
        known_as=known_as,
    )


def update(event_id: str, state: Any, masked: str, confidence: float = 0.9) -> LiveUpdate:
    crop = cv2.imencode(".jpg", picture(masked))[1].tobytes()
    at = datetime.now(UTC)
    return LiveUpdate(event_id, "gate", state, masked, masked, confidence, at, crop, 1)


class MadeUpCameras:
    """One camera that is well, one that is lost; the same whoever comes and goes."""

    def start(self) -> None:
        pass

    def stop(self, within_s: float | None = None) -> None:
        pass

    def watch(self, plan: Any, /) -> None:
        pass

    def remove(self, name: str, /) -> None:
        pass

    def health(self) -> Mapping[str, CameraHealth]:
        now = datetime.now(UTC)
        well = CameraHealth("live", now, 25.0, 10.0, plate_width_px=84.0, last_frame_at=now)
        return {"gate": well, "yard": CameraHealth("lost", now, last_error="rtsp://yard")}

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """Lighter with plates in it."""
        grey = 140 if with_plates else 90
        return np.full((360, 640, 3), grey, np.uint8) if name == "gate" else None


def read_nothing_new(rgb: Rgb, /) -> list[FoundPlate]:
    """Stands for the networks: one plate over the whole picture."""
    height, width = rgb.shape[:2]
    box = (0.0, 0.0, float(width), float(height))
    return [
        FoundPlate(
            "JRFY02", "JRFY0?", 0.8, (("JRFY02", 0.9),), (("GB", 0.9),), 0.7, box, box_corners(box)
        )
    ]


@dataclass
class Site:
    """A running server."""

    url: str
    app: FastAPI
    store: EventStore

    def client(self, token: str = "", **kwargs: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= kwargs.pop("headers", {})
        return httpx.Client(base_url=self.url, headers=headers, timeout=20, **kwargs)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def answering(app: FastAPI, limits: ConnectionLimits | None = None) -> Iterator[str]:
    """The address of a real server that runs an application."""
    listening = Listening(port=0)
    taken = listen(listening)
    server = Server(app, listening, limits)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive(), "the server does not stop"


@contextmanager
def serving(
    folder: Path,
    auth: Auth | None = None,
    privacy: Privacy | None = None,
    limits: ConnectionLimits | None = None,
    **kwargs: Any,
) -> Iterator[Site]:
    database = f"sqlite:///{folder / 'events.db'}"
    store = open_store(database, folder / "pictures", privacy=privacy)
    kwargs.setdefault("cameras", MadeUpCameras())
    kwargs.setdefault("reader", read_nothing_new)
    auth = auth or Auth()
    kwargs.setdefault("camera_editor", CameraEditor(ServiceConfig(), store.settings))
    kwargs.setdefault("user_editor", UserEditor(auth, store.settings))
    app = make_app(store, auth=auth, **kwargs)
    try:
        with answering(app, limits) as url:
            yield Site(url, app, store)
    finally:
        store.close()


def form_token(page: str) -> str:
    """The token in a page's first form."""
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def log_in(client: httpx.Client, name: str = "otto", password: str = PASSWORD) -> httpx.Response:
    token = form_token(client.get("/login").text)
    form = {"name": name, "password": password, "form_token": token}
    return client.post("/login", data=form)
