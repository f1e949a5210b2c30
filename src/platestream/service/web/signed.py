"""``/signed/...``: a picture for whoever has its address, until that ends; see `sinks.links`."""

import time
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import FileResponse

from platestream.service.web.api.events import EventId, get_picture
from platestream.service.web.context import UsesServices
from platestream.sinks.links import PATH, PictureName, is_signed

router = APIRouter()


@router.get(PATH + "{event_id}/{picture}.jpg", response_class=FileResponse)
def get_signed_picture(
    services: UsesServices,
    event_id: EventId,
    picture: PictureName,
    until: Annotated[int, Query(ge=0, le=2**40)],
    signature: Annotated[str, Query(max_length=100)],
) -> FileResponse:
    """The crop or the frame of an event, where the address is ours as it stands."""
    key = services.link_key
    if not key or not is_signed(key, event_id, picture, until, signature):
        raise HTTPException(403, "this address was not made here, or was changed")
    if time.time() >= until:
        raise HTTPException(410, "this address was good for a while, which is over")
    answer = get_picture(services, event_id, picture)
    # Whoever opens it may be at a machine of others.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
