"""What is told of a plate while it passes, and who is asked whose it is."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from platestream.core.plate_event import State


class Namer(Protocol):
    """Knows whose plate it is."""

    def __call__(self, plate: str, /, *, masked: str, confidence: float) -> str:
        """Name of a plate's owner; empty when unknown.

        Args:
            plate: As it is called, without separators.
            masked: As it was read, with ``?`` for characters that are not sure.
            confidence: That every character of it is right.
        """


def nobody(_plate: str, /, *, masked: str, confidence: float) -> str:
    """Know no plate."""
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class LiveUpdate:
    """News of a passage.

    Attributes:
        event_id: The passage's, from its first update to its `NewEvent`.
        camera: Name of the camera.
        state: See `PlateUpdate`.
        plate: As ``replace_rules`` have it; empty where it may not be kept.
        plate_masked: As it was read, with ``?`` for characters that are not sure; the same.
        confidence: That every character is right, 0..1.
        at: When the crop was taken, UTC.
        crop_jpeg: The crop; None when withdrawn, and where it may not be kept.
        track_id: See `PlateEvent`.
        known_as: Whose plate it is; empty when unknown.
        since: Since when it is in this state, UTC; None where nobody asked, as the next.
        first_at: When it came into view.
    """

    event_id: str
    camera: str
    state: State
    plate: str
    plate_masked: str
    confidence: float
    at: datetime
    crop_jpeg: bytes | None
    track_id: int
    known_as: str = ""
    since: datetime | None = None
    first_at: datetime | None = None

    def without_plate(self) -> "LiveUpdate":
        """What is left of it where the plate may not be kept: that somebody passes."""
        return replace(self, plate="", plate_masked="", crop_jpeg=None)
