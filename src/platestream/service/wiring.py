"""From the configuration to cameras at work: `live` knows no YAML, so it is told here."""

from dataclasses import replace

from platestream.core.geometry import Line
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
    rules = PlateRules(
        [(rule.pattern, rule.replacement) for rule in config.replace_rules], config.format
    )
    if alarms := make_keeping(config).alarms:
        engine = replace(engine, rule=engine.rule.reading_until(alarms[-1]))
    return Cameras(
        CameraWorker(_source(name, camera), _view(camera, config), rules, engine, listeners)
        for name, camera in config.cameras.items()
        if camera.enabled
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
