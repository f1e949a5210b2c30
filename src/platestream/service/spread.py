"""Cameras that run in several places, as one."""

import threading
import time
from collections.abc import Mapping
from typing import Protocol

from platestream.core.types import Rgb
from platestream.live.health import CameraHealth
from platestream.live.workers import CameraWorker


class CamerasElsewhere(Protocol):
    """What runs cameras on other machines."""

    def start(self) -> None:
        """Start them all."""

    def stop(self, within_s: float | None = None) -> None:
        """Stop them all, and wait until each has handed over the events of what was in view."""

    def health(self) -> Mapping[str, CameraHealth]:
        """How each does."""

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """A camera's newest frame, not to be written to; None if it has none."""

    def remove(self, name: str, /) -> None:
        """Watch no more with the camera of this name, if there is one."""


class RunsCameras(CamerasElsewhere, Protocol):
    """What runs cameras, as threads of this process or also on other machines."""

    def put(self, worker: CameraWorker, /) -> None:
        """Watch with this worker from now on, in place of the one of its name."""


class AllCameras:
    """The cameras of this machine, and those of a cluster.

    Args:
        here: Runs those of this machine, and each that is added or changed, until the next start.
        far: Runs the others; no camera is in both.
    """

    def __init__(self, here: RunsCameras, far: CamerasElsewhere) -> None:
        self._here, self._far = here, far
        self._places: tuple[CamerasElsewhere, ...] = (here, far)

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

    def health(self) -> dict[str, CameraHealth]:
        """See `RunsCameras`."""
        return {name: each for place in self._places for name, each in place.health().items()}

    def put(self, worker: CameraWorker) -> None:
        """See `RunsCameras`."""
        self._far.remove(worker.name)
        self._here.put(worker)

    def remove(self, name: str) -> None:
        """See `RunsCameras`."""
        self._far.remove(name)
        self._here.remove(name)

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """See `RunsCameras`."""
        found = (place.snapshot(name, with_plates=with_plates) for place in self._places)
        return next((rgb for rgb in found if rgb is not None), None)
