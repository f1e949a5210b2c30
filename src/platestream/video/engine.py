"""What finds, judges and reads plates, in one object that many sources share."""

from dataclasses import dataclass
from pathlib import Path

from platestream.core.detector import Detector
from platestream.models.cards import DEFAULT_ARCH, DETECTOR_SIZE_PX
from platestream.models.corners import Nearer
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.registry import DEFAULT_DETECTOR, choose_detector
from platestream.models.stacking import Stack
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.fusion import Fusion, best_quality
from platestream.stream.policy import Policy, record_breaking
from platestream.stream.recognizer import PlateRecognizer, Reader, Scorer
from platestream.stream.registry import DEFAULT_POLICY
from platestream.stream.rules import Rule, make_rule
from platestream.stream.stacking import NewStack

ALGORITHM_1 = Rule(record_breaking, best_quality)
"""EQ-LPR, as the paper has it."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Detector, networks and rule; sessions may be called from any thread.

    Put something of your own in with `dataclasses.replace`.

    Attributes:
        detector: Finds plates.
        score: Judges crops.
        read: Reads crops.
        confidence: How sure readings are.
        rule: When to read and how to combine; `ALGORITHM_1` when omitted.
        new_stack: What lays the crops of one plate on top of each other, for rules that read
            that; None not to.
        nearer: Gives the plates of single pictures nearer corners; None where nothing does.
    """

    detector: Detector
    score: Scorer
    read: Reader
    confidence: Confidence = least_certain
    rule: Rule = ALGORITHM_1
    new_stack: NewStack | None = Stack
    nearer: Nearer | None = None

    def recognizer(self) -> PlateRecognizer:
        """A fresh heart, for the plates of one source."""
        return self.rule.recognizer(self.score, self.read, self.confidence, self.new_stack)


def load_engine(
    *,
    arch: str = DEFAULT_ARCH,
    policy: str | Policy = DEFAULT_POLICY,
    fusion: str | Fusion | None = None,
    reads_per_s: float | None = None,
    detector: str = DEFAULT_DETECTOR,
    detector_size: int = DETECTOR_SIZE_PX,
    models: str | Path | None = None,
    num_threads: int = 1,
    device: str = DEFAULT_DEVICE,
) -> Engine:
    """Load detector, networks and rule; what is not said is as `platestream run` has it.

    Args:
        arch: Architecture of reader and quality network.
        policy: When to read.
        fusion: How readings combine; the one that goes with the policy when omitted.
        reads_per_s: Readings a second that all plates in view share; None for no limit.
        detector: What finds plates.
        detector_size: Longest side of the picture that our detector sees, pixels.
        models: Folder of weights and cards; those of the package when omitted.
        num_threads: CPU threads for each network.
        device: What networks run on, one of `DEVICE_NAMES`.

    Raises:
        ConfigError: there is no such architecture, policy, fusion, detector or device.
        ModelError: weights are missing or damaged, or the device computes something else.
    """
    from platestream.models.bundle import load_networks, second_opinion

    rule = make_rule(policy, fusion, reads_per_s)
    folder = Path(models) if models is not None else None
    networks = load_networks(arch, folder, num_threads=num_threads, device=device)
    finder = choose_detector(
        detector, folder, size_px=detector_size, num_threads=num_threads, device=device
    )
    finder = second_opinion(finder, networks)
    return Engine(
        finder,
        networks.score,
        networks.read,
        networks.confidence,
        rule,
        nearer=networks.nearer,
    )
