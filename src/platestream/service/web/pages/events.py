"""Search, and the page of one event with why its plate is what it is."""

from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from platestream.core.errors import DataError, SourceError, StoreError
from platestream.service.web.api.events import EventId
from platestream.service.web.api.schemas import crop_url, frame_url, stack_url, strip_url
from platestream.service.web.context import Services, UsesIdentity, UsesServices
from platestream.service.web.pages.forms import check_form, local_time
from platestream.service.web.pages.plate_cards import changed_by, from_store, shown_text
from platestream.service.web.pages.reasons import reasons, winner
from platestream.service.web.rendering import render_page
from platestream.store import records
from platestream.store.records import StoredEvent
from platestream.video.pictures import picture_size

PAGE = 24
VERSION = version("platestream")

router = APIRouter()


@router.get("/events")
def search(
    request: Request,
    services: UsesServices,
    plate: Annotated[str, Query(max_length=64)] = "",
    how: Literal["part", "like"] = "part",
    camera: Annotated[str, Query(max_length=128)] = "",
    since: str = "",
    until: str = "",
    known: Literal["", "yes", "no"] = "",
    cursor: Annotated[str, Query(max_length=512)] = "",
) -> Response:
    """Find events by plate, time and camera."""
    plate = plate.strip()
    query = records.Query(
        plate=plate if how == "part" else "",
        looks_like=plate if how == "like" else "",
        camera=camera,
        since=local_time(since),
        until=local_time(until),
        known={"yes": True, "no": False}.get(known),
    )
    found = services.store.find(query, limit=PAGE, cursor=cursor or None)
    asked = {"plate": plate, "how": how, "camera": camera, "since": since, "until": until,
             "known": known}  # fmt: skip
    narrowed = {k: v for k, v in asked.items() if v and (k, v) != ("how", "part")}
    older = f"/events?{urlencode({**narrowed, 'cursor': found.next_cursor})}"
    # The API wants times with their zone, which the form's have not.
    wanted = {n: v for n, v in asdict(query).items() if v not in (None, "", 0.0)}
    context = {
        "total": services.store.total(query),
        "asked": asked,
        "export": f"/api/v1/events.csv?{urlencode({n: _as_asked(v) for n, v in wanted.items()})}",
        "is_narrowed": bool(narrowed),
        "cards": [from_store(stored) for stored in found.events],
        "cameras": services.camera_names(),
        "older": older if found.next_cursor else None,
        "first_page": f"/events?{urlencode(narrowed)}" if cursor else None,
    }
    return render_page(request, "search.html", context)


def _as_asked(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


@router.get("/events/{event_id}")
def show_event(request: Request, services: UsesServices, event_id: EventId) -> Response:
    """One event."""
    return _event_page(request, services, services.store.get(event_id))


@router.post("/events/{event_id}/correction", dependencies=[Depends(check_form)])
def correct(
    request: Request,
    services: UsesServices,
    identity: UsesIdentity,
    event_id: EventId,
    plate: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Note what a person says the plate is."""
    try:
        services.correct(event_id, plate, identity)
    except DataError as error:
        stored = services.store.get(event_id)
        return _event_page(request, services, stored, str(error), plate, status=422)
    return RedirectResponse(f"/events/{event_id}#correction", 303)


def _event_page(
    request: Request,
    services: Services,
    stored: StoredEvent,
    problem: str = "",
    typed: str = "",
    status: int = 200,
) -> Response:
    best = winner(stored)
    context = {
        "stored": stored,
        "text": shown_text(stored),
        "changed_by": changed_by(stored),
        "crop_url": crop_url(stored),
        "frame_url": frame_url(stored),
        "stack_url": stack_url(stored),
        "frame_size": _frame_size(services, stored),
        "strip": [
            {"frame": frame, "crop_url": strip_url(stored, position), "is_best": position == best}
            for position, frame in enumerate(stored.strip)
        ],
        "reasons": reasons(stored),
        "weights": services.store.settings.weights_at(stored.started_at),
        "program": VERSION,
        "now": datetime.now(UTC),
        "problem": problem,
        "typed": typed or stored.event.plate,
    }
    return render_page(request, "event.html", context, status=status)


def _frame_size(services: Services, stored: StoredEvent) -> tuple[int, int] | None:
    if not stored.frame_file:
        return None
    try:
        return picture_size(services.store.picture(stored.frame_file))
    except (SourceError, StoreError):  # pruned in this very moment, or damaged
        return None
