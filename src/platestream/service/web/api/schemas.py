"""What the API answers: one model a thing, made from the store's records."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from platestream.core.boxes import Quad
from platestream.core.event_fields import told
from platestream.core.origin import Regions
from platestream.live.updates import LiveUpdate
from platestream.service.web.error_answers import ErrorAnswer
from platestream.store.records import StoredEvent
from platestream.video.photo import FoundPlate

ERRORS: dict[int | str, dict[str, Any]] = {
    "default": {"model": ErrorAnswer, "description": "What went wrong, in the one shape."},
    422: {"model": ErrorAnswer, "description": "Something in the request is not as it should be."},
}
"""For every route's documentation."""


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(from_attributes=True)


class Candidate(Answer):
    """A text the plate may be, and its share of the readings' distribution."""

    plate: str
    share: float


class StripFrameAnswer(Answer):
    """One frame of an event's strip; `text` and `score` are null where it was not read."""

    frame_index: int
    at: datetime
    quality: float
    text: str | None
    score: float | None
    crop_url: str | None


_EVENT_FIELDS: dict[str, Any] = {
    each.name: (list[Candidate] if each.name == "candidates" else each.type, ...)
    for each in told("api")
}
_EventFields: Any = create_model("_EventFields", __base__=Answer, **_EVENT_FIELDS)


class EventAnswer(_EventFields):  # type: ignore[misc]  # its fields stand in one list for all
    """One passage of one vehicle. `plate` is a person's where one corrected it."""

    crop_url: str | None
    frame_url: str | None
    stack_url: str | None

    @classmethod
    def of(cls, stored: StoredEvent) -> "EventAnswer":
        """The answer for an event."""
        answer: EventAnswer = cls.model_validate(_fields(stored))
        return answer


class EventWithStrip(EventAnswer):
    """An event with the strip of frames that led to it."""

    strip: list[StripFrameAnswer]

    @classmethod
    def of(cls, stored: StoredEvent) -> "EventWithStrip":
        """The answer for an event that was asked for by its id."""
        strip = [
            {
                **{name: getattr(frame, name) for name in StripFrameAnswer.model_fields
                   if name != "crop_url"},
                "crop_url": strip_url(stored, position),
            }
            for position, frame in enumerate(stored.strip)
        ]  # fmt: skip
        answer: EventWithStrip = cls.model_validate({**_fields(stored), "strip": strip})
        return answer


class EventsAnswer(Answer):
    """A page of events, newest first; ask again with `cursor=next_cursor` for older ones."""

    events: list[EventAnswer]
    next_cursor: str | None


class UpdateAnswer(Answer):
    """News of a plate in view, as the stream tells it."""

    event_id: str
    camera: str
    state: str
    plate: str
    plate_masked: str
    confidence: float
    at: datetime
    known_as: str
    here_since: datetime | None
    crop_url: str | None

    @classmethod
    def of(cls, update: LiveUpdate) -> "UpdateAnswer":
        """The answer for news from a camera."""
        names = cls.model_fields.keys() - {"crop_url", "here_since"}
        fields = {name: getattr(update, name) for name in names}
        # In the server's zone, as all that the page shows.
        fields["at"] = update.at.astimezone()
        fields["here_since"] = update.first_at and update.first_at.astimezone()
        return cls.model_validate({**fields, "crop_url": live_crop_url(update)})


class FoundPlateAnswer(Answer):
    """A plate in an uploaded picture."""

    plate: str
    plate_masked: str
    confidence: float
    candidates: list[Candidate]
    regions: Regions
    quality: float
    box_xyxy: tuple[float, float, float, float]
    quad: Quad

    @classmethod
    def of(cls, found: FoundPlate) -> "FoundPlateAnswer":
        """The answer for a plate that was found."""
        names = cls.model_fields.keys() - {"candidates"}
        fields = {name: getattr(found, name) for name in names}
        return cls.model_validate({**fields, "candidates": _candidates(found.candidates)})


def crop_url(stored: StoredEvent) -> str | None:
    """Where the crop that was read is; None once pruned."""
    return f"/api/v1/events/{stored.id}/crop.jpg" if stored.crop_file else None


def frame_url(stored: StoredEvent) -> str | None:
    """Where the frame is that it was cut from."""
    return f"/api/v1/events/{stored.id}/frame.jpg" if stored.frame_file else None


def stack_url(stored: StoredEvent) -> str | None:
    """Where the average of several crops is; None where none was read, or it was pruned."""
    return f"/api/v1/events/{stored.id}/stack.jpg" if stored.stack_file else None


def strip_url(stored: StoredEvent, position: int) -> str | None:
    """Where a crop of the strip is."""
    has_file = bool(stored.strip[position].file)
    return f"/api/v1/events/{stored.id}/strip/{position}.jpg" if has_file else None


def live_crop_url(update: LiveUpdate) -> str | None:
    """Where the crop of a plate on the wall is; another address for each newer crop."""
    if update.crop_jpeg is None:
        return None
    return f"/api/v1/live/{update.event_id}/crop.jpg?at={update.at.timestamp():.3f}"


def _fields(stored: StoredEvent) -> dict[str, object]:
    return {each.name: each.of(stored) for each in told("api")} | {
        "candidates": _candidates(stored.event.candidates),
        "crop_url": crop_url(stored),
        "frame_url": frame_url(stored),
        "stack_url": stack_url(stored),
    }


def _candidates(found: tuple[tuple[str, float], ...]) -> list[dict[str, object]]:
    return [{"plate": plate, "share": share} for plate, share in found]
