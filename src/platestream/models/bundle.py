"""The models that work together, loaded from their weights."""

from dataclasses import dataclass
from pathlib import Path

from platestream.core.alphabet import CHARACTERS
from platestream.core.detector import Detector
from platestream.core.errors import ModelContractError
from platestream.models.calibration import load_calibration
from platestream.models.cards import (
    DEFAULT_ARCH,
    DETECTOR_SIZE_PX,
    WEIGHTS_DIR,
    find_card,
    list_models,
)
from platestream.models.corners import NearerCorners
from platestream.models.detector import MIN_SCORE, OnnxDetector
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.opinion import SecondOpinion
from platestream.models.quality import OnnxQuality
from platestream.models.reader import OnnxReader
from platestream.models.registry import ARCHITECTURES
from platestream.models.stacking import Stack
from platestream.models.upright import CornerFinder, FirstLook, SecondLook
from platestream.stream.confidence import Calibration, Confidence, least_certain
from platestream.stream.recognizer import Reader
from platestream.stream.stacking import NewStack


@dataclass(frozen=True, slots=True)
class Networks:
    """The two networks the heart needs, and how sure their readings are.

    Attributes:
        read: The reader; ours looks twice where it is not sure.
        score: The quality network.
        corners: What turns a crop upright for the second look; None where none is taken.
        glance: The reader at its first look, for `second_opinion`; None where that is not fitted
            for it.
        confidence: Calibrated for this reader where the folder has a calibration.
        new_stack: What lays crops of one plate on top of each other, see `stream.stacking`.
    """

    read: Reader
    score: OnnxQuality
    corners: CornerFinder | None = None
    glance: Reader | None = None
    confidence: Confidence = least_certain
    new_stack: NewStack = Stack

    @property
    def nearer(self) -> NearerCorners | None:
        """What gives the plates of single pictures nearer corners; None where nothing does."""
        return NearerCorners(self.corners) if self.corners else None


def load_networks(
    arch: str = DEFAULT_ARCH,
    folder: Path | None = None,
    *,
    num_threads: int = 1,
    device: str = DEFAULT_DEVICE,
    calibrated: bool = True,
) -> Networks:
    """Load reader and quality network, and what turns crops upright for a second look.

    Args:
        arch: A key of `ARCHITECTURES`.
        folder: Holds weights and cards; those that it lacks, or all when omitted, are the
            package's.
        num_threads: CPU threads for one call.
        device: What they run on, one of `DEVICE_NAMES`.
        calibrated: Whether to load the confidence too.

    Raises:
        ConfigError: no such architecture.
        ModelError: weights are missing or damaged.
    """
    weights = ARCHITECTURES.choose(arch)
    own = _load_reader(weights.reader, folder, num_threads, device)
    read: Reader = own
    corners = None
    if weights.second:
        corners = load_corner_finder(folder, num_threads=num_threads, device=device)
        other = _load_reader(weights.second, folder, num_threads, device)
        read = SecondLook(own, other, corners)
    return Networks(
        read,
        OnnxQuality(
            find_card(weights.quality, folder).read_weights(),
            num_threads=num_threads,
            device=device,
        ),
        corners,
        FirstLook(own) if arch == DEFAULT_ARCH else None,
        (_calibration(arch, folder) if calibrated else None) or least_certain,
    )


def _calibration(arch: str, folder: Path | None) -> Calibration | None:
    """The folder's own; the package's where the reader is the package's too."""
    own = load_calibration(folder, arch) if folder else None
    is_own_reader = folder is not None and ARCHITECTURES[arch].reader in list_models(folder)
    return own if own or is_own_reader else load_calibration(WEIGHTS_DIR, arch)


def _load_reader(name: str, folder: Path | None, num_threads: int, device: str) -> OnnxReader:
    card = find_card(name, folder)
    if not set(card.alphabet) <= set(CHARACTERS):
        msg = f"{card.path} reads characters that this platestream does not know; update it"
        raise ModelContractError(msg)
    return OnnxReader(
        card.read_weights(), alphabet=card.alphabet, num_threads=num_threads, device=device
    )


def load_detector(
    folder: Path | None = None,
    *,
    size_px: int = DETECTOR_SIZE_PX,
    min_score: float = MIN_SCORE,
    num_threads: int = 1,
    device: str = DEFAULT_DEVICE,
) -> OnnxDetector:
    """Load the plate detector; arguments as in `load_networks` and `OnnxDetector`."""
    weights = find_card("detector", folder).read_weights()
    return OnnxDetector(
        weights, size_px=size_px, min_score=min_score, num_threads=num_threads, device=device
    )


def second_opinion(detector: Detector, networks: Networks) -> Detector:
    """A detector whose doubtful finds the networks are asked about, where that was fitted."""
    if networks.glance is None or not isinstance(detector, OnnxDetector):
        return detector
    return SecondOpinion(detector, networks.score, networks.glance, networks.corners)


def load_corner_finder(
    folder: Path | None = None, *, num_threads: int = 1, device: str = DEFAULT_DEVICE
) -> CornerFinder:
    """Load what finds the plate's corners in a crop; arguments as in `load_networks`."""
    weights = find_card("corners", folder).read_weights()
    return CornerFinder(weights, num_threads=num_threads, device=device)
