"""A configuration tried out before anything is started: each camera and each receiver in it."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from errno import EADDRINUSE
from functools import partial
from pathlib import Path

from platestream.core.errors import ConfigError, PlatestreamError, SourceError, SourceNotFound
from platestream.core.text import counted
from platestream.core.types import Frame
from platestream.core.urls import Redactor
from platestream.live.feeds import PATIENCE, Feed, FeedSettings
from platestream.live.registry import is_folder, open_feed
from platestream.service.camera_config import CameraConfig
from platestream.service.camera_editor import CameraEditor
from platestream.service.config import ServiceConfig
from platestream.service.secrets import secrets_of
from platestream.service.sink_config import SinkConfig
from platestream.service.store_wiring import open_configured
from platestream.service.web.reachability import check_exposure
from platestream.service.web.server import listen
from platestream.service.web_wiring import make_auth, make_listening
from platestream.service.wiring import load_configured
from platestream.video.pictures import is_picture
from platestream.video.sources import is_video
from platestream.video.survey import say_passed_over, walk_files

MAX_AT_ONCE = 8
"""Cameras and receivers that are tried at a time: each may take its whole timeout."""

NO_CAMERAS = (
    "none are configured; name some under `cameras:` in the file (see docs/cameras.md), or add "
    "them on the page. Those of the page are not tried here"
)

GRACE_S = 5.0
"""What a camera gets above its own timeout, to connect and to let go."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one thing that a configuration names.

    Attributes:
        name: ``cameras.gate``, ``sinks.house``, ``reader``, ``server``, ``receivers``,
            or ``cameras`` where there are none.
        is_good: Whether it can be used.
        what: What was found, or what is wrong and what to do; without secrets.
    """

    name: str
    is_good: bool
    what: str


def check(config: ServiceConfig) -> Iterator[Finding]:
    """Try all that a configuration names, several at a time, and tell of each in its order.

    Nobody is sent a message, and nothing is stored.
    """
    tries: dict[str, Callable[[], str]] = {
        "reader": partial(_reader, config),
        "server": partial(_server, config),
    }
    if not config.cameras:
        # No fault: a service may have those of its page alone.
        tries["cameras"] = lambda: NO_CAMERAS
    if config.sinks:
        tries["receivers"] = partial(_receivers, config)
    for name, camera in config.cameras.items():
        tries[f"cameras.{name}"] = partial(_camera, camera)
    for name, sink in config.sinks.items():
        tries[f"sinks.{name}"] = partial(_sink, sink, config)
    redact = Redactor(secrets_of(config))
    with ThreadPoolExecutor(MAX_AT_ONCE) as pool:
        running = {name: pool.submit(each) for name, each in tries.items()}
        for name, future in running.items():
            try:
                yield Finding(name, True, future.result())
            except PlatestreamError as error:
                yield Finding(name, False, redact(str(error)))


def _reader(config: ServiceConfig) -> str:
    load_configured(config.reader)
    return "the networks load"


def _server(config: ServiceConfig) -> str:
    server = config.server
    check_exposure(make_auth(server), server.host, frozenset(server.hosts))
    address = f"{server.host}:{server.port}"
    try:
        listen(make_listening(server)).close()
    except ConfigError as error:
        if getattr(error.__cause__, "errno", None) != EADDRINUSE:
            raise
        return f"somebody listens on {address} now: this service, or choose another port"
    return f"can listen on {address}"


def _receivers(config: ServiceConfig) -> str:
    """Look for what they name; in the store only for what the configuration does not have."""
    try:
        config.check_receivers()
    except ConfigError as error:
        try:
            store = open_configured(config, create=False)
        except PlatestreamError:
            raise error from None
        try:
            CameraEditor(config, store.settings).config.check_receivers()
        finally:
            store.close()
    return "what they name is there"


def _sink(sink: SinkConfig, config: ServiceConfig) -> str:
    return sink.make(config.cameras).check()


def _camera(camera: CameraConfig) -> str:
    """Connect as the service does, take one picture, and let go."""
    if not camera.enabled:
        return "is not enabled, and was not tried"
    url = camera.url.get_secret_value()
    if "://" not in url and is_folder(url):
        return _folder(Path(url), existing=camera.existing)
    stop = threading.Event()
    settings = FeedSettings(
        url=url,
        stop=stop,
        report=lambda _problem: None,
        username=camera.username,
        password=camera.password.get_secret_value(),
        transport=camera.transport,
        timeout_s=camera.timeout_s,
    )
    feed = open_feed(settings)
    found: list[str | SourceError] = []
    # FFmpeg's own deadline is of each wait, so that a camera may keep it for longer.
    thread = threading.Thread(target=_look, args=(feed, stop, found), daemon=True)
    thread.start()
    within_s = PATIENCE * camera.timeout_s + GRACE_S
    thread.join(within_s)
    stop.set()
    if not found:  # the thread is left to its hanging connection
        msg = f"no picture within {within_s:g} s; check the address and the network"
        raise SourceNotFound(msg)
    if isinstance(found[0], SourceError):
        raise found[0]
    return found[0]


def _look(feed: Feed, stop: threading.Event, found: list[str | SourceError]) -> None:
    """Take one picture, and end the connection."""
    try:
        for raw in feed.frames():
            width, height = Frame(0, 0.0, raw.pixels()).size
            found.append(f"shows a picture of {width} x {height}")
            stop.set()
        if not found:
            found.append(SourceNotFound("it holds no picture; check the address"))
    except SourceError as error:
        found.append(error)


def _folder(path: Path, *, existing: bool) -> str:
    """What a folder holds that would be read, its sub-folders included, as `FolderFeed` does."""
    if not path.is_dir():
        msg = f"{path.absolute()}: there is no such folder; make it, or correct the path"
        raise SourceNotFound(msg)
    kinds = Counter(
        "" if is_picture(file) or is_video(file) else file.suffix.lower() or "without suffix"
        for file in walk_files(path)
    )
    num_read = kinds.pop("", 0)
    others = f", only {say_passed_over(kinds)}" if kinds else ""
    if num_read:
        what = f"is a folder of {counted(num_read, 'picture or film', 'pictures and films')}"
        return what if existing else f"{what}; only new ones are read, without `existing: true`"
    if existing:
        msg = (
            f"{path.absolute()}: the folder holds no pictures or films{others}; "
            "put some there, or correct the path"
        )
        raise SourceNotFound(msg)
    return f"is a folder without pictures or films yet{others}; what comes is read"
