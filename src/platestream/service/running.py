"""Everything that a configuration names, at work together: cameras, store, sinks, page."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from platestream.core.errors import ConfigError
from platestream.core.urls import Redactor
from platestream.live.image_reader import ImageReader
from platestream.live.workers import Listeners
from platestream.models.registry import checksums
from platestream.service.bookkeeper import Bookkeeper
from platestream.service.camera_editor import CameraEditor
from platestream.service.camera_news import CameraNews
from platestream.service.config import ServiceConfig
from platestream.service.delivery import Delivery
from platestream.service.keeping import Keeper
from platestream.service.naming import Naming
from platestream.service.pruning import Pruning
from platestream.service.receivers import make_sinks, tell_cameras
from platestream.service.secrets import discreet, secrets_of
from platestream.service.spread import RunsCameras, make_cameras
from platestream.service.store_wiring import open_configured
from platestream.service.telling import Telling
from platestream.service.user_editor import UserEditor
from platestream.service.web.app import make_app
from platestream.service.web.reachability import check_exposure
from platestream.service.web.sessions import Sessions
from platestream.service.web.wall import Wall
from platestream.service.web_wiring import make_auth, make_exposure
from platestream.service.wiring import check_plan, load_configured, make_plan

logger = logging.getLogger(__name__)

STOP_WITHIN_S = 7.5
"""Of the ten seconds that ending may take; the page has the others."""


@contextmanager
def running(config: ServiceConfig) -> Iterator[FastAPI]:
    """Start all that a configuration names; when left, all of it stops and nothing is lost.

    Raises:
        ConfigError: something in it makes no sense, or strangers would be let in.
        ModelError: weights are missing or damaged.
        StoreError: the store cannot be opened.
    """
    redact = Redactor(secrets_of(config))
    with discreet(redact), _running(config, redact) as app:
        yield app


@contextmanager
def _running(config: ServiceConfig, redact: Redactor) -> Iterator[FastAPI]:
    # What makes no sense is told before anything is made. Users of the page let in nobody from
    # elsewhere: that this machine is open to others is said in the file, with a user or token.
    exposure = make_exposure(config.server)
    check_exposure(make_auth(config.server), config.server.host, frozenset(config.server.hosts))
    make_sinks(config)
    engine = load_configured(config.reader)
    with ExitStack() as stack:
        store = open_configured(config)
        stack.callback(store.close)
        store.serve()
        store.settings.seal_cameras()
        reader = config.reader
        weights = checksums(reader.arch, reader.detector, reader.models)
        store.settings.note_weights(weights, datetime.now(UTC))
        auth = make_auth(config.server, Sessions(store.settings))
        user_editor = UserEditor(auth, store.settings)
        camera_editor = CameraEditor(config, store.settings, redact.learn)
        _check_receivers(camera_editor)
        sinks = make_sinks(camera_editor.config)
        delivery = Delivery(store, sinks)
        wall = Wall()
        naming = Naming(config, store)

        bookkeeper = Bookkeeper(store, Telling(config, sinks), delivery.wake)
        bookkeeper.end_what_was_left()
        keeper = Keeper(bookkeeper.keep)
        listeners = Listeners(
            on_update=lambda _, update: wall.publish(naming.as_shown(update)),
            on_event=keeper.put,
            namer=naming.name,
        )
        cameras = make_cameras(camera_editor.config, engine, listeners)
        camera_editor.run_with(
            cameras,
            lambda name, camera: check_plan(make_plan(name, camera, config)),
            lambda names: tell_cameras(config, sinks, names),
        )
        app = make_app(
            store,
            cameras,
            auth=auth,
            exposure=exposure,
            reader=ImageReader(engine),
            wall=wall,
            name=naming.of,
            sinks=delivery.health,
            keeping=keeper.health,
            redact=redact,
            link_key=config.server.link_key.get_secret_value().encode(),
            camera_editor=camera_editor,
            user_editor=user_editor,
        )
        pruning = Pruning(config, store)
        news = CameraNews(config, sinks, cameras.health, store.enqueue, delivery.wake)
        work = (naming, delivery, pruning, keeper, news, cameras)
        stack.callback(auth.sessions.stop)
        auth.sessions.start()
        stack.callback(_stop, *work)
        for each in work:
            each.start()
        yield app


def _check_receivers(editor: CameraEditor) -> None:
    """Refuse a name that is nowhere, unless it may be that of a camera whose settings are damaged.

    Raises:
        ConfigError: see `ServiceConfig.check_receivers`.
    """
    try:
        editor.config.check_receivers()
    except ConfigError as error:
        if not editor.unusable:
            raise
        logger.warning("%s; until then that receiver hears less", error)


def _stop(
    naming: Naming,
    delivery: Delivery,
    pruning: Pruning,
    keeper: Keeper,
    news: CameraNews,
    cameras: RunsCameras,
) -> None:
    """Stop them all within `STOP_WITHIN_S`, whatever hangs; the last to start is the first."""
    until_s = time.monotonic() + STOP_WITHIN_S

    def left_s(reserved_s: float) -> float:
        return max(0.1, until_s - reserved_s - time.monotonic())

    cameras.stop(left_s(reserved_s=4.0))
    news.stop(left_s(reserved_s=3.0))
    keeper.stop(left_s(reserved_s=1.0))
    pruning.ask_to_stop()
    naming.stop()
    delivery.stop(left_s(reserved_s=0.2))
    pruning.stop(left_s(reserved_s=0.0))
