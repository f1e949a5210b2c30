"""What the readings of a run depend on, and a worker's networks made of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any

from platestream.cluster.fetching import fetched
from platestream.cluster.reading import read_unit
from platestream.cluster.units import Unit, UnitResult
from platestream.core.errors import SourceError
from platestream.models.cards import DEFAULT_ARCH, DETECTOR_SIZE_PX
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.registry import DEFAULT_DETECTOR
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.life import LifeRules
from platestream.stream.registry import DEFAULT_POLICY
from platestream.video.decoders import DEFAULT_DECODER, hardware
from platestream.video.engine import Engine, load_engine
from platestream.video.looks import judge_by
from platestream.video.pipeline import Pipeline
from platestream.video.survey import Judge


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """How sources are read; the fields are the options of `platestream run`.

    Attributes:
        arch: Architecture of reader and quality network.
        policy: When to read.
        fusion: How readings combine; None for the policy's own.
        reads_per_s: Readings a second that all plates in view share; None for no limit.
        min_confidence: Plates that are less sure make no event.
        detector: Name of the detector.
        detector_size: Longer side of its picture, pixels.
        every_frame: Look for plates also where nothing moved.
        models: Folder of the weights; None for the package's own.
        threads: CPU threads of each network.
        device: What networks run on.
        decoder: What decodes videos.
    """

    arch: str = DEFAULT_ARCH
    policy: str = DEFAULT_POLICY
    fusion: str | None = None
    reads_per_s: float | None = None
    min_confidence: float = MIN_CONFIDENCE
    detector: str = DEFAULT_DETECTOR
    detector_size: int = DETECTOR_SIZE_PX
    every_frame: bool = False
    models: str | None = None
    threads: int = 1
    device: str = DEFAULT_DEVICE
    decoder: str = DEFAULT_DECODER

    def fingerprint(self) -> dict[str, Any]:
        """What results depend on, for the manifest; how fast they are made is not part of it."""
        settings = asdict(self)
        del settings["threads"], settings["device"], settings["decoder"]
        return settings


def make_engine(settings: ReadSettings) -> Engine:
    """Load the networks.

    Raises:
        ConfigError: a setting makes no sense.
        ModelError: weights are missing or damaged.
    """
    return load_engine(
        arch=settings.arch,
        policy=settings.policy,
        fusion=settings.fusion,
        reads_per_s=settings.reads_per_s,
        detector=settings.detector,
        detector_size=settings.detector_size,
        models=settings.models,
        num_threads=settings.threads,
        device=settings.device,
    )


def make_judge(settings: ReadSettings) -> Judge:
    """Tells what pictures are; the networks are loaded once they are asked."""
    engine = cache(partial(make_engine, settings))
    return lambda files: judge_by(engine())(files)


def make_reader(settings: ReadSettings) -> Callable[[Unit], UnitResult]:
    """Load the networks once; the reader reads any number of units.

    Raises:
        ConfigError: a setting makes no sense.
        ModelError: weights are missing or damaged.
    """
    hardware(settings.decoder)  # what is not here is said before anything is read
    engine = make_engine(settings)
    judge = judge_by(engine)
    pipeline = Pipeline(
        engine, every_frame=settings.every_frame, rules=LifeRules(settings.min_confidence)
    )

    def read(unit: Unit) -> UnitResult:
        try:
            with fetched(unit) as path:
                return read_unit(unit, pipeline, judge, path=path, decoder=settings.decoder)
        except SourceError as error:  # it could not be fetched
            return UnitResult(error=str(error), exit_code=error.exit_code, is_final=False)

    return read
