"""The crops of one plate read as one picture: what is laid on the stack, and when it is read.

Choosing among frames, or combining what each of them says, throws away what no frame shows alone
and all of them show together. How pictures are laid on top of each other is not known here: a
stack comes as a plain object that takes crops and gives a picture.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from platestream.core.types import PlateCrop, Reading, Rgb, ScoredReading, Stacked

MAX_STACKS = 300
"""Plates that have a stack at a time, in one heart: each holds 0.2 MB. Others go without."""

_LEAST_ODDS = 1e-3
"""Qualities nearer to 0 or 1 are taken for this near: none is beyond doubt."""


_NO_PICTURE: Rgb = np.empty((0, 0, 3), np.uint8)


class Stack(Protocol):
    """Some crops of one plate on top of each other."""

    num_frames: int
    """Crops that are in it."""

    def add(self, rgb: Rgb, weight: float, /) -> bool:
        """Lay a crop on it; returns whether it agreed and is in."""

    def picture(self, sharpness: float = 0.0, /) -> Rgb:
        """The average of what is in it; sharpened where that is asked for."""


NewStack: TypeAlias = Callable[[], Stack]
"""Makes an empty one for a new plate."""

ReadPicture: TypeAlias = Callable[[Rgb], Reading]
"""The reader, asked for a picture that is no crop of one frame."""


@dataclass(frozen=True, slots=True)
class StackRule:
    """When a stack is read, and how much that says.

    Attributes:
        min_frames: A stack of fewer shows no more than its crops.
        first_at: So many crops in it make the first reading while the plate is in view; None for
            none before the end.
        growth: So many times the crops of the last reading make the next.
        sharpness: Of each look, as many as are taken at the end until the plate is sure; while it
            is in view only the first is.
        max_frames: No more crops are laid on it; more change nothing.
        dense_frames: From so many on every other crop is left out: neighbours show the same blur,
            and to lay one on costs as much as three looks of the quality network.
        most_looks: A reading of a stack counts as that of so many crops at most.
    """

    min_frames: int = 3
    first_at: int | None = 8
    growth: float = 4.0
    sharpness: tuple[float, ...] = (1.5, 0.0)
    max_frames: int = 64
    dense_frames: int = 8
    most_looks: float = 4.0


class PlateStack:
    """The stack of one live plate, and what was read of it last.

    Args:
        stack: An empty one.
        rule: When to read it.

    Attributes:
        readings: Of the stack as it was read last, one a look. They replace those before them: a
            stack that has grown shows all that it did.
    """

    __slots__ = (
        "_best",
        "_log_odds",
        "_num_read",
        "_num_seen",
        "_picture",
        "_rule",
        "_stack",
        "readings",
    )

    def __init__(self, stack: Stack, rule: StackRule) -> None:
        self._stack: Stack | None = stack
        self._rule = rule
        self._log_odds, self._num_seen = 0.0, 0
        self._best = (0.0, 0, 0.0)
        self._num_read, self._picture = 0, _NO_PICTURE
        self.readings: list[ScoredReading] = []

    def add(self, crop: PlateCrop, quality: float) -> None:
        """Lay a crop on the stack where it is no worse than the plate's crops are on average.

        Its weight is the odds of its quality: near 1, where most crops of a good camera lie,
        quality itself hardly tells them apart.
        """
        log_odds = _log_odds(quality)
        self._log_odds += log_odds
        self._num_seen += 1
        if self._is_spared():
            return
        is_worse = log_odds * self._num_seen < self._log_odds
        if self._stack is None or self._stack.num_frames >= self._rule.max_frames or is_worse:
            return
        if self._stack.add(crop.rgb, math.exp(log_odds)):
            self._best = max(self._best, (quality, crop.frame_index, crop.pts_s))

    def _is_spared(self) -> bool:
        """Whether the stack is so high that it does without this crop."""
        is_high = self._stack is not None and self._stack.num_frames >= self._rule.dense_frames
        return is_high and self._num_seen % 2 == 0

    @property
    def is_open(self) -> bool:
        """Whether there still is a stack."""
        return self._stack is not None

    def is_due(self) -> bool:
        """Whether it has grown enough to be read while the plate is in view."""
        if self._stack is None or self._rule.first_at is None:
            return False
        wanted = self._rule.growth * self._num_read or self._rule.first_at
        return self._stack.num_frames >= wanted

    def read(self, read: ReadPicture) -> None:
        """Take the first look at the stack as it is now, in place of those at an earlier one."""
        if self._stack is not None:
            reading = read(self._stack.picture(self._rule.sharpness[0]))
            self.readings = [self._scored(reading, self._stack)]
            self._num_read, self._picture = self._stack.num_frames, self._stack.picture()

    def read_at_end(self, read: ReadPicture) -> Iterator[None]:
        """Take the looks that the end of a plate is worth, one a step: leave it when it is sure."""
        stack = self._stack
        if stack is None or stack.num_frames < self._rule.min_frames:
            return
        if self._num_read != stack.num_frames:
            self.read(read)
            yield
        for sharpness in self._rule.sharpness[len(self.readings) :]:
            self.readings.append(self._scored(read(stack.picture(sharpness)), stack))
            yield

    def result(self) -> Stacked | None:
        """The picture that was read last, and what it said; None where none was."""
        if not self.readings:
            return None
        return Stacked(self._picture, self._num_read, tuple(self.readings))

    def let_go(self) -> None:
        """Keep what was read, and no stack: nothing more will be."""
        self._stack = None

    def _scored(self, reading: Reading, stack: Stack) -> ScoredReading:
        return ScoredReading(
            reading, *self._best, looks=min(stack.num_frames, self._rule.most_looks)
        )


class Stacks:
    """Gives the plates of one heart a stack while there is room.

    Args:
        new_stack: Makes an empty one; None for a heart that reads single crops only.
        rule: When each is read.
    """

    def __init__(self, new_stack: NewStack | None, rule: StackRule) -> None:
        self._new_stack, self._rule = new_stack, rule
        self._num_open = 0

    def open(self) -> PlateStack | None:
        """For a plate that is in doubt; None where there is no room for one more."""
        if self._new_stack is None or self._num_open >= MAX_STACKS:
            return None
        stack = PlateStack(self._new_stack(), self._rule)
        self._num_open += 1
        return stack

    def close(self, stack: PlateStack) -> None:
        """Make room again, once; what was read of it stays."""
        self._num_open -= stack.is_open
        stack.let_go()


def _log_odds(quality: float) -> float:
    quality = min(max(quality, _LEAST_ODDS), 1 - _LEAST_ODDS)
    return math.log(quality / (1 - quality))
