"""From the configuration to cameras at work: `live` knows no YAML, so it is told here."""

import threading
from dataclasses import dataclass, replace

from platestream.core.geometry import Line
from platestream.live.feeds import FeedSettings
from platestream.live.follow import View
from platestream.live.plate_rules import PlateRules
from platestream.live.source import LiveSource
from platestream.live.workers import CameraWorker, Listeners
from platestream.service.camera_config import CameraConfig
from platestream.service.config import ReaderConfig, ServiceConfig
from platestream.service.receivers import make_keeping
from platestream.video.decoders import hardware
from platestream.video.engine import Engine, load_engine


def load_configured(config: ReaderConfig) -> Engine:
    """Load what the configuration names, to run on one thread a call.

    Raises:
        ConfigError: there is no such policy, fusion, architecture or detector, or the device or
            decoder is not here.
        ModelError: weights are missing or damaged.
    """
    hardware(config.decoder)  # the cameras' own connections come later, and go on trying
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


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """All that a camera's work depends on; it goes to another machine where that does the work.

    Attributes:
        name: Of the camera.
        camera: Where its pictures come from; its password is among that.
        view: What is watched in its picture.
        rules: What its plates are called, and which count.
        reader: The networks.
        read_until: How sure somebody waits for; None for as the policy has it.
    """

    name: str
    camera: CameraConfig
    view: View
    rules: PlateRules
    reader: ReaderConfig
    read_until: float | None = None


def make_plans(config: ServiceConfig) -> list[CameraPlan]:
    """The plans of all enabled cameras of a configuration."""
    cameras = config.cameras.items()
    return [make_plan(name, camera, config) for name, camera in cameras if camera.enabled]


def make_plan(name: str, camera: CameraConfig, config: ServiceConfig) -> CameraPlan:
    """The plan of one camera, with what is configured for all of them."""
    rules = PlateRules(
        [(rule.pattern, rule.replacement) for rule in config.replace_rules], config.format
    )
    alarms = make_keeping(config).alarms
    read_until = alarms[-1] if alarms else None
    return CameraPlan(name, camera, _view(camera, config), rules, config.reader, read_until)


def make_worker(plan: CameraPlan, engine: Engine, listeners: Listeners) -> CameraWorker:
    """The work of one camera.

    Raises:
        ConfigError: its address is of a kind that no camera has.
    """
    if plan.read_until is not None:
        engine = replace(engine, rule=engine.rule.reading_until(plan.read_until))
    source = _source(plan.name, plan.camera, plan.reader.decoder)
    return CameraWorker(source, plan.view, plan.rules, engine, listeners)


def check_plan(plan: CameraPlan) -> CameraPlan:
    """The plan, if a camera can be made of it.

    Raises:
        ConfigError: its address is of a kind that no camera has.
    """
    _source(plan.name, plan.camera, plan.reader.decoder)
    return plan


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


def _source(name: str, camera: CameraConfig, decoder: str) -> LiveSource:
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
        decoder=decoder,
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
