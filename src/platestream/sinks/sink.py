"""The seam: what a sink is told of, and what it must be able to do."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from platestream.core.plate_event import PlateEvent, State
from platestream.core.types import Rgb


class Passage(Protocol):
    """One passage of one vehicle, as far as anybody is told of it; the store's events are such."""

    @property
    def id(self) -> str:
        """The same however often it is told."""

    @property
    def camera(self) -> str:
        """Name of the camera."""

    @property
    def event(self) -> PlateEvent:
        """What was read."""

    @property
    def started_at(self) -> datetime:
        """When the plate came into view, UTC."""

    @property
    def ended_at(self) -> datetime:
        """When it was last seen."""

    @property
    def best_at(self) -> datetime:
        """When the crop that was read was taken."""

    @property
    def frame(self) -> Rgb | None:
        """The frame that crop was cut from; None when frames are not kept."""

    @property
    def zones(self) -> tuple[str, ...]:
        """Names of the zones it was seen in."""

    @property
    def direction(self) -> str:
        """Name of the line crossed and which way; empty if none."""

    @property
    def plate_hash(self) -> str:
        """Keyed hash of the plate where the plate itself is not kept; empty elsewhere."""

    @property
    def read_plate(self) -> str:
        """What the reader said where a rule made something else of it; empty elsewhere."""

    @property
    def known_as(self) -> str:
        """The name a watch list gives the plate; empty if none."""

    @property
    def state(self) -> State:
        """What became of it."""

    @property
    def crop_jpeg(self) -> bytes | None:
        """The crop; None where it is not kept."""

    @property
    def frame_jpeg(self) -> bytes | None:
        """The whole frame; None where it is not kept, or no sink wants it."""

    @property
    def crop_url(self) -> str:
        """Address of the crop, good for a while; empty where the sink asked for none."""

    @property
    def frame_url(self) -> str:
        """The same of the frame."""

    @property
    def since(self) -> datetime | None:
        """Since when, UTC."""


class Notice(Protocol):
    """A message on its way out; the store's messages are such."""

    @property
    def camera(self) -> str:
        """Name of the camera."""

    @property
    def event_id(self) -> str:
        """The passage it is about."""

    @property
    def kind(self) -> str:
        """What is told of the passage: ``sure``, ``final``, or ``improved-2`` the second time.

        With the passage's id it is what no two messages have in common.
        """

    @property
    def body(self) -> str:
        """What `Sink.encode` made of it."""


CAMERA = "camera"
"""How the kind of a message on a camera begins; all others are on passages."""


class Sink(Protocol):
    """Somebody to tell. `encode` may run in any thread, the rest runs in one.

    Attributes:
        hears_cameras: Whether it needs to know of all states of its cameras, asked for or not.
        wants_frame: Whether what it encodes has the whole frame.
    """

    hears_cameras: bool
    wants_frame: bool

    def start(self) -> None:
        """Get ready; never fails for want of a connection."""

    def encode(self, passage: Passage) -> str:
        """Make the body of a message about a passage: JSON.

        A plate stands in its texts as one word, in capitals or not: so it is found when it is to
        be erased.
        """

    def tell(self, notice: Notice) -> None:
        """Tell, and come back when the other side has it.

        Raises:
            SinkError: it does not have it, or did not say so.
            SinkRefused: it will not have this very message.
        """

    def check(self) -> str:
        """Find out, in place of `start`, whether it could be told; tells it nothing.

        Returns:
            What was found out, and what cannot be without telling.

        Raises:
            SinkError: it cannot be reached, or does not know us.
        """

    def close(self) -> None:
        """Let go of the connection."""


@runtime_checkable
class HearsOfCameras(Protocol):
    """A sink that tells which cameras there are, and so must know when one comes or goes."""

    def cameras_are(self, cameras: Sequence[str]) -> None:
        """Learn which there are now; may be called in any thread, and waits for nobody."""


def to_json(payload: Mapping[str, object]) -> str:
    """Compact JSON in ASCII, which passes through every broker, log and database."""
    return json.dumps(payload, allow_nan=False, separators=(",", ":"))
