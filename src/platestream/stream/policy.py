"""When to read. A policy sees one stream's past and the new crop's quality, and decides."""

from typing import Protocol


class Policy(Protocol):
    """Decides whether a crop is worth the reader's time."""

    def __call__(self, quality: float, past: "Past") -> bool:
        """Whether to read the crop that scored `quality`."""


class Past(Protocol):
    """What a policy may know of the stream so far; all of it excludes the new crop."""

    @property
    def best_quality(self) -> float:
        """The highest quality so far; minus infinity before the first crop."""

    @property
    def num_frames(self) -> int:
        """Crops seen so far."""

    @property
    def num_read(self) -> int:
        """Crops read so far."""


def record_breaking(quality: float, past: Past) -> bool:
    """EQ-LPR, Algorithm 1: read the first crop, then each that beats the best so far."""
    return quality > past.best_quality
