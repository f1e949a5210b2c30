"""What a user may say of one camera, and of the plates it sees."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from platestream.core.syntax import choose_format
from platestream.core.text import plain_line
from platestream.service.model import Model, Name, checked_by

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
"""A part of the whole, 0..1; of a picture's width or height where it is a coordinate."""

MAX_POINTS = 200
"""Of one zone."""

MAX_FROZEN_AFTER_S = 3600.0
"""What was seen is remembered for so long, two looks a second."""

MIN_FPS, MAX_FPS = 0.01, 1000.0

RelativePoint: TypeAlias = tuple[Share, Share]
"""x and y as shares of the picture's width and height."""


def _points(value: object) -> object:
    """Points as Frigate writes them, ``0.1,0.2,0.9,0.2``, or as pairs already."""
    if isinstance(value, str):
        numbers = value.split(",")
        if len(numbers) % 2:
            msg = "has an odd number of coordinates; write x1,y1,x2,y2,... as shares of the picture"
            raise ValueError(msg)
        value = list(zip(numbers[::2], numbers[1::2], strict=True))
    if _has_pixels(value):
        msg = (
            "looks like pixels; write shares of the picture, 0 to 1: x / width and y / height, "
            "such as 0.5 for 640 of 1280"
        )
        raise ValueError(msg)
    return value


def _has_pixels(points: object) -> bool:
    """Whether some coordinate is a number above 1, as pixels and percents are."""
    if not isinstance(points, list | tuple):
        return False
    coordinates = [each for point in points if isinstance(point, list | tuple) for each in point]
    return any(_number(each) > 1 for each in coordinates)


def _number(value: object) -> float:
    try:
        return float(value) if isinstance(value, int | float | str) else 0.0
    except ValueError:
        return 0.0


Polygon: TypeAlias = Annotated[
    tuple[RelativePoint, ...], Field(min_length=3, max_length=MAX_POINTS), BeforeValidator(_points)
]


class LineConfig(Model):
    """A line that vehicles cross, with the way that counts as ``in``.

    Attributes:
        points: Its two ends.
        inwards: Where a plate that goes ``in`` moves to, as seen in the picture.
    """

    points: Annotated[tuple[RelativePoint, RelativePoint], BeforeValidator(_points)]
    inwards: Literal["up", "down", "left", "right"]

    @model_validator(mode="after")
    def _crosses(self) -> "LineConfig":
        (x1, y1), (x2, y2) = self.points
        if (x1, y1) == (x2, y2):
            msg = "both ends are the same point; give two"
            raise ValueError(msg)
        if (y1 == y2) if self.inwards in ("left", "right") else (x1 == x2):
            msg = f"nothing that moves {self.inwards} crosses this line; choose another `inwards`"
            raise ValueError(msg)
        return self


class CameraConfig(Model):
    """One camera, or what stands for it.

    Attributes:
        url: ``rtsp://``, ``http://``, a webcam (``/dev/video0`` or its number), a video file
            (played at its own pace) or a folder that grows.
        username: Of the camera; better here than in the url, where it needs escaping.
        password: The same.
        transport: How RTSP carries the pictures; UDP loses some.
        timeout_s: Without a frame for so long, the camera is connected to anew.
        loop: Play a video file again and again.
        existing: Whether a folder's files that are there already are read too.
        max_fps: Look at no more frames a second; all that the machine manages when omitted.
        region: Where its plates are from (``DE``, ``US-CA``), narrowing an event's ``regions``.
        zones: Where to look: polygons by name; everywhere if there are none.
        lines: What to count at, by name.
        frozen_after_s: So long the same picture, and it counts as frozen; ``null`` never.
        enabled: Whether to run it.
    """

    url: SecretStr
    username: str = ""
    password: SecretStr = SecretStr("")
    transport: Literal["tcp", "udp"] = "tcp"
    timeout_s: float = Field(default=10.0, gt=0, le=600)
    loop: bool = False
    existing: bool = False
    max_fps: float | None = Field(default=None, ge=MIN_FPS, le=MAX_FPS)
    frozen_after_s: float | None = Field(default=30.0, gt=0, le=MAX_FROZEN_AFTER_S)
    region: Annotated[str, checked_by(choose_format)] | None = None
    zones: dict[Name, Polygon] = Field(default_factory=dict)
    lines: dict[Name, LineConfig] = Field(default_factory=dict)
    enabled: bool = True

    @field_validator("url", mode="before")
    @classmethod
    def _webcam_number(cls, value: object) -> object:
        return str(value) if type(value) is int else value

    @field_validator("url", "username", "password")
    @classmethod
    def _is_one_line(cls, value: SecretStr | str) -> SecretStr | str:
        text = value if isinstance(value, str) else value.get_secret_value()
        if plain_line(text) != text:
            # FFmpeg sends an RTSP address as it is: another line would be a command of its own.
            msg = "has characters that no address or login has, such as line breaks; remove them"
            raise ValueError(msg)
        return value

    @field_validator("url")
    @classmethod
    def _not_empty(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value():
            msg = "is empty; give an rtsp:// or http:// address, a webcam, a file or a folder"
            raise ValueError(msg)
        return value


def check_pattern(pattern: str) -> str:
    """Refuse what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        msg = f"{pattern!r} is no regular expression ({error}); correct it"
        raise ValueError(msg) from error
    return pattern


Pattern: TypeAlias = Annotated[str, AfterValidator(check_pattern)]


class ReplaceRule(Model):
    r"""Something to replace in every plate, before it is matched, as in Frigate.

    Attributes:
        pattern: A regular expression.
        replacement: What to put there; may hold ``\1`` and the like.
    """

    pattern: Pattern
    replacement: str

    @model_validator(mode="after")
    def _compiles(self) -> "ReplaceRule":
        try:
            re.sub(self.pattern, self.replacement, "")
        except (re.error, IndexError) as error:
            msg = f"the replacement {self.replacement!r} is wrong ({error}); correct it"
            raise ValueError(msg) from error
        return self
