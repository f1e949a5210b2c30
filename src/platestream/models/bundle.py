"""The models that work together: which weights serve which architecture."""

from dataclasses import dataclass
from pathlib import Path

from platestream.core.alphabet import CHARACTERS
from platestream.core.errors import ConfigError, ModelContractError
from platestream.models.calibration import load_calibration
from platestream.models.cards import DEFAULT_ARCH, WEIGHTS_DIR, load_card
from platestream.models.detector import MIN_SCORE, SIZE_PX, OnnxDetector
from platestream.models.open_image_models import OpenImageModelsDetector
from platestream.models.quality import OnnxQuality
from platestream.models.reader import OnnxReader
from platestream.stream.confidence import Confidence, least_certain

#: Reader and quality network of each architecture. E keeps S's reader; nano is ours and has P's,
#: the better one: nothing of it had to serve two masters.
NETWORKS: dict[str, tuple[str, str]] = {
    "p": ("reader-p", "quality-p"),
    "s": ("reader-s", "quality-s"),
    "e": ("reader-s", "quality-e"),
    "nano": ("reader-p", "quality-nano"),
}

OWN_DETECTOR = "platestream"


@dataclass(frozen=True, slots=True)
class Networks:
    """The two networks the heart needs, and how sure their readings are.

    Attributes:
        read: The reader.
        score: The quality network.
        confidence: Calibrated for this reader where the folder has a calibration.
    """

    read: OnnxReader
    score: OnnxQuality
    confidence: Confidence = least_certain


def load_networks(
    arch: str = DEFAULT_ARCH,
    folder: Path | None = None,
    *,
    num_threads: int = 1,
    calibrated: bool = True,
) -> Networks:
    """Load reader and quality network.

    Args:
        arch: "p", "s", "e" or "nano".
        folder: Holds the weights and cards; those of the package when omitted.
        num_threads: CPU threads for one call.
        calibrated: Whether to load the confidence too.

    Raises:
        ConfigError: no such architecture.
        ModelError: weights are missing or damaged.
    """
    if arch not in NETWORKS:
        msg = f"no architecture {arch!r}; choose one of {', '.join(NETWORKS)}"
        raise ConfigError(msg)
    reader, quality = (load_card(name, folder or WEIGHTS_DIR) for name in NETWORKS[arch])
    if reader.alphabet != CHARACTERS:
        msg = f"{reader.path} reads another alphabet than this platestream; export it again"
        raise ModelContractError(msg)
    return Networks(
        OnnxReader(reader.read_weights(), num_threads=num_threads),
        OnnxQuality(quality.read_weights(), num_threads=num_threads),
        (load_calibration(folder or WEIGHTS_DIR, arch) if calibrated else None) or least_certain,
    )


def load_detector(
    folder: Path | None = None,
    *,
    size_px: int = SIZE_PX,
    min_score: float = MIN_SCORE,
    num_threads: int = 1,
) -> OnnxDetector:
    """Load the plate detector; arguments as in `load_networks` and `OnnxDetector`."""
    weights = load_card("detector", folder or WEIGHTS_DIR).read_weights()
    return OnnxDetector(weights, size_px=size_px, min_score=min_score, num_threads=num_threads)


def choose_detector(
    name: str, folder: Path | None = None, *, size_px: int = SIZE_PX, num_threads: int = 1
) -> OnnxDetector | OpenImageModelsDetector:
    """Load our own detector (``platestream``) or one of `open-image-models` by its name.

    Raises:
        ConfigError: no such detector, or its package is not installed.
        ModelError: weights are missing or damaged.
    """
    if name == OWN_DETECTOR:
        return load_detector(folder, size_px=size_px, num_threads=num_threads)
    return OpenImageModelsDetector(name, num_threads=num_threads)
