"""Who finds what under which MQTT topic."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from platestream.core.choices import Choices
from platestream.sinks.frigate import frigate
from platestream.sinks.homeassistant import device_id, discovery
from platestream.sinks.native import native
from platestream.sinks.payloads import PAYLOADS, Payload
from platestream.sinks.sink import to_json


@dataclass(frozen=True, slots=True)
class Topics:
    """A plan of topics.

    Attributes:
        make: Makes the payload of a passage.
        of_camera: Topics that a camera's passages are published to, each with whether it is
            retained.
        status: Topic that says ``online`` or, by the last will, ``offline``; retained.
        greetings: Topic to payload, published retained at each connection.
    """

    make: Payload
    of_camera: Callable[[str], Mapping[str, bool]]
    status: str
    greetings: Mapping[str, str] = field(default_factory=dict)


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
    """``ROOT/status``, ``ROOT/CAMERA/event`` for each passage, ``ROOT/CAMERA/last`` retained.

    Args:
        root: Before all topics.
        cameras: Those that Home Assistant is told of.
        prefix: Where Home Assistant listens; it is not told when empty.
    """
    status = f"{root}/status"
    greetings = {}
    for camera in cameras if prefix else ():
        device = device_id(root, camera)
        topics = {"events": _event(root, camera), "last": _last(root, camera), "status": status}
        greetings[f"{prefix}/device/{device}/config"] = to_json(discovery(device, camera, **topics))
    return Topics(
        native,
        lambda camera: {_event(root, camera): False, _last(root, camera): True},
        status,
        greetings,
    )


def frigate_topics(root: str) -> Topics:
    """As Frigate names them: ``ROOT/available`` and ``ROOT/tracked_object_update``."""
    return Topics(
        frigate, lambda _camera: {f"{root}/tracked_object_update": False}, f"{root}/available"
    )


PLANS: Choices[Callable[[str], Topics]] = Choices("plan of topics", {"frigate": frigate_topics})
"""Payloads whose receivers look under topics of their own."""


def _event(root: str, camera: str) -> str:
    return f"{root}/{camera}/event"


def _last(root: str, camera: str) -> str:
    return f"{root}/{camera}/last"
