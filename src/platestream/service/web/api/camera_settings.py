"""``/api/v1/cameras``: adding, testing, changing and removing them; takes an operator."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from platestream.core.errors import SourceError
from platestream.service.camera_config import (
    MAX_FPS,
    MAX_FROZEN_AFTER_S,
    MIN_FPS,
    LineConfig,
    Polygon,
)
from platestream.service.camera_editor import CameraEditor, EditedCamera
from platestream.service.model import Name
from platestream.service.web.api.cameras import JPEG, SNAPSHOT_WIDTH_PX
from platestream.service.web.api.schemas import Answer
from platestream.service.web.api.users import check_operator
from platestream.service.web.context import Services, UsesIdentity, UsesServices
from platestream.video.pictures import encode_jpeg, shrink

router = APIRouter(prefix="/api/v1", tags=["camera settings"])

CameraName = Annotated[str, Path(max_length=64)]


class CameraChanges(BaseModel):
    """Settings of a camera; what is left out stays as it is.

    An address of another host than before asks for the login anew.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    url: str = Field("", min_length=1, max_length=2000)
    username: str = Field("", max_length=200)
    password: str = Field("", max_length=200, repr=False)
    transport: Literal["tcp", "udp"] = "tcp"
    timeout_s: float = Field(10.0, gt=0, le=600)
    max_fps: float | None = Field(None, ge=MIN_FPS, le=MAX_FPS)
    frozen_after_s: float | None = Field(30.0, gt=0, le=MAX_FROZEN_AFTER_S)
    region: str | None = Field(None, max_length=16)
    zones: dict[Name, Polygon] = Field({}, max_length=50)
    lines: dict[Name, LineConfig] = Field({}, max_length=50)
    enabled: bool = True

    def said(self) -> dict[str, Any]:
        """Those that were said, as JSON has them."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"name"})


class NewCamera(CameraChanges):
    """A camera to add."""

    name: Name
    url: str = Field(min_length=1, max_length=2000)


class CameraTrial(CameraChanges):
    """A camera to try: a new one, or one that there is with these changes."""

    name: Name | None = None


class LineAnswer(Answer):
    """A line and the way that counts as `in`."""

    points: list[tuple[float, float]]
    inwards: str


class CameraSettingsAnswer(Answer):
    """A camera's settings; nobody gets its password, nor more of its address than the host."""

    name: str
    stands_in: Literal["file", "page", "both"]
    address: str
    username: str
    has_password: bool
    transport: str
    timeout_s: float
    max_fps: float | None
    frozen_after_s: float | None
    region: str | None
    zones: dict[str, list[tuple[float, float]]]
    lines: dict[str, LineAnswer]
    enabled: bool

    @classmethod
    def of(cls, camera: EditedCamera) -> "CameraSettingsAnswer":
        """The answer for a camera."""
        names = cls.model_fields.keys() - {"name", "stands_in", "address", "has_password"}
        return cls.model_validate(
            {
                **{name: getattr(camera.config, name) for name in names},
                "name": camera.name,
                "stands_in": camera.stands_in,
                "address": camera.address,
                "has_password": bool(camera.config.password.get_secret_value()),
            }
        )


class TrialAnswer(Answer):
    """Whether a camera answered; if not, `message` says why and the others are null."""

    works: bool
    message: str
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    first_frame_s: float | None = None
    picture_url: str | None = None


@router.post("/cameras", status_code=201)
def add_camera(services: UsesServices, new: NewCamera) -> CameraSettingsAnswer:
    """Add a camera; it is watched at once."""
    return CameraSettingsAnswer.of(editor_of(services).add(new.name, new.said()))


@router.post("/cameras/test")
def test_camera(services: UsesServices, wanted: CameraTrial) -> TrialAnswer:
    """Connect to a camera and get one picture; nothing is kept. Takes up to ten seconds."""
    return try_camera(services, wanted.name or "", wanted.said())


@router.get("/cameras/test/{picture}.jpg", response_class=Response, responses=JPEG)
def get_test_picture(
    services: UsesServices, identity: UsesIdentity, picture: Annotated[str, Path(max_length=64)]
) -> Response:
    """The picture that a camera gave when it was tried; takes an operator."""
    check_operator(identity)
    jpeg = services.trial_pictures.get(picture)
    if jpeg is None:
        raise HTTPException(404, "this picture is not kept any more; try the camera again")
    return Response(jpeg, media_type="image/jpeg")


@router.get("/cameras/{name}/settings")
def get_camera_settings(
    services: UsesServices, identity: UsesIdentity, name: CameraName
) -> CameraSettingsAnswer:
    """How a camera is set; takes an operator."""
    check_operator(identity)
    return CameraSettingsAnswer.of(editor_of(services).get(name))


@router.patch("/cameras/{name}/settings")
def change_camera(
    services: UsesServices, name: CameraName, changes: CameraChanges
) -> CameraSettingsAnswer:
    """Change some settings of a camera; it is watched with them at once."""
    return CameraSettingsAnswer.of(editor_of(services).change(name, changes.said()))


@router.delete("/cameras/{name}/settings", status_code=204)
def remove_camera(services: UsesServices, name: CameraName) -> None:
    """Remove a camera that was added here; one of the file is set as the file has it again."""
    editor_of(services).remove(name)


def editor_of(services: Services) -> CameraEditor:
    """What changes cameras.

    Raises:
        HTTPException: none run here.
    """
    if services.camera_editor is None:
        raise HTTPException(404, "no cameras run here; start `platestream serve`")
    return services.camera_editor


def try_camera(services: Services, name: str, changes: dict[str, Any]) -> TrialAnswer:
    """Try a camera; that it does not answer is an answer, too."""
    try:
        trial = editor_of(services).test(name, changes)
    except SourceError as error:
        return TrialAnswer(works=False, message=services.redact(str(error)))
    picture = services.trial_pictures.put(encode_jpeg(shrink(trial.rgb, SNAPSHOT_WIDTH_PX), 80))
    width, height = trial.size
    return TrialAnswer(
        works=True,
        message=f"It answers: {width} x {height} pixels at {trial.fps:.3g} frames a second.",
        width=width,
        height=height,
        fps=trial.fps,
        first_frame_s=trial.first_frame_s,
        picture_url=f"/api/v1/cameras/test/{picture}.jpg",
    )
