"""Watch lists, and stays."""

from contextlib import suppress
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from starlette.responses import RedirectResponse, Response

from platestream.core.errors import DataError, EventNotFound
from platestream.service.web.context import Services, UsesServices
from platestream.service.web.pages.forms import check_form
from platestream.service.web.rendering import render_page
from platestream.store.records import WatchEntry

SHOWN_STAYS = 200

router = APIRouter()


@router.get("/watch")
def show_lists(request: Request, services: UsesServices) -> Response:
    """All lists."""
    return _lists_page(request, services)


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
        return _lists_page(request, services, "a list needs a name, such as staff", entry)
    try:
        services.store.watch(entry)
    except DataError as error:
        return _lists_page(request, services, str(error), entry)
    return RedirectResponse("/watch", 303)


@router.post("/watch/{entry_id}/remove", dependencies=[Depends(check_form)])
def remove_entry(
    services: UsesServices, entry_id: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> Response:
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
) -> Response:
    entries = services.store.watch_entries()
    lists = [
        (name, list(group)) for name, group in groupby(entries, key=lambda entry: entry.list_name)
    ]
    context = {"lists": lists, "problem": problem, "typed": typed}
    return render_page(request, "watch.html", context, status=422 if problem else 200)
