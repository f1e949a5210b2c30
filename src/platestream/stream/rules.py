"""Whole rules by name: when to read, and how to combine, as a user picks them."""

from collections.abc import Callable
from dataclasses import dataclass

from platestream.core.errors import ConfigError
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.fusion import (
    CharacterVote,
    Fusion,
    MeanProbs,
    ProductProbs,
    StringVote,
    best_quality,
    by_trust,
)
from platestream.stream.policy import (
    EveryKth,
    Policy,
    UntilSure,
    Worthwhile,
    every_frame,
    first_frame,
    record_breaking,
)
from platestream.stream.recognizer import PlateRecognizer, Reader, Scorer


@dataclass(frozen=True, slots=True)
class Rule:
    """How a heart decides.

    Attributes:
        policy: When to read.
        fuse: How to combine.
        read_at_end: Crops kept for the end, see `PlateRecognizer`.
    """

    policy: Policy
    fuse: Fusion
    read_at_end: int = 0

    def recognizer(
        self, score: Scorer, read: Reader, confidence: Confidence = least_certain
    ) -> PlateRecognizer:
        """A fresh heart that decides so."""
        return PlateRecognizer(
            score, read, self.policy, self.fuse, confidence, read_at_end=self.read_at_end
        )


#: Name to policy and to the number of crops kept for the end.
POLICIES: dict[str, Callable[[], tuple[Policy, int]]] = {
    "paper": lambda: (record_breaking, 0),
    "every": lambda: (every_frame, 0),
    "every-4th": lambda: (EveryKth(4), 0),
    "first": lambda: (first_frame, 0),
    "best": lambda: (first_frame, 3),
    "worthwhile": lambda: (UntilSure(Worthwhile()), 2),
}

DEFAULT_POLICY = "paper"

#: Name to fusion; those that weigh do so by quality and the reader's own certainty.
FUSIONS: dict[str, Fusion] = {
    "best": best_quality,
    "string-vote": StringVote(by_trust),
    "char-vote": CharacterVote(by_trust),
    "mean": MeanProbs(by_trust),
    "product": ProductProbs(by_trust),
}


def make_rule(policy: str, fusion: str | None = None) -> Rule:
    """A rule by the names a user gives; ``paper`` is Algorithm 1, fusion and all.

    Args:
        policy: A key of `POLICIES`.
        fusion: A key of `FUSIONS`; when omitted, the paper's for its policy, else ``product``.

    Raises:
        ConfigError: there is no such policy or fusion.
    """
    fusion = fusion or ("best" if policy == "paper" else "product")
    for what, name, known in (("policy", policy, POLICIES), ("fusion", fusion, FUSIONS)):
        if name not in known:
            msg = f"no {what} {name!r}; choose one of {', '.join(known)}"
            raise ConfigError(msg)
    when, read_at_end = POLICIES[policy]()
    return Rule(when, FUSIONS[fusion], read_at_end)
