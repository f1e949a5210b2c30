"""``/api/v1/watch`` and ``/api/v1/stays``."""

from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from platestream.service.web.api.events import Plate
from platestream.service.web.api.schemas import Answer
from platestream.service.web.context import UsesServices
from platestream.store.records import WatchEntry
from platestream.store.watch_csv import read_watch_csv

router = APIRouter(prefix="/api/v1", tags=["watch lists"])


EntryId: TypeAlias = Annotated[int, Path(ge=1, le=2**31 - 1)]


class NewWatchEntry(BaseModel):
    """A plate to put on a list."""

    model_config = ConfigDict(extra="forbid")

    list_name: str = Field(min_length=1, max_length=64)
    plate: Plate
    label: str = Field("", max_length=200)


class WatchEntryAnswer(Answer):
    """A plate on a list."""

    id: int
    list_name: str
    plate: str
    label: str


class WatchAnswer(Answer):
    """All lists, in order."""

    entries: list[WatchEntryAnswer]


class ImportAnswer(Answer):
    """How many plates were put on lists; those that were there have a new label."""

    num_entries: int


class StayAnswer(Answer):
    """An arrival and the departure that followed; null and empty where one was not seen."""

    plate: str
    plate_hash: str
    arrival_id: str
    departure_id: str
    arrived_at: datetime | None
    departed_at: datetime | None
    known_as: str
    arrival_camera: str
    departure_camera: str
    arrival_direction: str
    departure_direction: str
    came_again: bool
    is_inside: bool


class StaysAnswer(Answer):
    """Stays, newest first."""

    stays: list[StayAnswer]


@router.get("/watch")
def list_watch_entries(services: UsesServices) -> WatchAnswer:
    """Everything on the watch lists."""
    entries = services.store.watch_entries()
    return WatchAnswer(entries=[WatchEntryAnswer.model_validate(entry) for entry in entries])


@router.post("/watch", status_code=201)
def add_watch_entry(services: UsesServices, new: NewWatchEntry) -> WatchEntryAnswer:
    """Put a plate on a list. Takes an operator."""
    entry = WatchEntry(new.list_name, new.plate, new.label)
    return WatchEntryAnswer.model_validate(services.store.watch(entry))


@router.post("/watch/import")
def import_watch_entries(
    services: UsesServices,
    file: UploadFile,
    list_name: Annotated[str, Query(max_length=64)] = "",
) -> ImportAnswer:
    """Put the plates of a CSV file on their lists, all of them or none. Takes an operator.

    Its first row names the columns: `plate`, `list`, `label`. Rows without a list go on
    `list_name`.
    """
    entries = read_watch_csv(file.file.read(), list_name.strip())
    services.store.watch_all(entries)
    return ImportAnswer(num_entries=len(entries))


@router.put("/watch/{entry_id}")
def change_watch_entry(
    services: UsesServices, entry_id: EntryId, new: NewWatchEntry
) -> WatchEntryAnswer:
    """Put another entry in the place of one; it gets another id. Takes an operator."""
    entry = WatchEntry(new.list_name, new.plate, new.label)
    return WatchEntryAnswer.model_validate(services.store.rewatch(entry_id, entry))


@router.delete("/watch/{entry_id}", status_code=204)
def remove_watch_entry(services: UsesServices, entry_id: EntryId) -> None:
    """Take a plate off its list. Takes an operator."""
    services.store.unwatch(entry_id)


@router.get("/stays")
def list_stays(
    services: UsesServices,
    inside_only: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> StaysAnswer:
    """Who came and who left; with `inside_only`, who is inside now."""
    stays = services.store.stays(inside_only=inside_only, limit=limit)
    return StaysAnswer(stays=[StayAnswer.model_validate(stay) for stay in stays])
