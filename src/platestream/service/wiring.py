"""From the configuration to cameras at work: `live` knows no YAML, so it is told here."""

import threading
from dataclasses import replace

from platestream.core.geometry import Line
from platestream.live.feeds import FeedSettings
from platestream.live.follow import View
from platestream.live.plate_rules import PlateRules
from platestream.live.source import LiveSource
from platestream.live.workers import Cameras, CameraWorker, Listeners
from platestream.service.camera_config import CameraConfig
from platestream.service.config import ReaderConfig, ServiceConfig
from platestream.service.receivers import make_keeping
from platestream.video.engine import Engine, load_engine


def load_configured(config: ReaderConfig) -> Engine:
    """Load what the configuration names, to run on one thread a call.

    Raises:
        ConfigError: there is no such policy, fusion, architecture or detector.
        ModelError: weights are missing or damaged.
    """
    return load_engine(
        arch=config.arch,
        policy=config.policy,
        fusion=config.fusion,
        reads_per_s=config.reads_per_s,
        detector=config.detector,
        detector_size=config.detector_size,
        models=config.models,
        device=config.device,
    )


def make_cameras(config: ServiceConfig, engine: Engine, listeners: Listeners) -> Cameras:
    """All enabled cameras of a configuration.

    Raises:
        ConfigError: a camera's address is of a kind that no camera has.
    """
    make = WorkerMaker(config, engine, listeners)
    return Cameras(make(name, camera) for name, camera in config.cameras.items() if camera.enabled)


class WorkerMaker:
    """Makes cameras' workers of what is configured for all of them.

    Args:
        config: The rules of plates, and who wants to be told early.
        engine: The networks.
        listeners: Who is told.
    """

    def __init__(self, config: ServiceConfig, engine: Engine, listeners: Listeners) -> None:
        self._rules = PlateRules(
            [(rule.pattern, rule.replacement) for rule in config.replace_rules], config.format
        )
        self._alarms = make_keeping(config).alarms
        self._config, self._engine, self._listeners = config, engine, listeners

    def __call__(self, name: str, camera: CameraConfig) -> CameraWorker:
        """A worker that was not started yet.

        Raises:
            ConfigError: the camera's address is of a kind that no camera has.
        """
        engine = self._engine
        if self._alarms:
            engine = replace(engine, rule=engine.rule.reading_until(self._alarms[-1]))
        view = _view(camera, self._config)
        return CameraWorker(_source(name, camera), view, self._rules, engine, self._listeners)


def feed_settings(camera: CameraConfig, stop: threading.Event) -> FeedSettings:
    """What to open a camera with, for a trial."""
    return FeedSettings(
        url=camera.url.get_secret_value(),
        stop=stop,
        report=lambda _problem: None,
        username=camera.username,
        password=camera.password.get_secret_value(),
        transport=camera.transport,
        timeout_s=camera.timeout_s,
    )


def _source(name: str, camera: CameraConfig) -> LiveSource:
    return LiveSource(
        name,
        camera.url.get_secret_value(),
        username=camera.username,
        password=camera.password.get_secret_value(),
        transport=camera.transport,
        timeout_s=camera.timeout_s,
        loop=camera.loop,
        existing=camera.existing,
        max_fps=camera.max_fps,
        frozen_after_s=camera.frozen_after_s,
    )


def _view(camera: CameraConfig, config: ServiceConfig) -> View:
    lines = {name: Line(*line.points, inwards=line.inwards) for name, line in camera.lines.items()}
    return View(
        camera.zones,
        lines,
        camera.region,
        config.store.frames,
        config.min_confidence,
        make_keeping(config),
    )
