"""When to read. A policy sees one stream's past and the new crop's quality, and decides.

`record_breaking` is the paper's. `Leap` and `Worthwhile` are ours: a reading is worth its time when
the crop is far better than those that were read, or as far as the plate is still in doubt and the
crop is likely to settle it. `UntilSure` and `Budget` wrap any other policy.
"""

import math
from dataclasses import dataclass, field
from typing import Protocol

SURE = 0.95
"""Confidence from which on another reading is not worth its time."""


class Policy(Protocol):
    """Decides whether a crop is worth the reader's time."""

    def __call__(self, quality: float, past: "Past", /) -> bool:
        """Whether to read the crop that scored `quality`."""


class Past(Protocol):
    """What a policy may know of the stream so far; all but `now_s` excludes the new crop."""

    @property
    def now_s(self) -> float:
        """Time of the new crop, seconds from the source's start."""

    @property
    def best_quality(self) -> float:
        """The highest quality so far; minus infinity before the first crop."""

    @property
    def best_read_quality(self) -> float:
        """The highest quality of those that were read; minus infinity before the first."""

    @property
    def num_frames(self) -> int:
        """Crops seen so far."""

    @property
    def num_read(self) -> int:
        """Crops read so far."""

    @property
    def num_since_read(self) -> int:
        """Crops seen since the last one that was read."""

    @property
    def last_read_s(self) -> float:
        """Time of the last crop that was read; minus infinity before the first."""

    @property
    def confidence(self) -> float:
        """That the reading now in force is right, 0..1; 0 before the first."""


def record_breaking(quality: float, past: Past, /) -> bool:
    """EQ-LPR, Algorithm 1: read the first crop, then each that beats the best so far.

    The best so far is always one that was read; where a `Budget` refused one, it is not, and the
    next as good is read in its place.
    """
    return quality > past.best_read_quality


def every_frame(_quality: float, _past: Past, /) -> bool:
    """Read everything: the most that can be known, at the highest price."""
    return True


def first_frame(_quality: float, past: Past, /) -> bool:
    """Read the first crop only."""
    return past.num_read == 0


@dataclass(frozen=True, slots=True)
class EveryKth:
    """Read every k-th crop.

    Attributes:
        k: 1 reads all.
    """

    k: int

    def __call__(self, _quality: float, past: Past, /) -> bool:
        """Whether it is the first crop, or k crops after one that was read."""
        return past.num_frames % self.k == 0


@dataclass(frozen=True, slots=True)
class Leap:
    """Read a crop that beats the best one read by a margin: Algorithm 1 without its small steps.

    A plate that comes nearer is a little better in every frame; a reading of each brings nothing.

    Attributes:
        margin: By which quality must rise.
    """

    margin: float = 0.1

    def __call__(self, quality: float, past: Past, /) -> bool:
        """Whether the crop beats the best one read by the margin."""
        return quality > past.best_read_quality + self.margin


@dataclass(frozen=True, slots=True)
class Worthwhile:
    """Read when the doubt that is left, times the chance that this crop settles it, is worth it.

    Neighbouring frames show the same blur, so a crop right after one that was read brings little:
    what it may gain grows with the crops seen since.

    Attributes:
        min_gain: Least (1 - confidence) * quality * freshness, 0..1.
        gap: Crops after which a new look is two thirds as good as one from elsewhere.
    """

    min_gain: float = 0.1
    gap: float = 4.0

    def __call__(self, quality: float, past: Past, /) -> bool:
        """Whether doubt times quality times freshness is at least `min_gain`."""
        freshness = 1 - math.exp(-(past.num_since_read + 1) / self.gap)
        if quality > past.best_quality:
            freshness = 1.0
        return (1 - past.confidence) * quality * freshness >= self.min_gain


@dataclass(frozen=True, slots=True)
class UntilSure:
    """Another policy, until the reading in force is sure: parked cars cost nothing after that.

    Attributes:
        policy: Decides before.
        confidence: A plain threshold on that of the reading in force.
    """

    policy: Policy
    confidence: float = SURE

    def __call__(self, quality: float, past: Past, /) -> bool:
        """Ask the other policy only where there is doubt."""
        return past.confidence < self.confidence and self.policy(quality, past)


@dataclass(slots=True)
class Budget:
    """Another policy within so many readings a second over all live streams (a token bucket).

    The first crop of a stream is always read, so that every frame has a reading; it counts too.

    Attributes:
        policy: Decides while there is budget.
        reads_per_s: Readings a second in the long run.
        burst: Readings that may be saved up.
    """

    policy: Policy
    reads_per_s: float
    burst: float = 5.0
    _saved: float = field(init=False)
    _last_s: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        self._saved = self.burst

    def __call__(self, quality: float, past: Past, /) -> bool:
        """Spend one reading where there is one."""
        passed_s = max(0.0, past.now_s - self._last_s)
        self._saved = min(self.burst, self._saved + passed_s * self.reads_per_s)
        self._last_s = max(self._last_s, past.now_s)
        if past.num_read and not (self._saved >= 1 and self.policy(quality, past)):
            return False
        self._saved -= 1
        return True
