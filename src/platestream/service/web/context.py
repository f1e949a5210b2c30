"""What the routes work with, and how they ask for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore
from typing import Annotated, Protocol, TypeAlias, TypeVar

from anyio import CapacityLimiter
from fastapi import Depends, Request

from platestream.core.text import plain_line
from platestream.core.types import Rgb
from platestream.core.urls import mask_url
from platestream.live.health import CameraHealth
from platestream.live.image_reader import FindsPlates
from platestream.service.camera_editor import CameraEditor
from platestream.service.delivery import SinkHealth
from platestream.service.keeping import StoreHealth
from platestream.service.user_editor import UserEditor
from platestream.service.web.auth import Auth, Identity
from platestream.service.web.held import Places
from platestream.service.web.prometheus import Metrics
from platestream.service.web.reachability import Exposure
from platestream.service.web.trials import TrialPictures
from platestream.service.web.wall import Wall
from platestream.store.records import StoredEvent
from platestream.store.store import EventStore

MAX_READING = 2
"""Uploaded pictures that are decoded and read at a time; each may take a hundred megabytes."""


MAX_EXPORTS, MAX_EXPORTS_EACH = 6, 2
"""Exports at a time, in all and of one user or token: each goes through all events."""

_Health = TypeVar("_Health", CameraHealth, SinkHealth, StoreHealth)


class HasCameras(Protocol):
    """What runs the cameras, as the page sees it."""

    def health(self) -> Mapping[str, CameraHealth]:
        """How each camera does."""

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """A camera's newest frame ``(H, W, 3)`` uint8; None if it has none.

        Args:
            name: The camera's.
            with_plates: Draw the plates in it.
        """


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that routes use.

    Attributes:
        store: The events.
        auth: Users and tokens that may log in.
        exposure: Where the server is reached.
        cameras: None where a store is only shown.
        reader: Reads uploaded pictures; None where that is not offered.
        wall: The newest plates.
        name: Tells whose a plate is; empty when nobody's.
        sinks: Tells how each sink does.
        metrics: What is counted.
        upload_places: Has a place for each upload that may be read now.
        keeping: Tells how it goes to keep events; None where none are made.
        redact: Takes every secret of the configuration out of a text.
        link_key: Signs addresses of pictures that need no login; empty where there are none.
        camera_editor: Changes cameras; None where none run.
        user_editor: Changes users; None where that is not offered.
        trial_pictures: What tried cameras showed.
        export_places: Has a place for each export that is sent now.
        asking_store: Has a place for one who asks whether the store answers, apart from all others.
    """

    store: EventStore
    auth: Auth
    exposure: Exposure
    cameras: HasCameras | None
    reader: FindsPlates | None
    wall: Wall
    name: Callable[[str], str]
    sinks: Callable[[], Mapping[str, SinkHealth]] = dict
    metrics: Metrics = field(default_factory=Metrics)
    upload_places: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MAX_READING))
    keeping: Callable[[], StoreHealth] | None = None
    redact: Callable[[str], str] = mask_url
    link_key: bytes = b""
    camera_editor: CameraEditor | None = None
    user_editor: UserEditor | None = None
    trial_pictures: TrialPictures = field(default_factory=TrialPictures)
    export_places: Places = field(default_factory=lambda: Places(MAX_EXPORTS, MAX_EXPORTS_EACH))
    asking_store: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    def correct(self, event_id: str, plate: str, identity: Identity) -> StoredEvent:
        """Note what a person says the plate of an event is, and whose it is then."""
        return self.store.correct(event_id, plate, by=identity.name, name=self.name)

    def health(self) -> Mapping[str, CameraHealth]:
        """How each camera does; empty without cameras."""
        found = self.cameras.health() if self.cameras else {}
        return {name: self._told(health) for name, health in found.items()}

    def sinks_health(self) -> Mapping[str, SinkHealth]:
        """How each sink does."""
        return {name: self._told(health) for name, health in self.sinks().items()}

    def store_health(self) -> StoreHealth | None:
        """How it goes to keep events; None where none are made."""
        return self._told(self.keeping()) if self.keeping else None

    def _told(self, health: _Health) -> _Health:
        """Its last error as all may read it, whatever library wrote it."""
        return replace(health, last_error=plain_line(self.redact(health.last_error)))

    def may_watch(self, identity: Identity) -> bool:
        """Whether somebody may see the cameras' pictures, with plates that may not be kept."""
        return self.store.keeps_every_plate or identity.role == "operator"

    def may_edit_cameras(self, identity: Identity) -> bool:
        """Whether somebody may add and change cameras here."""
        return self.camera_editor is not None and identity.role == "operator"

    def camera_names(self) -> list[str]:
        """Cameras that run, others that are set, and others that have events."""
        edited = [camera.name for camera in self.camera_editor.all()] if self.camera_editor else []
        return list(dict.fromkeys([*self.health(), *edited, *self.store.cameras()]))


# Where these were no coroutines, they would wait for a thread, and whoever needs them with them.
async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _identity(request: Request) -> Identity:
    identity: Identity = request.state.identity
    return identity


UsesServices: TypeAlias = Annotated[Services, Depends(_services)]
UsesIdentity: TypeAlias = Annotated[Identity, Depends(_identity)]
