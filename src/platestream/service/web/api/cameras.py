"""``/api/v1/cameras``: how they do, what they see; ``/api/v1/stream``: plates as they firm up."""

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response, StreamingResponse

from platestream.service.web.api.events import EventId
from platestream.service.web.api.schemas import Answer, UpdateAnswer
from platestream.service.web.context import Services, UsesIdentity, UsesServices
from platestream.service.web.held import HeldStream
from platestream.service.web.rendering import COOKIE
from platestream.service.web.wall import Watcher
from platestream.video.pictures import encode_jpeg, shrink

SNAPSHOT_WIDTH_PX = 960

STREAM = "/api/v1/stream"

router = APIRouter(prefix="/api/v1", tags=["cameras"])

JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


class HealthAnswer(Answer):
    """How a camera does; null where nothing was measured yet."""

    state: str
    since: datetime
    fps_in: float
    fps_done: float
    fps_dropped: float
    num_frames: int
    num_dropped: int
    num_corrupt: int
    num_reconnects: int
    num_events: int
    delay_s: float
    plate_width_px: float | None
    sharpness: float | None
    readable_share: float | None
    reads_saved_share: float | None
    brightness: float
    counts: dict[str, int]
    last_frame_at: datetime | None
    last_error: str
    node: str
    node_load: float | None


class CameraAnswer(Answer):
    """A camera that runs now, or has events only and no health."""

    name: str
    health: HealthAnswer | None
    newest: list[UpdateAnswer]


class CamerasAnswer(Answer):
    """All cameras."""

    cameras: list[CameraAnswer]


@router.get("/cameras")
def list_cameras(services: UsesServices) -> CamerasAnswer:
    """Every camera, its health, and its newest plates."""
    health = services.health()
    cameras = [
        CameraAnswer(
            name=name,
            health=HealthAnswer.model_validate(health[name]) if name in health else None,
            newest=[UpdateAnswer.of(update) for update in services.wall.newest(name)],
        )
        for name in services.camera_names()
    ]
    return CamerasAnswer(cameras=cameras)


@router.get(
    "/cameras/{name}/snapshot.jpg",
    response_class=Response,
    responses={**JPEG, 204: {"description": "It has no picture yet."}},
)
def get_snapshot(
    services: UsesServices,
    identity: UsesIdentity,
    name: Annotated[str, Path(max_length=128)],
    boxes: bool = False,
) -> Response:
    """A camera's newest frame; 204 while it has none yet.

    With `boxes` the plates in it are drawn, in colours that say how sure they are, but not where
    not every plate may be kept. There it takes an operator: any plate may be in the picture.
    """
    if not services.may_watch(identity):
        raise HTTPException(403, "not every plate in it may be kept; that takes an operator")
    if services.cameras is None or name not in services.health():
        raise HTTPException(404, "there is no such camera, or it does not run")
    with_plates = boxes and services.store.keeps_every_plate
    rgb = services.cameras.snapshot(name, with_plates=with_plates)
    if rgb is None:
        return Response(status_code=204)
    return Response(encode_jpeg(shrink(rgb, SNAPSHOT_WIDTH_PX), 75), media_type="image/jpeg")


@router.get("/live/{event_id}/crop.jpg", response_class=Response, responses=JPEG)
def get_live_crop(services: UsesServices, event_id: EventId) -> Response:
    """The best crop so far of a plate that is on the wall."""
    update = services.wall.find(event_id)
    if update is None or update.crop_jpeg is None:
        raise HTTPException(404, "this plate is not on the wall any more")
    headers = {"Cache-Control": "private, max-age=300"}
    return Response(update.crop_jpeg, media_type="image/jpeg", headers=headers)


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(request: Request, services: UsesServices, identity: UsesIdentity) -> Response:
    """Server-sent events named ``plate``: first what is on the wall, then news as it comes."""
    who = "" if identity.by == "open" else f"{identity.by} {identity.name}"
    watcher = services.wall.enter(who)
    if watcher is None:
        raise HTTPException(429, "too many watch already; try again later", {"Retry-After": "60"})
    session = request.cookies.get(COOKIE, "") if identity.by == "session" else None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return HeldStream(
        _lines(services, session, watcher),
        partial(services.wall.leave, watcher),
        media_type="text/event-stream",
        headers=headers,
    )


async def _lines(services: Services, session: str | None, watcher: Watcher) -> AsyncIterator[str]:
    yield ": what is on the wall, then news\n\n"
    async for update in services.wall.watch(watcher):
        if session is not None and services.auth.by_session(session) is None:
            return  # logged out meanwhile
        if update is None:
            yield ": still here\n\n"
        else:
            yield f"event: plate\ndata: {UpdateAnswer.of(update).model_dump_json()}\n\n"
