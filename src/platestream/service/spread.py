"""Cameras that run in several places, as one."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

from platestream.core.types import Rgb
from platestream.live.health import CameraHealth


class RunsCameras(Protocol):
    """What runs cameras: threads of this process, or other machines."""

    def start(self) -> None:
        """Start them all."""

    def stop(self, within_s: float | None = None) -> None:
        """Stop them all, and wait until each has handed over the events of what was in view."""

    def health(self) -> Mapping[str, CameraHealth]:
        """How each does."""

    def snapshot(self, name: str) -> Rgb | None:
        """A camera's newest frame, not to be written to; None if it has none."""


class AllCameras:
    """The cameras of several places.

    Args:
        places: What runs them; no two have a camera of one name.
    """

    def __init__(self, places: Sequence[RunsCameras]) -> None:
        self._places = places

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

    def snapshot(self, name: str) -> Rgb | None:
        """See `RunsCameras`."""
        found = (place.snapshot(name) for place in self._places)
        return next((rgb for rgb in found if rgb is not None), None)
