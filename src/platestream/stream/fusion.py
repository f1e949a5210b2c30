"""How the readings of one stream become one plate.

`best_quality` is the paper's rule. The others combine: votes count whole strings or single
characters, `MeanProbs` and `ProductProbs` combine the distributions, `Consensus` takes from their
product the best of the texts that were read. Each weighs readings by a
function of the reader's certainty and the crop's quality, and all but the string vote first set
aside the readings that disagree on what kind of plate this is, see `agreement`.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import ShapeError
from platestream.core.types import Reading, ScoredReading
from platestream.stream.agreement import agreeing

FLOOR = 1e-4
"""Least probability of a character in a product: one sure mistake must not be a veto."""

VOTE = 1.0
"""What a reading adds, in nats, to the text it says as a whole, see `Consensus`."""


class Fusion(Protocol):
    """Combines the readings made so far; there is always at least one."""

    def __call__(self, readings: Sequence[ScoredReading], /) -> Reading:
        """The reading now in force."""


Weigh: TypeAlias = Callable[[ScoredReading], float]
"""How much a reading counts, 0 or more."""


def equally(_: ScoredReading) -> float:
    """All count the same."""
    return 1.0


def by_trust(scored: ScoredReading) -> float:
    """By quality and by the reader's least certain character: neither alone sees every fault."""
    return scored.quality * scored.reading.score * scored.looks


def best_quality(readings: Sequence[ScoredReading], /) -> Reading:
    """EQ-LPR: the reading of the crop with the highest quality; of equals, the first."""
    return max(readings, key=lambda scored: scored.quality).reading


@dataclass(frozen=True, slots=True)
class StringVote:
    """The text with the most votes, in the words of its weightiest reading; of equals, the first.

    Attributes:
        weigh: Votes of a reading.
    """

    weigh: Weigh = equally

    def __call__(self, readings: Sequence[ScoredReading], /) -> Reading:
        """Count the votes."""
        votes: dict[str, float] = defaultdict(float)
        for scored in readings:
            votes[scored.reading.text] += self.weigh(scored)
        winner = max(votes, key=votes.__getitem__)
        voters = [scored for scored in readings if scored.reading.text == winner]
        return max(voters, key=self.weigh).reading


@dataclass(frozen=True, slots=True)
class CharacterVote:
    """At each place the character with the most votes.

    Attributes:
        weigh: Votes of a reading.
    """

    weigh: Weigh = equally

    def __call__(self, readings: Sequence[ScoredReading], /) -> Reading:
        """Count the votes of the readings that agree in kind; the shares are the distribution."""
        return _combined(readings, self.weigh, _ballots)


@dataclass(frozen=True, slots=True)
class MeanProbs:
    """The weighted mean of the character distributions.

    Attributes:
        weigh: Weight of a reading.
    """

    weigh: Weigh = equally

    def __call__(self, readings: Sequence[ScoredReading], /) -> Reading:
        """Average the readings that agree in kind."""
        return _combined(readings, self.weigh, _weighted_sum)


@dataclass(frozen=True, slots=True)
class ProductProbs:
    """The weighted product of the character distributions, as if the readings were independent.

    Attributes:
        weigh: Exponent of a reading, relative to the weightiest, which has 1.
    """

    weigh: Weigh = equally

    def __call__(self, readings: Sequence[ScoredReading], /) -> Reading:
        """Multiply the readings that agree in kind."""
        return _combined(readings, self.weigh, _product)


@dataclass(frozen=True, slots=True)
class Consensus:
    """Of the texts that were read, the one that the product of all and its own readings speak for.

    A product alone can patch a plate together that nobody read: one half from one look, one from
    another. That several looks spell the very same plate says more than their characters do.

    Attributes:
        weigh: Exponent in the product and share of a `VOTE`, relative to the weightiest's 1.
    """

    weigh: Weigh = equally

    def __call__(self, readings: Sequence[ScoredReading], /) -> Reading:
        """Multiply the readings that agree in kind, then choose among what they say."""
        kept, weights = _kept(readings, self.weigh)
        fused = _joined(kept, weights, _product)
        votes: dict[str, float] = defaultdict(float)
        for scored, weight in zip(kept, weights.tolist(), strict=True):
            votes[scored.reading.text] += VOTE * weight
        if len(votes) == 1:
            return fused
        said = [replace(fused, text=text) for text in votes]
        best = max(said, key=lambda r: _log_probability(r.text_probs) + votes[r.text])
        return replace(best, score=float(best.text_probs.min()))


_Probs: TypeAlias = NDArray[np.float32]


def _combined(
    readings: Sequence[ScoredReading], weigh: Weigh, combine: Callable[[_Probs, _Probs], _Probs]
) -> Reading:
    """Set other plates aside, then combine what is left, see `_joined`."""
    return _joined(*_kept(readings, weigh), combine)


def _joined(
    kept: Sequence[ScoredReading], weights: _Probs, combine: Callable[[_Probs, _Probs], _Probs]
) -> Reading:
    """Combine readings of one kind; one alone stays as it is.

    Args:
        kept: K readings.
        weights: Of each, ``(K,)``.
        combine: From ``char_probs`` ``(K, T, C)`` and weights to ``(T, C)``, whose rows need not
            sum to 1.
    """
    if len(kept) == 1:
        return kept[0].reading
    fused = combine(np.stack([scored.reading.char_probs for scored in kept]), weights)
    return Reading.from_probs(_normalized(fused))


def _weighted_sum(probs: _Probs, weights: _Probs) -> _Probs:
    return np.asarray(np.tensordot(weights, probs, axes=1), np.float32)


def _ballots(probs: _Probs, weights: _Probs) -> _Probs:
    return _weighted_sum(np.eye(probs.shape[2], dtype=np.float32)[probs.argmax(axis=2)], weights)


def _product(probs: _Probs, weights: _Probs) -> _Probs:
    total = _weighted_sum(np.log(np.maximum(probs, FLOOR)), weights)
    return np.asarray(np.exp(total - total.max(axis=1, keepdims=True)), np.float32)


def _log_probability(probs: _Probs) -> float:
    """Of all of them together; what is too small for a number is as good as the smallest."""
    return float(np.log(np.maximum(probs, np.finfo(np.float32).tiny)).sum())


def _kept(
    readings: Sequence[ScoredReading], weigh: Weigh
) -> tuple[list[ScoredReading], NDArray[np.float32]]:
    """The readings of the weightiest kind of plate, and their weights, the largest being 1.

    Raises:
        ShapeError: they come from readers with different alphabets or lengths.
    """
    shapes = {scored.reading.char_probs.shape for scored in readings}
    if len(shapes) > 1:
        msg = f"readings of one plate have char_probs of shapes {shapes}; use one reader a stream"
        raise ShapeError(msg)
    weights = np.array([weigh(scored) for scored in readings], np.float64)
    weights = weights / weights.max() if weights.max() > 0 else np.ones(len(readings))
    kept = agreeing([scored.reading.text for scored in readings], weights.tolist())
    weights = weights[kept] / weights[kept].max()
    return [readings[i] for i in kept], weights.astype(np.float32)


def _normalized(probs: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(probs / probs.sum(axis=1, keepdims=True), np.float32)
