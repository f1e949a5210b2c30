"""How sure a plate is: the calibrated probability that every character of it is right.

A reader's own score says how sure one look is, and is often sure of a blur. What is known at the
end is more: how the fused distribution looks, how many readings agree, how good their crops were.
A logistic model of these few figures is fitted on plates the reader never saw (Platt, 1999; one
fit for the whole plate, not per character).
"""

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from platestream.core.alphabet import END, MAX_PLATE_CHARS, decode
from platestream.core.syntax import FORMATS, PlateFormat, is_written_as
from platestream.core.types import Reading, ScoredReading
from platestream.stream.fusion import by_trust

Confidence: TypeAlias = Callable[[Sequence[ScoredReading], Reading], float]
"""Readings and what they were fused into, to a probability."""

MIN_CONFIDENCE = 0.3
"""Below this a plate is a guess, and nothing is reported."""

MASK_BELOW = 0.6
"""Characters less probable than this are masked."""

NUM_FEATURES = 7

BRANCHES = 6
"""Characters of each place that candidates are made of: the most probable ones."""

MAX_EXPANSIONS = 3000
"""Of the search for candidates: a reading of pure noise has too many to look at."""


def least_certain(_: Sequence[ScoredReading], fused: Reading) -> float:
    """Not calibrated: the fused reading's least certain character."""
    return fused.score


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic model of `features`, and what it was fitted for.

    Attributes:
        bias: Log odds of a plate whose features are all 0.
        weights: One for each feature.
        fusion: The fusion it was fitted for, by its name; of others it knows nothing.
        formats: What plates looked like when it was fitted. It keeps to those: a region that is
            added or corrected later changes no confidence.
    """

    bias: float
    weights: tuple[float, ...]
    fusion: str
    formats: tuple[PlateFormat, ...] = field(default=FORMATS, repr=False)

    def __call__(self, readings: Sequence[ScoredReading], fused: Reading) -> float:
        """The probability that the fused text is right in every character; 0 of no text."""
        if not fused.text:
            return 0.0
        log_odds = self.bias + float(np.dot(self.weights, features(readings, fused, self.formats)))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def features(
    readings: Sequence[ScoredReading], fused: Reading, formats: Iterable[PlateFormat] = FORMATS
) -> NDArray[np.float64]:
    """What the calibration looks at: ``(NUM_FEATURES,)``.

    In order: log odds of the fused text as a whole; share of trust in readings that say exactly
    the fused text; logarithm of the number of witnesses among them; the best quality among them;
    log odds of the best of their own scores; 1 where the text is written as one of `formats`, else
    0; log odds of the fused text in the reading that supports it most.

    The last one is what a single look is worth: a product of looks that show the same blur is surer
    than they are. Readings of one stack are one witness, see `stacking`.
    """
    same = [scored for scored in readings if scored.reading.text == fused.text]
    num_witnesses = sum(scored.looks == 1 for scored in same)
    num_witnesses += any(scored.looks > 1 for scored in same)
    trust = sum(by_trust(scored) for scored in readings)
    share = sum(by_trust(scored) for scored in same) / trust if trust > 0 else 0.0
    return np.array(
        [
            _log_odds(text_probability(fused)),
            share,
            math.log1p(num_witnesses),
            max((scored.quality for scored in same), default=0.0),
            _log_odds(max((scored.reading.score for scored in same), default=0.0)),
            float(is_written_as(fused.text, formats)),
            _log_odds(max((_support(s.reading, fused) for s in readings), default=0.0)),
        ]
    )


def text_probability(reading: Reading) -> float:
    """Probability of the whole text and its end, as if characters were independent."""
    return float(np.prod(reading.text_probs, dtype=np.float64))


def candidates(reading: Reading, num: int = 5) -> list[tuple[str, float]]:
    """The reading's text, then the other most probable ones, and their probabilities.

    Probabilities are those of the reading's own distribution; they add up to 1 over all texts.
    A text that readings agree on may be less probable than one that is patched together of them.

    Args:
        reading: With ``char_probs`` ``(T, C)``.
        num: How many at most; a reading of pure noise may have fewer worth naming.
    """
    # Uniform-cost search over prefixes: whole texts come off the queue in order.
    best = np.argsort(-reading.char_probs, axis=1, kind="stable")[:, :BRANCHES]
    queue: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    found: dict[str, float] = {}
    for _ in range(MAX_EXPANSIONS):
        if not queue or len(found) == num:
            break
        cost, prefix = heapq.heappop(queue)
        if len(prefix) == len(best) or (prefix and prefix[-1] == END):
            found.setdefault(decode(prefix[:MAX_PLATE_CHARS]), math.exp(-cost))
            continue
        for index in best[len(prefix)]:
            chance = float(reading.char_probs[len(prefix), index])
            if chance > 0:
                heapq.heappush(queue, (cost - math.log(chance), (*prefix, int(index))))
    text = reading.text
    own = {text: found.pop(text, text_probability(reading))} if text else {}
    return list((own | found).items())[:num]


def masked(reading: Reading, min_prob: float = MASK_BELOW) -> str:
    """The text with ``?`` for every character that is less probable than `min_prob`."""
    return "".join(
        character if prob >= min_prob else "?"
        for character, prob in zip(reading.text, reading.text_probs, strict=False)
    )


def _support(reading: Reading, fused: Reading) -> float:
    """How probable the fused text and its end are by one reading alone."""
    steps = fused.char_probs.argmax(axis=1)[: len(fused.text) + 1]
    if reading.char_probs.shape != fused.char_probs.shape:
        return 0.0
    return float(np.prod(reading.char_probs[np.arange(len(steps)), steps], dtype=np.float64))


def _log_odds(probability: float) -> float:
    probability = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(probability / (1 - probability))
