"""How the readings of one stream become one plate."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from platestream.core.types import Reading


@dataclass(frozen=True, slots=True)
class ScoredReading:
    """A reading and the quality of the crop it came from."""

    reading: Reading
    quality: float


class Fusion(Protocol):
    """Combines the readings made so far; there is always at least one."""

    def __call__(self, readings: Sequence[ScoredReading]) -> Reading:
        """The reading now in force."""


def best_quality(readings: Sequence[ScoredReading]) -> Reading:
    """EQ-LPR: the reading of the crop with the highest quality; of equals, the first."""
    return max(readings, key=lambda scored: scored.quality).reading
