"""Events of an archive straight into an event store, as if cameras had seen them."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from platestream.cluster.times import Clock
from platestream.core.ids import uuid7
from platestream.core.plate_event import PlateEvent
from platestream.store.records import NewEvent
from platestream.store.store import EventStore
from platestream.video.pictures import read_picture


class StoreKeeper:
    """Keeps events in an event store; each once, by an id that is always the same.

    Several runs, on several machines, may keep into one store.

    Args:
        store: It.
        name: What it is called; another name is another store.
        folder: The output folder, which has the crops.
        clock: Tells when sources began.
        camera: What the camera is called; empty for the name of each source's folder.
    """

    def __init__(
        self, store: EventStore, name: str, folder: Path, clock: Clock, camera: str = ""
    ) -> None:
        self.name = name
        self._store, self._folder, self._clock, self._camera = store, folder, clock, camera

    def keep(self, source: str, events: Sequence[PlateEvent], video_s: float) -> None:
        """See `Keeper`."""
        began = self._clock.began(source, video_s)
        for event in events:
            self._store.add(self._new(event, began))

    def _new(self, event: PlateEvent, began: datetime) -> NewEvent:
        started_at, ended_at, best_at = moments(event, began)
        event_id = id_of(event, started_at)
        return NewEvent(
            id=event_id,
            camera=self._camera or camera_of(event.source),
            event=replace(event, id=event_id),
            started_at=started_at,
            ended_at=ended_at,
            best_at=best_at,
            crop=read_picture(self._folder / event.crop),
            stack=read_picture(self._folder / event.stack) if event.stack else None,
        )


def moments(event: PlateEvent, began: datetime) -> tuple[datetime, datetime, datetime]:
    """When an event began, ended and was seen best, of a source that began then."""
    first, last, best = (
        began + timedelta(seconds=pts_s)
        for pts_s in (event.first_pts_s, event.last_pts_s, event.best_pts_s)
    )
    return first, last, best


def id_of(event: PlateEvent, started_at: datetime) -> str:
    """The id of an event in a store, the same whenever its source is read.

    Files of one name are many, such as ``1.mp4``: the time tells them apart, and sorts them.
    """
    name = f"{event.source}#{event.id}".encode(errors="surrogatepass")
    return uuid7(started_at, int.from_bytes(hashlib.sha256(name).digest()[:10]))


def camera_of(source: str) -> str:
    """The folder that a source lies in; archives have one for each camera."""
    path = PurePosixPath(source.replace("\\", "/"))
    return path.parent.name or path.stem
