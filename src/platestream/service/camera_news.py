"""Tells the receivers that ask for it how the cameras are: lost, frozen, black, and back again."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

from platestream.core.errors import StoreError
from platestream.live.health import CameraHealth
from platestream.service.config import ServiceConfig
from platestream.sinks.sink import CAMERA, Sink, to_json
from platestream.store.records import Message

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class CameraNews:
    """Looks at the cameras and puts what changed into the outbox.

    Args:
        config: Says who asks.
        sinks: Of `make_sinks`.
        health: Of all cameras, by name.
        enqueue: Puts messages into the outbox.
        wake: Says that there are some.
    """

    def __init__(
        self,
        config: ServiceConfig,
        sinks: Mapping[str, Sink],
        health: Callable[[], Mapping[str, CameraHealth]],
        enqueue: Callable[[Sequence[Message]], None],
        wake: Callable[[], None],
    ) -> None:
        self._config, self._sinks, self._health = config, sinks, health
        self._enqueue, self._wake = enqueue, wake
        self._told: dict[str, str] = {}
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera news", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Finish what is being done, and wait no longer than that."""
        self._is_stopping.set()
        self._thread.join(within_s)

    def look(self) -> None:
        """Tell what changed since the last look.

        Raises:
            StoreError: it cannot be told now, and is told with the next look.
        """
        cameras = self._health()
        for gone in self._told.keys() - cameras.keys():
            del self._told[gone]
        for camera, health in cameras.items():
            if health.state != self._told.get(camera):
                if messages := self._messages(camera, health.state, health.since):
                    self._enqueue(messages)
                    self._wake()
                self._told[camera] = health.state

    def _messages(self, camera: str, state: str, since: datetime) -> list[Message]:
        body = {"event_type": CAMERA, "camera": camera, "state": state, "since": since.isoformat()}
        return [
            Message(name, camera, str(uuid4()), f"{CAMERA}-{state}", to_json(body))
            for name, sink in self._sinks.items()
            if self._wants(name, sink, camera, state)
        ]

    def _wants(self, name: str, sink: Sink, camera: str, state: str) -> bool:
        config = self._config.sinks[name]
        is_theirs = camera in (config.cameras or (camera,))
        return is_theirs and (sink.hears_cameras or state in config.camera_states)

    def _run(self) -> None:
        trouble = ""
        while not self._is_stopping.wait(LOOK_EVERY_S):
            try:
                self.look()
                trouble = ""
            except StoreError as error:
                if str(error) != trouble:
                    trouble = str(error)
                    logger.warning("the state of the cameras is told later: %s", error)
            except Exception:
                # A thread that ends in silence would never tell anything again.
                logger.exception("the state of the cameras cannot be told, and is looked at again")
