"""Whole rules by name: when to read, and how to combine, as a user picks them."""

from dataclasses import dataclass

from platestream.core.errors import ConfigError
from platestream.stream.confidence import Confidence, least_certain
from platestream.stream.fusion import (
    CharacterVote,
    Consensus,
    Fusion,
    MeanProbs,
    ProductProbs,
    StringVote,
    best_quality,
    by_trust,
    equally,
)
from platestream.stream.policy import (
    Budget,
    EveryKth,
    Leap,
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
        reads_per_s: Shared budget of all live streams; None for no limit.
    """

    policy: Policy
    fuse: Fusion
    read_at_end: int = 0
    reads_per_s: float | None = None

    def recognizer(
        self, score: Scorer, read: Reader, confidence: Confidence = least_certain
    ) -> PlateRecognizer:
        """A fresh heart that decides so, with a budget of its own.

        Args:
            score: The quality network.
            read: The reader.
            confidence: As fitted for the default fusion; others have distributions it does not
                know, and are told by their least certain character.
        """
        policy = self.policy if self.reads_per_s is None else Budget(self.policy, self.reads_per_s)
        if self.fuse is not FUSIONS[DEFAULT_FUSION]:
            confidence = least_certain
        return PlateRecognizer(
            score, read, policy, self.fuse, confidence, read_at_end=self.read_at_end
        )


#: Name to policy and to the number of crops kept for the end.
POLICIES: dict[str, tuple[Policy, int]] = {
    "paper": (record_breaking, 0),
    "every": (every_frame, 0),
    "every-4th": (EveryKth(4), 0),
    "first": (first_frame, 0),
    "best": (first_frame, 3),
    "worthwhile": (Worthwhile(), 0),
    "sparing": (UntilSure(Leap()), 3),
}

DEFAULT_POLICY = "sparing"

DEFAULT_FUSION = "product"

#: Name to fusion; they weigh by quality and the reader's own certainty, ``-equal`` ones do not.
FUSIONS: dict[str, Fusion] = {
    "best": best_quality,
    "string-vote": StringVote(by_trust),
    "string-vote-equal": StringVote(equally),
    "char-vote": CharacterVote(by_trust),
    "char-vote-equal": CharacterVote(equally),
    "mean": MeanProbs(by_trust),
    "mean-equal": MeanProbs(equally),
    "product": ProductProbs(by_trust),
    "product-equal": ProductProbs(equally),
    "consensus": Consensus(by_trust),
}


def make_rule(policy: str, fusion: str | None = None, reads_per_s: float | None = None) -> Rule:
    """A rule by the names a user gives; ``paper`` is Algorithm 1, fusion and all.

    Args:
        policy: A key of `POLICIES`.
        fusion: A key of `FUSIONS`; when omitted, the paper's for its policy, else the default.
        reads_per_s: See `Rule`.

    Raises:
        ConfigError: there is no such policy or fusion, or `reads_per_s` is not above 0.
    """
    if reads_per_s is not None and not reads_per_s > 0:
        msg = f"{reads_per_s:g} readings a second: give more than 0, or no limit"
        raise ConfigError(msg)
    fusion = fusion or ("best" if policy == "paper" else DEFAULT_FUSION)
    for what, name, known in (("policy", policy, POLICIES), ("fusion", fusion, FUSIONS)):
        if name not in known:
            msg = f"no {what} {name!r}; choose one of {', '.join(known)}"
            raise ConfigError(msg)
    when, read_at_end = POLICIES[policy]
    return Rule(when, FUSIONS[fusion], read_at_end, reads_per_s)
