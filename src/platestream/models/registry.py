"""What a user may choose by name: the architecture of the networks, and the detector.

Light to import: factories load their libraries when they are called. A new architecture or
detector is a line here; see ``docs/extending.md``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platestream.core.choices import Choices
from platestream.core.detector import Detector
from platestream.core.errors import ConfigError
from platestream.models.cards import DETECTOR_SIZE_PX, find_card
from platestream.models.devices import DEFAULT_DEVICE

DEFAULT_DETECTOR = "platestream"


@dataclass(frozen=True, slots=True)
class Architecture:
    """Which weights work together.

    Attributes:
        reader: Name of the reader's card.
        quality: That of the quality network.
        second: The reader that is asked too where the first is not sure, see `SecondLook`; empty
            for none: the paper's three stay as the paper has them.
    """

    reader: str
    quality: str
    second: str = ""


ARCHITECTURES: Choices[Architecture] = Choices(
    "architecture",
    {
        "p": Architecture("reader-p", "quality-p"),
        "s": Architecture("reader-s", "quality-s"),
        "e": Architecture("reader-s", "quality-e"),
        "nano": Architecture("reader-nano", "quality-nano", second="reader-p"),
    },
)
"""Reader and quality network. E keeps S's reader; nano is ours."""


def checksums(arch: str, detector: str, folder: Path | None = None) -> dict[str, str]:
    """SHA-256 of every weight file that reads plates, by its card's name.

    Args:
        arch: A key of `ARCHITECTURES`.
        detector: See `check_detector`; of others than our own no checksum is known.
        folder: Holds weights and cards; None for those of the package.

    Raises:
        ConfigError: no such architecture.
        ModelError: a card is missing or damaged.
    """
    chosen = ARCHITECTURES.choose(arch)
    names = [chosen.reader, chosen.quality]
    names += [chosen.second, "corners"] if chosen.second else []
    names += ["detector"] if detector == DEFAULT_DETECTOR else []
    return {name: find_card(name, folder).sha256 for name in sorted(names)}


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """What a user may say of a detector.

    Attributes:
        model: What stands after the colon, in ``NAME:MODEL``; empty where there is none.
        folder: Holds weights and cards; None for those of the package.
        size_px: Longest side of the picture it sees.
        num_threads: CPU threads for one call.
        device: What it runs on, one of `DEVICE_NAMES`.
    """

    model: str = ""
    folder: Path | None = None
    size_px: int = DETECTOR_SIZE_PX
    num_threads: int = 1
    device: str = DEFAULT_DEVICE


@dataclass(frozen=True, slots=True)
class DetectorChoice:
    """A detector that a user may name.

    Attributes:
        load: Makes it; imports what it needs only then.
        takes_model: Whether it is named together with one of its models, ``NAME:MODEL``.
    """

    load: Callable[[DetectorSettings], Detector]
    takes_model: bool = False


def _own(settings: DetectorSettings) -> Detector:
    from platestream.models.bundle import load_detector

    return load_detector(
        settings.folder,
        size_px=settings.size_px,
        num_threads=settings.num_threads,
        device=settings.device,
    )


def _open_image_models(settings: DetectorSettings) -> Detector:
    from platestream.models.open_image_models import OpenImageModelsDetector

    return OpenImageModelsDetector(settings.model, num_threads=settings.num_threads)


DETECTORS: Choices[DetectorChoice] = Choices(
    "detector",
    {
        DEFAULT_DETECTOR: DetectorChoice(_own),
        "open-image-models": DetectorChoice(_open_image_models, takes_model=True),
    },
)
"""What finds plates."""


def check_detector(name: str) -> str:
    """The name of a detector, ``NAME`` or ``NAME:MODEL``, as it is if it makes sense.

    Raises:
        ConfigError: there is no such detector, or a model is missing or too much.
    """
    kind, _, model = name.partition(":")
    choice = DETECTORS.choose(kind)
    if choice.takes_model and not model:
        msg = f"detector {name!r} needs one of its models; write {kind}:MODEL"
        raise ConfigError(msg)
    if model and not choice.takes_model:
        msg = f"detector {name!r}: {kind} has no models to choose from; write {kind}"
        raise ConfigError(msg)
    return name


def choose_detector(
    name: str,
    folder: Path | None = None,
    *,
    size_px: int = DETECTOR_SIZE_PX,
    num_threads: int = 1,
    device: str = DEFAULT_DEVICE,
) -> Detector:
    """Load a detector by its name, see `check_detector`; the rest as in `DetectorSettings`.

    Raises:
        ConfigError: no such detector or model, or its package is not installed.
        ModelError: weights are missing or damaged.
    """
    kind, _, model = check_detector(name).partition(":")
    return DETECTORS[kind].load(DetectorSettings(model, folder, size_px, num_threads, device))
