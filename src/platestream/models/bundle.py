"""The models that work together: which weights serve which architecture."""

from dataclasses import dataclass
from pathlib import Path

from platestream.core.alphabet import CHARACTERS
from platestream.core.errors import ConfigError, ModelContractError
from platestream.models.calibration import load_calibration
from platestream.models.cards import DEFAULT_ARCH, DETECTOR_SIZE_PX, WEIGHTS_DIR, load_card
from platestream.models.detector import MIN_SCORE, OnnxDetector
from platestream.models.open_image_models import OpenImageModelsDetector
from platestream.models.quality import OnnxQuality
from platestream.models.reader import OnnxReader
from platestream.models.upright import CornerFinder, SecondLook
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.recognizer import Reader

#: Reader and quality network of each architecture. E keeps S's reader; nano is ours.
NETWORKS: dict[str, tuple[str, str]] = {
    "p": ("reader-p", "quality-p"),
    "s": ("reader-s", "quality-s"),
    "e": ("reader-s", "quality-e"),
    "nano": ("reader-nano", "quality-nano"),
}

SECOND_LOOKS = {"nano": "reader-p"}
"""Architectures whose reader looks again where it is not sure, and which other one is asked then,
see `SecondLook`; the paper's three stay as the paper has them."""

OWN_DETECTOR = "platestream"


@dataclass(frozen=True, slots=True)
class Networks:
    """The two networks the heart needs, and how sure their readings are.

    Attributes:
        read: The reader; ours looks twice where it is not sure.
        score: The quality network.
        corners: What turns a crop upright for the second look; None where none is taken.
        confidence: Calibrated for this reader where the folder has a calibration.
    """

    read: Reader
    score: OnnxQuality
    corners: CornerFinder | None = None
    confidence: Confidence = least_certain


def load_networks(
    arch: str = DEFAULT_ARCH,
    folder: Path | None = None,
    *,
    num_threads: int = 1,
    calibrated: bool = True,
) -> Networks:
    """Load reader and quality network, and what turns crops upright for a second look.

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
    reader, quality = NETWORKS[arch]
    own = _load_reader(reader, folder, num_threads)
    read: Reader = own
    corners = None
    if arch in SECOND_LOOKS:
        corners = load_corner_finder(folder, num_threads=num_threads)
        other = _load_reader(SECOND_LOOKS[arch], folder, num_threads)
        read = SecondLook(own, other, corners)
    return Networks(
        read,
        OnnxQuality(
            load_card(quality, folder or WEIGHTS_DIR).read_weights(), num_threads=num_threads
        ),
        corners,
        (load_calibration(folder or WEIGHTS_DIR, arch) if calibrated else None) or least_certain,
    )


def _load_reader(name: str, folder: Path | None, num_threads: int) -> OnnxReader:
    card = load_card(name, folder or WEIGHTS_DIR)
    if not set(card.alphabet) <= set(CHARACTERS):
        msg = f"{card.path} reads characters that this platestream does not know; update it"
        raise ModelContractError(msg)
    return OnnxReader(card.read_weights(), alphabet=card.alphabet, num_threads=num_threads)


def load_detector(
    folder: Path | None = None,
    *,
    size_px: int = DETECTOR_SIZE_PX,
    min_score: float = MIN_SCORE,
    num_threads: int = 1,
) -> OnnxDetector:
    """Load the plate detector; arguments as in `load_networks` and `OnnxDetector`."""
    weights = load_card("detector", folder or WEIGHTS_DIR).read_weights()
    return OnnxDetector(weights, size_px=size_px, min_score=min_score, num_threads=num_threads)


def load_corner_finder(folder: Path | None = None, *, num_threads: int = 1) -> CornerFinder:
    """Load what finds the plate's corners in a crop; arguments as in `load_networks`."""
    weights = load_card("corners", folder or WEIGHTS_DIR).read_weights()
    return CornerFinder(weights, num_threads=num_threads)


def choose_detector(
    name: str, folder: Path | None = None, *, size_px: int = DETECTOR_SIZE_PX, num_threads: int = 1
) -> OnnxDetector | OpenImageModelsDetector:
    """Load our own detector (``platestream``) or one of `open-image-models` by its name.

    Raises:
        ConfigError: no such detector, or its package is not installed.
        ModelError: weights are missing or damaged.
    """
    if name == OWN_DETECTOR:
        return load_detector(folder, size_px=size_px, num_threads=num_threads)
    return OpenImageModelsDetector(name, num_threads=num_threads)
