"""Cameras that people add, change and remove on the page, beside those of the configuration file.

What they set is kept in the store and not written into the file: the file has comments, names of
secrets and things that only its owner may set, such as users and receivers; it may be mounted so
that nobody can write it, or come from a repository. Of a camera that stands in the file only what
was changed is kept, and goes over the file.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from platestream.core.choices import unknown
from platestream.core.errors import ConfigError, SourceNotFound
from platestream.core.urls import shown_address
from platestream.live.trial import Trial, try_camera
from platestream.service.camera_changes import (
    Changes,
    check_name,
    merged,
    validated,
    with_own_login,
)
from platestream.service.camera_config import CameraConfig
from platestream.service.config import ServiceConfig
from platestream.service.secrets import secrets_of
from platestream.service.spread import RunsCameras
from platestream.service.wiring import CameraPlan, feed_settings
from platestream.store.page_settings import Settings

logger = logging.getLogger(__name__)

MAX_CAMERAS = 200


@dataclass(frozen=True, slots=True)
class EditedCamera:
    """A camera as it is set now.

    Attributes:
        name: Its name.
        config: All of it, secrets included.
        stands_in: In the configuration ``file``, on the ``page`` alone, or in ``both``: the page
            changed some of what the file says.
    """

    name: str
    config: CameraConfig
    stands_in: Literal["file", "page", "both"]

    @property
    def address(self) -> str:
        """Its address as all may see it."""
        return shown_address(self.config.url.get_secret_value())


class Learns(Protocol):
    """Is told secrets; see `core.urls.Redactor.learn`."""

    def __call__(self, secrets: Iterable[str], /, *, of: str = "") -> None:
        """Hide them from now on."""


def _learn_nothing(secrets: Iterable[str], /, *, of: str = "") -> None:
    """Where nobody hides anything."""


class CameraEditor:
    """Changes cameras while they run, and remembers it.

    Args:
        config: As the file and the environment have it.
        settings: Remembers.
        learn: Told every secret that is set, so that it is hidden on all ways out.

    Attributes:
        unusable: Cameras of which what was set on the page cannot be used, and so is passed over.
    """

    def __init__(
        self,
        config: ServiceConfig,
        settings: Settings,
        learn: Learns = _learn_nothing,
    ) -> None:
        self._config, self._settings, self._learn = config, settings, learn
        self._running: tuple[RunsCameras, Callable[[str, CameraConfig], CameraPlan]] | None = None
        self._on_cameras: Callable[[Collection[str]], None] = lambda _names: None
        self._changing = threading.RLock()
        self._trying = threading.BoundedSemaphore(2)
        self._changes: dict[str, Changes] = dict(settings.cameras())
        self._cameras = dict(config.cameras)
        self.unusable: set[str] = set()
        for name, changes in self._changes.items():
            try:
                self._cameras[name] = merged(config.cameras.get(name), changes)
                learn(secrets_of(self._cameras[name]), of=name)
            except ConfigError as error:
                self.unusable.add(name)
                logger.warning("camera %s: what was set on the page counts not: %s", name, error)

    @property
    def config(self) -> ServiceConfig:
        """The configuration with the cameras as they are now."""
        return self._config.model_copy(update={"cameras": dict(self._cameras)})

    def run_with(
        self,
        cameras: RunsCameras,
        make_plan: Callable[[str, CameraConfig], CameraPlan],
        on_cameras: Callable[[Collection[str]], None] = lambda _names: None,
    ) -> None:
        """Say what a change sets going; until then changes are kept only.

        Args:
            cameras: What runs them.
            make_plan: Makes a camera's plan.
            on_cameras: Told the names of all there are, after each change.
        """
        self._running, self._on_cameras = (cameras, make_plan), on_cameras

    def all(self) -> list[EditedCamera]:
        """Every camera, whether it runs or not."""
        return [self.get(name) for name in list(self._cameras)]

    def get(self, name: str) -> EditedCamera:
        """One camera.

        Raises:
            SourceNotFound: there is none of this name.
        """
        if name not in self._cameras:
            raise SourceNotFound(unknown("camera", name, self._cameras))
        is_changed, is_in_file = name in self._changes, name in self._config.cameras
        stands_in: Literal["file", "page", "both"] = "file" if is_in_file else "page"
        if is_changed and is_in_file:
            stands_in = "both"
        return EditedCamera(name, self._cameras[name], stands_in)

    def add(self, name: str, changes: Changes) -> EditedCamera:
        """Add a camera, and watch it.

        Raises:
            ConfigError: the name is taken or no name, or a setting makes no sense.
        """
        with self._changing:
            check_name(name)
            taken = next((n for n in self._cameras if n.lower() == name.lower()), None)
            if taken is not None:
                msg = f"name: there is a camera {taken} already; choose another name"
                raise ConfigError(msg)
            if len(self._cameras) >= MAX_CAMERAS:
                msg = f"there are {MAX_CAMERAS} cameras already; remove one"
                raise ConfigError(msg)
            return self._keep(name, self._checked(name, changes))

    def change(self, name: str, changes: Changes) -> EditedCamera:
        """Change some settings of a camera, and watch it with them.

        Raises:
            SourceNotFound: there is none of this name.
            ConfigError: a setting makes no sense.
        """
        with self._changing:
            return self._keep(name, self._checked(self.get(name).name, changes))

    def remove(self, name: str) -> None:
        """Remove a camera that was added on the page; one of the file gets the file's settings.

        Raises:
            SourceNotFound: there is none of this name.
            ConfigError: it stands in the file, and nothing of it was changed here; or a receiver
                names it, or a zone or line that would be gone.
        """
        with self._changing:
            if self.get(name).stands_in == "file":
                msg = f"{name} stands in the configuration file; remove it there, or pause it"
                raise ConfigError(msg)
            left = {n: camera for n, camera in self._cameras.items() if n != name}
            if name in self._config.cameras:
                left[name] = self._config.cameras[name]
            self._check_receivers(left)
            self._settings.drop_camera(name)
            self._changes.pop(name)
            if name in self._config.cameras:
                self._cameras[name] = self._config.cameras[name]
            else:
                del self._cameras[name]
            self._apply(name)
            self._learn((), of=name)  # after its end, which may still tell of it

    def test(self, name: str, changes: Changes) -> Trial:
        """See whether a camera answers, as it is or would be with these changes.

        Args:
            name: Of a camera that there is, or empty for a new one.
            changes: What would be set.

        Raises:
            SourceNotFound: there is none of this name.
            ConfigError: a setting makes no sense, or two cameras are being tried already.
            SourceError: there is no picture to be had; says why.
        """
        known = self.get(name).name if name else ""
        _, camera = self._checked(known, changes)
        if not self._trying.acquire(blocking=False):
            msg = "two cameras are being tried already; wait for them"
            raise ConfigError(msg)
        try:
            self._learn(secrets_of(camera))
            return try_camera(lambda stop: feed_settings(camera, stop))
        finally:
            self._trying.release()

    def _checked(self, name: str, changes: Changes) -> tuple[Changes, CameraConfig]:
        """All that is set of a camera once these changes are made, and what it then is."""
        before = self._cameras.get(name)
        changes = with_own_login(changes, before)
        all_changes = {**self._changes.get(name, {}), **changes}
        camera = merged(self._config.cameras.get(name), all_changes)
        if name:  # receivers may need its zones and lines
            cameras = {**self._cameras, name: camera}
            validated(ServiceConfig, {**dict(self._config), "cameras": cameras})
            self._check_receivers(cameras)
        return all_changes, camera

    def _check_receivers(self, cameras: Mapping[str, CameraConfig]) -> None:
        try:
            self.config.check_receivers()
        except ConfigError:
            return  # it was so before, and what is changed now may be the way out
        self._config.model_copy(update={"cameras": dict(cameras)}).check_receivers()

    def _keep(self, name: str, checked: tuple[Changes, CameraConfig]) -> EditedCamera:
        changes, camera = checked
        self._learn(secrets_of(camera))  # whether it is kept or not
        if self._running and camera.enabled:
            self._running[1](name, camera)  # what no camera is, is refused before it is kept
        self._settings.put_camera(name, changes)
        self._changes[name] = changes
        self._cameras[name] = camera
        self._learn(secrets_of(camera), of=name)
        self._apply(name)
        return self.get(name)

    def _apply(self, name: str) -> None:
        if not self._running:
            return
        cameras, make_plan = self._running
        camera = self._cameras.get(name)
        if camera and camera.enabled:
            cameras.watch(make_plan(name, camera))
        else:
            cameras.remove(name)
        self._on_cameras(list(self._cameras))
