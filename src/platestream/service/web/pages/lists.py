"""Watch lists, and stays."""

from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Form, Path, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from platestream.core.errors import DataError, EventNotFound
from platestream.service.web.context import Services, UsesServices
from platestream.service.web.pages.forms import check_form
from platestream.service.web.rendering import render_page
from platestream.store.records import WatchEntry
from platestream.store.watch_csv import read_watch_csv

SHOWN_STAYS = 200

NO_LIST = "a list needs a name, such as staff"
EntryId: TypeAlias = Annotated[int, Path(ge=1, le=2**31 - 1)]

router = APIRouter()


@router.get("/watch")
def show_lists(
    request: Request, services: UsesServices, imported: Annotated[int | None, Query(ge=0)] = None
) -> Response:
    """All lists."""
    return _lists_page(request, services, imported=imported)


@router.post("/watch", dependencies=[Depends(check_form)])
def add_entry(
    request: Request,
    services: UsesServices,
    list_name: Annotated[str, Form(max_length=64)] = "",
    plate: Annotated[str, Form(max_length=32)] = "",
    label: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Put a plate on a list."""
    entry = WatchEntry(list_name.strip(), plate.strip(), label.strip())
    if not entry.list_name:
        return _lists_page(request, services, NO_LIST, entry)
    try:
        services.store.watch(entry)
    except DataError as error:
        return _lists_page(request, services, str(error), entry)
    return RedirectResponse("/watch", 303)


@router.post("/watch/import", dependencies=[Depends(check_form)])
def import_entries(
    request: Request,
    services: UsesServices,
    file: UploadFile,
    list_name: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Put the plates of a CSV file on their lists: all of them, or none."""
    try:
        entries = read_watch_csv(file.file.read(), list_name.strip())
        services.store.watch_all(entries)
    except DataError as error:
        return _lists_page(request, services, f"{file.filename or 'the file'}: {error}")
    return RedirectResponse(f"/watch?imported={len(entries)}", 303)


@router.post("/watch/{entry_id}", dependencies=[Depends(check_form)])
def change_entry(
    request: Request,
    services: UsesServices,
    entry_id: EntryId,
    list_name: Annotated[str, Form(max_length=64)] = "",
    plate: Annotated[str, Form(max_length=32)] = "",
    label: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Correct an entry."""
    entry = WatchEntry(list_name.strip(), plate.strip(), label.strip())
    if not entry.list_name:
        return _lists_page(request, services, NO_LIST)
    try:
        services.store.rewatch(entry_id, entry)
    except DataError as error:
        return _lists_page(request, services, str(error))
    return RedirectResponse("/watch", 303)


@router.post("/watch/{entry_id}/remove", dependencies=[Depends(check_form)])
def remove_entry(services: UsesServices, entry_id: EntryId) -> Response:
    """Take a plate off its list."""
    with suppress(EventNotFound):  # somebody else was faster
        services.store.unwatch(entry_id)
    return RedirectResponse("/watch", 303)


@router.get("/stays")
def show_stays(request: Request, services: UsesServices, inside_only: bool = False) -> Response:
    """Who came and who left."""
    stays = services.store.stays(inside_only=inside_only, limit=SHOWN_STAYS)
    context = {
        "stays": stays,
        "inside_only": inside_only,
        "shown": SHOWN_STAYS,
        "now": datetime.now(UTC),
    }
    return render_page(request, "stays.html", context)


def _lists_page(
    request: Request,
    services: Services,
    problem: str = "",
    typed: WatchEntry = WatchEntry("", ""),
    imported: int | None = None,
) -> Response:
    entries = services.store.watch_entries()
    lists = [
        (name, list(group)) for name, group in groupby(entries, key=lambda entry: entry.list_name)
    ]
    context = {"lists": lists, "problem": problem, "typed": typed, "imported": imported}
    return render_page(request, "watch.html", context, status=422 if problem else 200)
