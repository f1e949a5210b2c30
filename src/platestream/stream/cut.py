"""Plates of which a part is missing: what is left of them reads as surely as a whole plate.

``ABC123`` at the picture's edge becomes ``C123``, and nothing in the reading tells. So a crop that
may be cut counts for next to nothing beside whole ones, and alone makes no sure plate.
"""

from collections.abc import Sequence
from typing import Final

from platestream.core.types import PlateCrop, ScoredReading

CUT_QUALITY: Final = 0.05
"""Most that a crop which may be cut is worth: any whole one is better."""

CUT_CONFIDENCE: Final = 0.45
"""Most that a plate is sure of which nothing but cut crops were read."""


def worth(quality: float, crop: PlateCrop) -> float:
    """What a crop's quality, 0..1, is worth: next to nothing where the crop may be cut."""
    return min(quality, CUT_QUALITY) if crop.is_cut else quality


def that_count(readings: Sequence[ScoredReading]) -> Sequence[ScoredReading]:
    """Readings of whole crops; all of them where there are none."""
    return [scored for scored in readings if not scored.is_cut] or readings


def capped(confidence: float, readings: Sequence[ScoredReading]) -> float:
    """How sure a plate is of which these readings count, see `that_count`."""
    is_cut = any(scored.is_cut for scored in readings)
    return min(confidence, CUT_CONFIDENCE) if is_cut else confidence
