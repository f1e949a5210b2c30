"""Who finds what under which MQTT topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from platestream.core.choices import Choices
from platestream.sinks.frigate import frigate
from platestream.sinks.homeassistant import device_id, discovery
from platestream.sinks.native import native
from platestream.sinks.payloads import PAYLOADS, Payload
from platestream.sinks.sink import to_json


@dataclass(frozen=True, slots=True)
class CameraTopics:
    """What is always known of a camera; each is retained.

    Attributes:
        status: ``online``, or ``offline`` while it gives no picture.
        present: ``ON`` while a plate is in view that is sure, else ``OFF``.
        crop: A JPEG of the last plate.
        last: The last message on a passage.
    """

    status: str
    present: str
    crop: str
    last: str

    def all(self) -> tuple[str, ...]:
        """Each of them."""
        return self.status, self.present, self.crop, self.last


@dataclass(frozen=True, slots=True)
class Topics:
    """A plan of topics.

    Attributes:
        make: Makes the payload of a passage.
        of_passage: Topics that a message on a camera's passage in some state is published to,
            each with whether it is retained.
        status: Topic that says ``online`` or, by the last will, ``offline``; retained.
        greetings: Of a camera: topic to payload, published retained at each connection.
        discovered: Filter of the topics where Home Assistant is told of cameras, also of those
            that are gone; empty where it is not told.
        of_camera: Topics of a camera by themselves, see `CameraTopics`; None where there are none.
    """

    make: Payload
    of_passage: Callable[[str, str], Mapping[str, bool]]
    status: str
    greetings: Callable[[str], Mapping[str, str]] = lambda _camera: {}
    discovered: str = ""
    of_camera: Callable[[str], CameraTopics] | None = None


def topics_of(payload: str, root: str, prefix: str) -> Topics:
    """The topics that go with a payload: Frigate has its own, all others are published as ours.

    Args:
        payload: A key of `PAYLOADS`.
        root: Before all topics.
        prefix: Where Home Assistant listens; it is not told when empty, and understands our own
            payload alone.
    """
    if payload in PLANS:
        return PLANS[payload](root)
    if PAYLOADS[payload] is native:
        return native_topics(root, prefix)
    return replace(native_topics(root), make=PAYLOADS[payload])


def native_topics(root: str, prefix: str = "") -> Topics:
    """``ROOT/status``, ``ROOT/CAMERA/event`` for each message, ``ROOT/CAMERA/last`` retained.

    ``ROOT/CAMERA/sure`` has a passage once, when it is sure; see `CameraTopics` for the others.

    Args:
        root: Before all topics.
        prefix: Where Home Assistant listens; it is not told when empty.
    """
    status = f"{root}/status"

    def greetings(camera: str) -> dict[str, str]:
        if not prefix:
            return {}
        device, own = device_id(root, camera), _of_camera(root, camera)
        told = discovery(device, camera, sure=_sure(root, camera), status=status, own=own)
        return {f"{prefix}/device/{device}/config": to_json(told)}

    return Topics(
        native,
        lambda camera, state: _of_passage(root, camera, state),
        status,
        greetings,
        f"{prefix}/device/+/config" if prefix else "",
        lambda camera: _of_camera(root, camera),
    )


def frigate_topics(root: str) -> Topics:
    """As Frigate names them: ``ROOT/available`` and ``ROOT/tracked_object_update``."""
    return Topics(
        frigate,
        lambda _camera, _state: {f"{root}/tracked_object_update": False},
        f"{root}/available",
    )


PLANS: Choices[Callable[[str], Topics]] = Choices("plan of topics", {"frigate": frigate_topics})
"""Payloads whose receivers look under topics of their own."""


def _of_passage(root: str, camera: str, state: str) -> dict[str, bool]:
    topics = {f"{root}/{camera}/event": False, _of_camera(root, camera).last: True}
    # Not retained: what opens a gate must not be there for whoever subscribes later.
    return topics | ({_sure(root, camera): False} if state == "sure" else {})


def _of_camera(root: str, camera: str) -> CameraTopics:
    names = ("status", "present", "crop", "last")
    return CameraTopics(*(f"{root}/{camera}/{name}" for name in names))


def _sure(root: str, camera: str) -> str:
    return f"{root}/{camera}/sure"
