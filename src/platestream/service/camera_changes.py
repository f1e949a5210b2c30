"""What may be set of a camera on the page, and what camera that makes."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from platestream.core.errors import ConfigError
from platestream.service.camera_config import CameraConfig
from platestream.service.explain import explain
from platestream.service.model import Name

Changes: TypeAlias = Mapping[str, Any]
"""Some keys of a `CameraConfig`, in the words of JSON."""

PAGE_SCHEMES = ("rtsp", "rtsps", "rtmp", "rtmps", "http", "https")
"""What cameras of the page may be. Files and folders of this machine only its owner may name, and
no camera makes this machine listen."""

_WEBCAM = re.compile(r"\d{1,3}|/dev/video\d{1,3}")
_LOGIN = ("username", "password")
_NAME: TypeAdapter[str] = TypeAdapter(Name)


def merged(in_file: CameraConfig | None, changes: Changes) -> CameraConfig:
    """The camera that the page's changes make of the file's; of none where it is new.

    Raises:
        ConfigError: a setting makes no sense.
    """
    said = in_file.model_dump(exclude_unset=True) if in_file else {}
    camera: CameraConfig = validated(CameraConfig, {**said, **changes})
    return camera


def validated(model: type[Any], raw: Mapping[str, Any]) -> Any:
    """A model of raw values.

    Raises:
        ConfigError: a value makes no sense; says which and why.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(explain(error, model, raw)) from None


def check_name(name: str) -> None:
    """Refuse what is no name of a camera.

    Raises:
        ConfigError: it is none.
    """
    try:
        _NAME.validate_python(name)
    except ValidationError:
        msg = "name: give 1 to 64 letters, digits, `_` or `-`"
        raise ConfigError(msg) from None


def with_own_login(changes: Changes, before: CameraConfig | None) -> Changes:
    """Changes in which no other host than before is told the login of before.

    Who may change a camera need not know its password, and must not learn it by that.

    Raises:
        ConfigError: the address is one that the page may not set.
    """
    if "url" not in changes:
        return changes
    url = str(changes["url"])
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if not (scheme in PAGE_SCHEMES or _WEBCAM.fullmatch(url)):
        msg = (
            f"url: give an address that begins with {', '.join(f'{s}://' for s in PAGE_SCHEMES)}, "
            "or a webcam such as /dev/video0; files and folders only the configuration file names"
        )
        raise ConfigError(msg)
    if before is None or _place(url) == _place(before.url.get_secret_value()):
        return changes
    return {**dict.fromkeys(_LOGIN, ""), **changes}


def _place(url: str) -> tuple[str, str] | str:
    """Whom an address asks."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
