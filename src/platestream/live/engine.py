"""The networks and the rule that all cameras of a process share."""

from dataclasses import dataclass

from platestream.core.detector import Detector
from platestream.stream.confidence import Confidence
from platestream.stream.recognizer import Reader, Scorer
from platestream.stream.rules import Rule


@dataclass(frozen=True, slots=True)
class Engine:
    """The networks and the rule that all cameras share; sessions may be called from any thread.

    Attributes:
        detector: Finds plates.
        score: Judges crops.
        read: Reads crops.
        confidence: How sure readings are.
        rule: When to read and how to combine.
    """

    detector: Detector
    score: Scorer
    read: Reader
    confidence: Confidence
    rule: Rule
