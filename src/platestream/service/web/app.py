"""The application: pages for people, an API for programs, one gate before both."""

from collections.abc import Callable, Mapping
from importlib.metadata import version

from fastapi import APIRouter, FastAPI, HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from platestream.core.urls import mask_url
from platestream.live.image_reader import FindsPlates
from platestream.service.camera_editor import CameraEditor
from platestream.service.delivery import SinkHealth
from platestream.service.keeping import StoreHealth
from platestream.service.user_editor import UserEditor
from platestream.service.web import signed
from platestream.service.web.api import camera_settings as api_camera_settings
from platestream.service.web.api import cameras as api_cameras
from platestream.service.web.api import events as api_events
from platestream.service.web.api import lists as api_lists
from platestream.service.web.api import read as api_read
from platestream.service.web.api import sinks as api_sinks
from platestream.service.web.api import state
from platestream.service.web.api import users as api_users
from platestream.service.web.api.schemas import ERRORS
from platestream.service.web.auth import Auth
from platestream.service.web.context import HasCameras, Services
from platestream.service.web.error_answers import add_failures
from platestream.service.web.guard import Guard
from platestream.service.web.pages import (
    api_docs,
    camera_settings,
    charts,
    events,
    lists,
    live,
    login,
    users,
)
from platestream.service.web.prometheus import Counting
from platestream.service.web.reachability import Exposure
from platestream.service.web.rendering import STATIC
from platestream.service.web.wall import Wall
from platestream.store.store import EventStore

ABOUT = """Licence plates as they are read. Every failure has the shape
`{"error": {"code", "message", "details"}}`. Where users or tokens are configured, send
`Authorization: Bearer TOKEN`."""


def make_app(
    store: EventStore,
    cameras: HasCameras | None = None,
    *,
    auth: Auth,
    exposure: Exposure | None = None,
    reader: FindsPlates | None = None,
    wall: Wall | None = None,
    name: Callable[[str], str] = lambda _: "",
    sinks: Callable[[], Mapping[str, SinkHealth]] = dict,
    keeping: Callable[[], StoreHealth] | None = None,
    redact: Callable[[str], str] = mask_url,
    link_key: bytes = b"",
    camera_editor: CameraEditor | None = None,
    user_editor: UserEditor | None = None,
) -> FastAPI:
    """Build the application.

    Args:
        store: The events.
        cameras: What runs the cameras; None to show a store only.
        auth: Users and tokens that may log in.
        exposure: Host names it answers to; those of this machine when omitted.
        reader: Reads uploaded pictures; None not to offer that.
        wall: Where the cameras put their news.
        name: Tells whose a plate is that a person wrote; nobody's when omitted.
        sinks: Tells how each of those does who are told; nobody is when omitted.
        keeping: Tells how it goes to keep events; None where none are made.
        redact: Takes every secret of the configuration out of a text.
        link_key: Signs addresses of pictures that need no login; none is good when empty.
        camera_editor: Changes cameras; None where none run.
        user_editor: Changes users; None not to offer that.
    """
    app = FastAPI(
        title="platestream",
        version=version("platestream"),
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    exposure, wall = exposure or Exposure(), wall or Wall()
    services = Services(
        store,
        auth,
        exposure,
        cameras,
        reader,
        wall,
        name,
        sinks,
        keeping=keeping,
        redact=redact,
        link_key=link_key,
        camera_editor=camera_editor,
        user_editor=user_editor,
    )
    services.metrics.watch(services.health, sinks, services.store_health)
    app.state.services = services
    add_failures(app)
    for part in (
        api_events,
        api_cameras,
        api_camera_settings,
        api_lists,
        api_read,
        api_sinks,
        api_users,
        state,
    ):
        app.include_router(part.router, responses=ERRORS)
    for page in (live, camera_settings, events, lists, charts, users, api_docs, login, signed):
        app.include_router(page.router, include_in_schema=False)
    app.include_router(_static, include_in_schema=False)
    app.add_middleware(Guard, auth=auth, exposure=exposure)
    app.add_middleware(Counting, metrics=services.metrics)
    app.add_middleware(_Heads)
    return app


class _Heads:
    """ASGI middleware: who asks for the head alone gets GET's, and the server leaves the body out.

    But of the stream, whose body has no end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if is_head and scope["path"] != api_cameras.STREAM:
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


_static = APIRouter()
_STATIC_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@_static.get("/static/{name}")
async def _get_static(name: str) -> Response:
    if name not in STATIC:
        raise HTTPException(404, "there is no such file")
    media_type = _STATIC_TYPES[name.rpartition(".")[2]]
    # Pages ask for each version under another address.
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(STATIC[name], media_type=media_type, headers=headers)
