"""Which cameras run where: as threads of this process, or on the nodes of a cluster."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from platestream.core.types import Rgb
from platestream.live.health import CameraHealth
from platestream.live.workers import Cameras, CameraWorker, Listeners
from platestream.service.config import ServiceConfig
from platestream.service.wiring import CameraPlan, check_plan, make_plans, make_worker
from platestream.video.engine import Engine


class RunsCameras(Protocol):
    """What runs cameras, here or on other machines."""

    def start(self) -> None:
        """Start them all."""

    def stop(self, within_s: float | None = None) -> None:
        """Stop them all, and wait until each has handed over the events of what was in view."""

    def watch(self, plan: CameraPlan, /) -> None:
        """Watch as this plan says from now on, in place of the one of its name."""

    def remove(self, name: str, /) -> None:
        """Watch no more with the camera of this name, if there is one."""

    def health(self) -> Mapping[str, CameraHealth]:
        """How each does."""

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """A camera's newest frame, not to be written to; None if it has none."""


def make_cameras(config: ServiceConfig, engine: Engine, listeners: Listeners) -> RunsCameras:
    """All enabled cameras of a configuration; with `cluster`, those of the network run on it.

    Raises:
        ConfigError: a camera's address is of a kind that no camera has, or the cluster cannot be
            reached.
    """
    plans = [check_plan(plan) for plan in make_plans(config)]

    def make(plan: CameraPlan) -> CameraWorker:
        return make_worker(plan, engine, listeners)

    if config.cluster is None:
        return CamerasHere(plans, make)
    from platestream.cluster.actors import RayActors
    from platestream.service.remote_cameras import RemoteCameras

    here = CamerasHere((plan for plan in plans if not _is_of_network(plan)), make)
    actors = RayActors(config.cluster.address)
    far = RemoteCameras((plan for plan in plans if _is_of_network(plan)), actors, listeners)
    return AllCameras(here, far)


def _is_of_network(plan: CameraPlan) -> bool:
    """Whether any machine can watch with it: a file, a folder or a webcam is this machine's own."""
    return "://" in plan.camera.url.get_secret_value()


class CamerasHere(Cameras):
    """Cameras as threads of this process, see `RunsCameras`.

    Args:
        plans: Of the cameras.
        make: Makes the work of one.
    """

    def __init__(
        self, plans: Iterable[CameraPlan], make: Callable[[CameraPlan], CameraWorker]
    ) -> None:
        super().__init__(make(plan) for plan in plans)
        self._make = make

    def watch(self, plan: CameraPlan) -> None:
        """See `RunsCameras`."""
        self.put(self._make(plan))


class AllCameras:
    """The cameras of this machine, and those of a cluster, as one.

    Args:
        here: Runs those that are this machine's own.
        far: Runs the others; no camera is in both.
    """

    def __init__(self, here: RunsCameras, far: RunsCameras) -> None:
        self._here, self._far = here, far
        self._places = (here, far)

    def start(self) -> None:
        """See `RunsCameras`."""
        for place in self._places:
            place.start()

    def stop(self, within_s: float | None = None) -> None:
        """See `RunsCameras`; all at a time."""
        stopping = [
            threading.Thread(target=place.stop, args=(within_s,), daemon=True)
            for place in self._places
        ]
        for each in stopping:
            each.start()
        until_s = None if within_s is None else time.monotonic() + within_s
        for each in stopping:
            each.join(None if until_s is None else max(0.0, until_s - time.monotonic()))

    def watch(self, plan: CameraPlan) -> None:
        """See `RunsCameras`; its address, which may be another now, says where it runs."""
        place, other = (self._far, self._here) if _is_of_network(plan) else self._places
        other.remove(plan.name)
        place.watch(plan)

    def remove(self, name: str) -> None:
        """See `RunsCameras`."""
        for place in self._places:
            place.remove(name)

    def health(self) -> dict[str, CameraHealth]:
        """See `RunsCameras`."""
        return {name: each for place in self._places for name, each in place.health().items()}

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """See `RunsCameras`."""
        found = (place.snapshot(name, with_plates=with_plates) for place in self._places)
        return next((rgb for rgb in found if rgb is not None), None)
