"""Everything that a configuration names, at work together: cameras, store, sinks, page."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI

from platestream.core.errors import ConfigError, PlatestreamError, StoreError
from platestream.core.urls import Redactor
from platestream.live.image_reader import ImageReader
from platestream.live.known_plates import Watch
from platestream.live.updates import LiveUpdate
from platestream.live.workers import Listeners
from platestream.models.registry import checksums
from platestream.service.bookkeeper import Bookkeeper
from platestream.service.camera_editor import CameraEditor
from platestream.service.camera_news import CameraNews
from platestream.service.config import ServerConfig, ServiceConfig, StoreConfig
from platestream.service.delivery import Delivery
from platestream.service.keeping import Keeper
from platestream.service.receivers import make_sinks, tell_cameras
from platestream.service.secrets import discreet, secrets_of
from platestream.service.spread import RunsCameras, make_cameras
from platestream.service.telling import Telling
from platestream.service.trusted_clock import TrustedClock
from platestream.service.user_editor import UserEditor
from platestream.service.web.app import make_app
from platestream.service.web.auth import Auth, Token, User
from platestream.service.web.guard import LOCAL_HOSTS, Exposure, check_exposure, is_local
from platestream.service.web.passwords import hash_password, is_password_hash, is_right
from platestream.service.web.server import Listening
from platestream.service.web.sessions import Sessions
from platestream.service.web.wall import Wall
from platestream.service.wiring import check_plan, load_configured, make_plan
from platestream.store.database import pictures_beside
from platestream.store.privacy import Privacy
from platestream.store.records import WatchEntry
from platestream.store.store import EventStore, open_store

logger = logging.getLogger(__name__)

STOP_WITHIN_S = 7.5
"""Of the ten seconds that ending may take; the page has the others."""

PRUNE_EVERY_S = 600.0
LISTS_AGE_S = 2.0
"""A change of the watch lists counts after so long at the latest."""

LISTS_RETRY_S = 30.0
"""A store that failed is not asked again for so long."""


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
        lists = Lists(config, store)

        bookkeeper = Bookkeeper(store, Telling(config, sinks), delivery.wake)
        bookkeeper.end_what_was_left()
        keeper = Keeper(bookkeeper.keep)
        listeners = Listeners(
            on_update=lambda _, update: wall.publish(lists.as_shown(update)),
            on_event=keeper.put,
            namer=lists.name,
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
            sinks=delivery.health,
            keeping=keeper.health,
            redact=redact,
            link_key=config.server.link_key.get_secret_value().encode(),
            camera_editor=camera_editor,
            user_editor=user_editor,
        )
        pruning = Pruning(config, store)
        news = CameraNews(config, sinks, cameras.health, store.enqueue, delivery.wake)
        work = (lists, delivery, pruning, keeper, news, cameras)
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
    lists: "Lists",
    delivery: Delivery,
    pruning: "Pruning",
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
    lists.stop()
    delivery.stop(left_s(reserved_s=0.2))
    pruning.stop(left_s(reserved_s=0.0))


def make_auth(server: ServerConfig, sessions: Sessions | None = None) -> Auth:
    """Users and tokens that may log in; passwords in clear are hashed at once.

    Args:
        server: Has them.
        sessions: Who is logged in; those of a user whose password is still the same go on.

    Raises:
        ConfigError: a password or token is too short.
    """
    users = []
    for name, user in server.users.items():
        before = sessions.password_hashes(name) if sessions else []
        try:
            hashed = _hashed(user.password.get_secret_value(), before)
        except ConfigError as error:
            msg = f"server.users.{name}.password: {error}"
            raise ConfigError(msg) from error
        users.append(User(name, hashed, user.role))
    tokens = [
        Token(name, token.token.get_secret_value(), token.role)
        for name, token in server.tokens.items()
    ]
    return Auth(users, tokens, sessions=sessions)


def _hashed(password: str, before: list[str]) -> str:
    """The hash of a password: one of before if it is of the same, else a new one."""
    if is_password_hash(password):
        return password
    return next((h for h in before if is_right(password, h)), None) or hash_password(password)


def make_exposure(server: ServerConfig) -> Exposure:
    """Host names the server answers to: this machine's own, and those configured."""
    names = frozenset(name.lower() for name in server.hosts)
    is_open = not names and not is_local(server.host)
    return Exposure(
        hosts=None if is_open else LOCAL_HOSTS | names,
        https=server.https or server.tls_cert is not None,
        max_upload_bytes=round(server.max_upload_mb * 1_000_000),
        knows_proxies=bool(server.proxies),
    )


def make_listening(server: ServerConfig) -> Listening:
    """Where to listen."""
    return Listening(server.host, server.port, server.tls_cert, server.tls_key, server.proxies)


class Lists:
    """Names plates by `known_plates` and by the store's watch lists as they are now.

    The cameras ask, and a thread of its own looks at the store: nobody waits for it.

    Args:
        config: Has the known plates.
        store: Has the lists.
    """

    def __init__(self, config: ServiceConfig, store: EventStore) -> None:
        self._config, self._store = config, store
        self._privacy = make_privacy(config.store)
        self._entries: list[WatchEntry] = []
        self._listed: frozenset[str] = frozenset()
        self._watch = self._make_watch()
        self._is_failing = False
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch lists", daemon=True)

    def start(self) -> None:
        """Look once, and then now and then."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Look no more; there is nothing to wait for."""
        self._is_stopping.set()

    def name(self, plate: str, /, *, masked: str, confidence: float) -> str:
        """Whose plate it is; empty when unknown. While the store fails, as it was known last."""
        return self._watch.name(plate, masked=masked, confidence=confidence)

    def as_shown(self, update: LiveUpdate) -> LiveUpdate:
        """What of a passing plate is for all eyes: what may be kept of it, and no more."""
        is_listed = self._listed.__contains__
        is_shown = self._privacy.keeps(update.plate, update.known_as, is_listed)
        return update if is_shown else update.without_plate()

    def look(self) -> None:
        """Take the lists as they are now; where the store fails, they stay as they were."""
        try:
            entries = self._store.watch_entries()
        except StoreError as error:
            if not self._is_failing:
                logger.warning("the watch lists are those of before: %s", error)
            self._is_failing = True
            return
        self._is_failing = False
        if entries != self._entries:
            self._entries = entries
            self._listed = frozenset(entry.plate for entry in entries)
            self._watch = self._make_watch()

    def _run(self) -> None:
        while not self._is_stopping.wait(LISTS_RETRY_S if self._is_failing else LISTS_AGE_S):
            try:
                self.look()
            except Exception:
                # A thread that ends in silence would leave the lists as they are for ever.
                logger.exception("the watch lists cannot be read, and are looked at again")

    def _make_watch(self) -> Watch:
        known, distance = self._config.known_plates, self._config.match_distance
        return Watch(known, self._entries, max_distance=distance)


class Pruning:
    """Keeps the store as small as configured, now and then.

    Args:
        config: Says how small.
        store: What is pruned.
    """

    def __init__(self, config: ServiceConfig, store: EventStore) -> None:
        days, gigabytes = config.store.keep_days, config.store.max_gb
        self._max_age = timedelta(days=days) if days is not None else None
        self._max_bytes = round(gigabytes * 1e9) if gigabytes is not None else None
        self._store, self._clock = store, TrustedClock()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pruning", daemon=True)

    def start(self) -> None:
        """Start the thread that prunes."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let it finish what is being done."""
        self._is_stopping.set()

    def stop(self, within_s: float = 5.0) -> None:
        """Wait until it has, for no longer than that: a batch that is cut off is whole or not."""
        self.ask_to_stop()
        self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            try:
                now = self._clock()
                self._store.prune(max_age=self._max_age, max_bytes=self._max_bytes, now=now)
            except PlatestreamError as error:
                logger.warning("pruning failed and is tried again: %s", error)
            except Exception:
                # A thread that ends in silence would let the disk run full.
                logger.exception("pruning failed by an unexpected error and is tried again")
            if self._is_stopping.wait(PRUNE_EVERY_S):
                return


def make_privacy(store: StoreConfig) -> Privacy:
    """What of plates may be kept."""
    return Privacy(store.plates, store.hash_key.get_secret_value().encode())


def open_configured(config: ServiceConfig, *, create: bool = True) -> EventStore:
    """Open the store that is configured.

    Args:
        config: Says which.
        create: Whether a SQLite file that is not there is made.

    Raises:
        ConfigError: its URL makes no sense.
        StoreError: it cannot be opened.
    """
    url = config.store.url.get_secret_value()
    pictures = config.store.pictures or pictures_beside(url) or Path("platestream/pictures")
    key = config.store.settings_key.get_secret_value().encode()
    privacy = make_privacy(config.store)
    return open_store(url, pictures, privacy=privacy, create=create, settings_key=key)
