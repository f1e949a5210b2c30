"""``/api/v1/events``: find them, look at one and its pictures, correct it; and their figures."""

from datetime import datetime
from functools import partial
from itertools import islice
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, StreamingResponse

from platestream.service.web.api.schemas import (
    Answer,
    EventAnswer,
    EventsAnswer,
    EventWithStrip,
)
from platestream.service.web.context import Services, UsesIdentity, UsesServices
from platestream.service.web.held import HeldStream
from platestream.store import records
from platestream.store.export import csv_lines

router = APIRouter(prefix="/api/v1", tags=["events"])

EventId: TypeAlias = Annotated[
    str, Path(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="A UUID.")
]
Plate: TypeAlias = Annotated[str, Field(min_length=1, max_length=32)]


class EventFilter(BaseModel):
    """Which events to look for; what is left out does not narrow."""

    model_config = ConfigDict(extra="forbid")

    plate: str = Field(
        "", max_length=64, description="Part of a plate; a whole one with wildcards * and ?."
    )
    looks_like: str = Field(
        "", max_length=64, description="A whole plate; finds those the reader may confuse with it."
    )
    camera: str = Field("", max_length=128)
    since: AwareDatetime | None = Field(None, description="Ended at or after, with time zone.")
    until: AwareDatetime | None = Field(None, description="Started before, with time zone.")
    min_confidence: float = Field(0.0, ge=0, le=1)
    known: bool | None = Field(None, description="Only plates that a watch list knows, or none.")

    def query(self) -> records.Query:
        """The same, for the store."""
        names = records.Query.__dataclass_fields__
        return records.Query(**{name: getattr(self, name) for name in names})


class EventPage(EventFilter):
    """Which page of them."""

    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=512, description="`next_cursor` of the last page.")


class Correction(BaseModel):
    """What a person says the plate is."""

    model_config = ConfigDict(extra="forbid")

    plate: Plate


class HourAnswer(Answer):
    """Events that ended in one hour; hours without any are left out."""

    hour: datetime
    num_events: int


class StatsAnswer(Answer):
    """Events by the hour, oldest first."""

    hours: list[HourAnswer]


class CorrectionsAnswer(Answer):
    """Corrected events, oldest correction first."""

    events: list[EventWithStrip]


@router.get("/events")
def find_events(services: UsesServices, page: Annotated[EventPage, Query()]) -> EventsAnswer:
    """Events, newest first."""
    found = services.store.find(page.query(), limit=page.limit, cursor=page.cursor)
    events = [EventAnswer.of(stored) for stored in found.events]
    return EventsAnswer(events=events, next_cursor=found.next_cursor)


@router.get(
    "/events.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "All of them, as CSV."}},
)
def export_events(
    services: UsesServices, identity: UsesIdentity, wanted: Annotated[EventFilter, Query()]
) -> StreamingResponse:
    """All events that fit, newest first, with every column, for a spreadsheet."""
    query = wanted.query()
    services.store.find(query, limit=1)  # what makes no sense is refused before the first line
    lines = csv_lines(services.store.each(query))
    encoded = (line.encode(errors="backslashreplace") for line in lines)
    headers = {"content-disposition": 'attachment; filename="events.csv"'}
    who = f"{identity.by} {identity.name}"
    if not services.export_places.take(who):
        wait = {"Retry-After": "10"}
        raise HTTPException(429, "enough is being exported already; try again", wait)
    leave = partial(services.export_places.leave, who)
    return HeldStream(encoded, leave, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/events/{event_id}")
def get_event(services: UsesServices, event_id: EventId) -> EventWithStrip:
    """One event, with the frames that led to it."""
    return EventWithStrip.of(services.store.get(event_id))


@router.put("/events/{event_id}/correction")
def correct_event(
    services: UsesServices, identity: UsesIdentity, event_id: EventId, correction: Correction
) -> EventWithStrip:
    """Say what the plate is; what the reader said stays beside it. Takes an operator."""
    return EventWithStrip.of(services.correct(event_id, correction.plate, identity))


@router.get("/events/{event_id}/{picture}.jpg", response_class=FileResponse)
def get_picture(
    services: UsesServices, event_id: EventId, picture: Literal["crop", "frame", "stack"]
) -> FileResponse:
    """The crop that was read, the frame it was cut from, or the average of several crops."""
    stored = services.store.get(event_id)
    files = {"crop": stored.crop_file, "frame": stored.frame_file, "stack": stored.stack_file}
    return _picture(services, files[picture])


@router.get("/events/{event_id}/strip/{position}.jpg", response_class=FileResponse)
def get_strip_picture(
    services: UsesServices, event_id: EventId, position: Annotated[int, Path(ge=0, le=9999)]
) -> FileResponse:
    """A crop of the strip."""
    strip = services.store.get(event_id).strip
    return _picture(services, strip[position].file if position < len(strip) else "")


@router.get("/corrections")
def list_corrections(
    services: UsesServices, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> CorrectionsAnswer:
    """Events that a person corrected: what to learn from."""
    corrected = islice(services.store.corrections(), limit)
    return CorrectionsAnswer(events=[EventWithStrip.of(stored) for stored in corrected])


@router.get("/stats")
def count_events(services: UsesServices, wanted: Annotated[EventFilter, Query()]) -> StatsAnswer:
    """How many events ended in each hour."""
    counts = services.store.count_by_hour(wanted.query())
    return StatsAnswer(hours=[HourAnswer(hour=hour, num_events=num) for hour, num in counts])


def _picture(services: Services, file: str) -> FileResponse:
    """Only files that the store itself wrote and an event names."""
    if not file:
        raise HTTPException(404, "there is no such picture; it was not kept, or pruned")
    # Pictures never change, and may be erased: a browser keeps them for a while only.
    headers = {"Cache-Control": "private, max-age=300"}
    path = services.store.picture(file)
    return FileResponse(path, media_type="image/jpeg", headers=headers)
