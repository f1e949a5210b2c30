"""A plate as cards show it, whether it is in view now or long in the store."""

from dataclasses import dataclass
from datetime import datetime

from platestream.live.updates import LiveUpdate
from platestream.service.web.api.schemas import crop_url, live_crop_url
from platestream.service.web.wall import KEPT_PER_CAMERA, Wall
from platestream.store.records import Query, StoredEvent
from platestream.store.store import EventStore


@dataclass(frozen=True, slots=True)
class PassageCard:
    """What a card shows.

    Attributes:
        event_id: Of the event that it is or will be.
        camera: Where.
        state: As in `LiveUpdate`, or as stored.
        text: The plate, with ``?`` for characters that are not sure; empty where it is not kept.
        confidence: That every character is right, 0..1.
        at: When.
        crop_url: Its picture; None where there is none.
        known_as: The name that a list gives it.
        changed_by: Who put it in the place of what was read: a ``hand`` or a ``rule``, if any.
        here_since: Of a plate that is in view and stays, when it came; None elsewhere.
        is_stored: Whether it has a page of its own.
    """

    event_id: str
    camera: str
    state: str
    text: str
    confidence: float
    at: datetime
    crop_url: str | None
    known_as: str = ""
    changed_by: str = ""
    here_since: datetime | None = None
    is_stored: bool = False


def from_store(stored: StoredEvent) -> PassageCard:
    """The card of an event."""
    return PassageCard(
        stored.id,
        stored.camera,
        stored.state,
        shown_text(stored),
        stored.event.confidence,
        stored.best_at,
        crop_url(stored),
        stored.known_as,
        changed_by(stored),
        stored.started_at if stored.state != "final" else None,
        is_stored=True,
    )


def from_wall(update: LiveUpdate) -> PassageCard:
    """The card of a plate in view."""
    return PassageCard(
        update.event_id,
        update.camera,
        update.state,
        update.plate_masked,
        update.confidence,
        update.at,
        live_crop_url(update),
        update.known_as,
        here_since=update.first_at if update.state == "sure" else None,
        is_stored=update.state == "final",
    )


def newest(camera: str, wall: Wall, store: EventStore) -> list[PassageCard]:
    """A camera's newest plates: those in view, then those in the store."""
    found = {s.event_id: s for s in map(from_wall, wall.newest(camera))}
    for stored in store.find(Query(camera=camera), limit=KEPT_PER_CAMERA).events:
        if stored.id not in found or found[stored.id].state == "final":
            found[stored.id] = from_store(stored)
    return sorted(found.values(), key=lambda s: s.at, reverse=True)[:KEPT_PER_CAMERA]


def changed_by(stored: StoredEvent) -> str:
    """Whether a ``hand`` or a ``rule`` put the plate in the place of what was read; else empty."""
    if stored.corrected_by:
        return "hand"
    return "rule" if stored.event.plate != stored.read_plate else ""


def shown_text(stored: StoredEvent) -> str:
    """A plate as people see it: what a person or a rule made of it as it is, else with doubts."""
    if changed_by(stored):
        return stored.event.plate
    return stored.event.plate_masked or stored.event.plate
