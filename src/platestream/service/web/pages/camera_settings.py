"""Cameras added, tested, changed and removed by hand, and their zones and lines."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from platestream.core.errors import ConfigError
from platestream.service.camera_editor import EditedCamera
from platestream.service.web.api.camera_settings import (
    CameraName,
    TrialAnswer,
    editor_of,
    try_camera,
)
from platestream.service.web.api.users import check_operator
from platestream.service.web.context import Services, UsesIdentity, UsesServices
from platestream.service.web.pages.forms import check_form
from platestream.service.web.rendering import render_page

router = APIRouter()

WAYS = ("down", "up", "left", "right")
MAX_SHAPES = 50


@dataclass(frozen=True, slots=True)
class CameraForm:
    """What stands in the fields, as it was typed; nobody gets a password back."""

    name: str = ""
    url: str = ""
    username: str = ""
    password: str = ""
    transport: str = "tcp"
    max_fps: str = ""
    region: str = ""
    enabled: bool = True

    @classmethod
    def of(cls, camera: EditedCamera) -> "CameraForm":
        """A camera's, as it is set; its address stays with us."""
        config = camera.config
        return cls(
            camera.name,
            username=config.username,
            transport=config.transport,
            max_fps="" if config.max_fps is None else f"{config.max_fps:g}",
            region=config.region or "",
            enabled=config.enabled,
        )

    def changes(self) -> dict[str, Any]:
        """What it asks for; an empty address or password is the one of before."""
        return {
            **({"url": self.url.strip()} if self.url.strip() else {}),
            **({"username": self.username.strip()} if self.username.strip() else {}),
            **({"password": self.password} if self.password else {}),
            "transport": self.transport,
            "max_fps": self.max_fps.strip() or None,
            "region": self.region.strip() or None,
            "enabled": self.enabled,
        }


async def _camera_form(
    camera_name: Annotated[str, Form(max_length=128)] = "",
    url: Annotated[str, Form(max_length=2000)] = "",
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    transport: Annotated[Literal["tcp", "udp"], Form()] = "tcp",
    max_fps: Annotated[str, Form(max_length=20)] = "",
    region: Annotated[str, Form(max_length=16)] = "",
    enabled: Annotated[bool, Form()] = False,
) -> CameraForm:
    return CameraForm(
        camera_name.strip(), url, username, password, transport, max_fps, region, enabled
    )


UsesForm = Annotated[CameraForm, Depends(_camera_form)]
Do = Annotated[Literal["save", "test"], Form()]


@router.get("/cameras/new")
def show_new(request: Request, services: UsesServices, identity: UsesIdentity) -> Response:
    """The form for a camera that there is not yet."""
    check_operator(identity)
    editor_of(services)
    return _page(request, services, None, CameraForm())


@router.post("/cameras/new", dependencies=[Depends(check_form)])
def add(request: Request, services: UsesServices, form: UsesForm, do: Do = "save") -> Response:
    """Add it, or try it first."""
    try:
        if do == "test":
            trial = try_camera(services, "", form.changes())
            return _page(request, services, None, form, trial=trial)
        camera = editor_of(services).add(form.name, form.changes())
    except ConfigError as error:
        return _page(request, services, None, form, str(error))
    return RedirectResponse(f"/cameras/{camera.name}/settings?saved=true", 303)


@router.get("/cameras/{name}/settings")
def show_settings(
    request: Request,
    services: UsesServices,
    identity: UsesIdentity,
    name: CameraName,
    saved: bool = False,
) -> Response:
    """How a camera is set, and where it looks."""
    check_operator(identity)
    camera = editor_of(services).get(name)
    return _page(request, services, camera, CameraForm.of(camera), is_saved=saved)


@router.post("/cameras/{name}/settings", dependencies=[Depends(check_form)])
def change(
    request: Request, services: UsesServices, name: CameraName, form: UsesForm, do: Do = "save"
) -> Response:
    """Change it, or try it with the changes first."""
    camera = editor_of(services).get(name)
    try:
        if do == "test":
            trial = try_camera(services, name, form.changes())
            return _page(request, services, camera, form, trial=trial)
        editor_of(services).change(name, form.changes())
    except ConfigError as error:
        return _page(request, services, camera, form, str(error))
    return RedirectResponse(f"/cameras/{name}/settings?saved=true", 303)


@router.post("/cameras/{name}/remove", dependencies=[Depends(check_form)])
def remove(request: Request, services: UsesServices, name: CameraName) -> Response:
    """Remove it, or take back what was changed of one that stands in the file."""
    camera = editor_of(services).get(name)
    try:
        editor_of(services).remove(name)
    except ConfigError as error:
        return _page(request, services, camera, CameraForm.of(camera), str(error))
    return RedirectResponse("/cameras", 303)


@dataclass(frozen=True, slots=True)
class Shape:
    """A zone or a line in its row: a name, and points as `x,y,x,y` in shares of the picture."""

    name: str
    points: str
    inwards: str = ""


@router.post("/cameras/{name}/view", dependencies=[Depends(check_form)])
def change_view(
    request: Request,
    services: UsesServices,
    name: CameraName,
    zone_name: Annotated[list[str], Form(max_length=MAX_SHAPES)] = [],  # noqa: B006 - as FastAPI has it
    zone_points: Annotated[list[str], Form(max_length=MAX_SHAPES)] = [],  # noqa: B006
    line_name: Annotated[list[str], Form(max_length=MAX_SHAPES)] = [],  # noqa: B006
    line_points: Annotated[list[str], Form(max_length=MAX_SHAPES)] = [],  # noqa: B006
    line_inwards: Annotated[list[str], Form(max_length=MAX_SHAPES)] = [],  # noqa: B006
) -> Response:
    """Set where a camera looks, and what it counts at."""
    camera = editor_of(services).get(name)
    zones = [Shape(*row) for row in zip_longest(zone_name, zone_points, fillvalue="")]
    lines = [Shape(*row) for row in zip_longest(line_name, line_points, line_inwards, fillvalue="")]
    try:
        changes = {
            "zones": {shape.name: shape.points for shape in _named("zone", zones)},
            "lines": {
                shape.name: {"points": shape.points, "inwards": shape.inwards}
                for shape in _named("line", lines)
            },
        }
        editor_of(services).change(name, changes)
    except ConfigError as error:
        form = CameraForm.of(camera)
        return _page(request, services, camera, form, str(error), shapes=(zones, lines))
    return RedirectResponse(f"/cameras/{name}/settings?saved=true", 303)


def _named(what: str, shapes: list[Shape]) -> list[Shape]:
    """The rows that are not empty; each has a name of its own."""
    found = [shape for shape in shapes if shape.name.strip() or shape.points.strip()]
    names = [shape.name.strip() for shape in found]
    for name in names:
        if not name or names.count(name) > 1:
            fault = f"two are named {name}" if name else "one has no name"
            msg = f"{what}s: {fault}; give each a name of its own"
            raise ConfigError(msg)
    return [Shape(shape.name.strip(), shape.points.strip(), shape.inwards) for shape in found]


def _page(
    request: Request,
    services: Services,
    camera: EditedCamera | None,
    form: CameraForm,
    problem: str = "",
    *,
    trial: TrialAnswer | None = None,
    shapes: tuple[list[Shape], list[Shape]] | None = None,
    is_saved: bool = False,
) -> Response:
    zones, lines = shapes or _shapes(camera)
    context = {
        "camera": camera,
        "form": form,
        "problem": services.redact(problem),
        "trial": trial,
        "zones": zones,
        "lines": lines,
        "is_saved": is_saved,
        "health": services.health().get(camera.name) if camera else None,
        "ways": WAYS,
    }
    return render_page(request, "camera.html", context, status=422 if problem else 200)


def _shapes(camera: EditedCamera | None) -> tuple[list[Shape], list[Shape]]:
    if camera is None:
        return [], []
    zones, lines = camera.config.zones, camera.config.lines
    return (
        [Shape(name, _text(points)) for name, points in zones.items()],
        [Shape(name, _text(line.points), line.inwards) for name, line in lines.items()],
    )


def _text(points: tuple[tuple[float, float], ...]) -> str:
    return ",".join(f"{value:g}" for point in points for value in point)
