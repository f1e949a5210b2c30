"""Who finds what under which MQTT topic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

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
    """

    status: str
    present: str
    crop: str


@dataclass(frozen=True, slots=True)
class Topics:
    """A plan of topics.

    Attributes:
        make: Makes the payload of a passage.
        of_passage: Topics that a message on a camera's passage in some state is published to,
            each with whether it is retained.
        status: Topic that says ``online`` or, by the last will, ``offline``; retained.
        greetings: Topic to payload, published retained at each connection.
        discovered: Filter of the topics where Home Assistant is told of cameras, also of those
            that are gone; empty where it is not told.
        of_camera: Topics of a camera by themselves, see `CameraTopics`; None where there are none.
    """

    make: Payload
    of_passage: Callable[[str, str], Mapping[str, bool]]
    status: str
    greetings: Mapping[str, str] = field(default_factory=dict)
    discovered: str = ""
    of_camera: Callable[[str], CameraTopics] | None = None


def topics_of(payload: str, root: str, cameras: Iterable[str], prefix: str) -> Topics:
    """The topics that go with a payload: Frigate has its own, all others are published as ours.

    Args:
        payload: A key of `PAYLOADS`.
        root: Before all topics.
        cameras: Those that Home Assistant is told of; it understands our own payload alone.
        prefix: Where Home Assistant listens; it is not told when empty.
    """
    if payload in PLANS:
        return PLANS[payload](root)
    if PAYLOADS[payload] is native:
        return native_topics(root, cameras, prefix)
    return replace(native_topics(root), make=PAYLOADS[payload])


def native_topics(root: str, cameras: Iterable[str] = (), prefix: str = "") -> Topics:
    """``ROOT/status``, ``ROOT/CAMERA/event`` for each message, ``ROOT/CAMERA/last`` retained.

    ``ROOT/CAMERA/sure`` has a passage once, when it is sure; see `CameraTopics` for the others.

    Args:
        root: Before all topics.
        cameras: Those that Home Assistant is told of.
        prefix: Where Home Assistant listens; it is not told when empty.
    """
    status = f"{root}/status"
    greetings = {}
    for camera in cameras if prefix else ():
        device = device_id(root, camera)
        topics = {"sure": _sure(root, camera), "last": _last(root, camera), "status": status}
        told = discovery(device, camera, own=_of_camera(root, camera), **topics)
        greetings[f"{prefix}/device/{device}/config"] = to_json(told)
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
    topics = {_event(root, camera): False, _last(root, camera): True}
    # Not retained: what opens a gate must not be there for whoever subscribes later.
    return topics | ({_sure(root, camera): False} if state == "sure" else {})


def _of_camera(root: str, camera: str) -> CameraTopics:
    return CameraTopics(*(f"{root}/{camera}/{name}" for name in ("status", "present", "crop")))


def _sure(root: str, camera: str) -> str:
    return f"{root}/{camera}/sure"


def _event(root: str, camera: str) -> str:
    return f"{root}/{camera}/event"


def _last(root: str, camera: str) -> str:
    return f"{root}/{camera}/last"
