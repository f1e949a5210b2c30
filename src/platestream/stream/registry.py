"""What a user may choose by name: when to read, and how to combine what was read.

A new policy or fusion is a file beside the others and a line here; see ``docs/extending.md``.
"""

from dataclasses import dataclass

from platestream.core.choices import Choices
from platestream.stream.doubt import WhileInDoubt
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
    EveryKth,
    Leap,
    Policy,
    UntilSure,
    Worthwhile,
    every_frame,
    first_frame,
    record_breaking,
)

DEFAULT_POLICY = "stacking"
DEFAULT_FUSION = "product"


@dataclass(frozen=True, slots=True)
class PolicyChoice:
    """A policy and what goes with it.

    Attributes:
        policy: When to read.
        read_at_end: Crops kept for the end, see `PlateRecognizer`.
        fusion: The fusion it takes unless told otherwise, a key of `FUSIONS`.
        stacks: Whether the crops of a plate in doubt are also read as one picture, see `stacking`.
    """

    policy: Policy
    read_at_end: int = 0
    fusion: str = DEFAULT_FUSION
    stacks: bool = False


POLICIES: Choices[PolicyChoice] = Choices(
    "policy",
    {
        "paper": PolicyChoice(record_breaking, fusion="best"),
        "every": PolicyChoice(every_frame),
        "every-4th": PolicyChoice(EveryKth(4)),
        "first": PolicyChoice(first_frame),
        "best": PolicyChoice(first_frame, read_at_end=3),
        "worthwhile": PolicyChoice(Worthwhile()),
        "sparing": PolicyChoice(UntilSure(Leap()), read_at_end=3),
        "stacking": PolicyChoice(WhileInDoubt(0.1, 0.4, 2.0), read_at_end=1, stacks=True),
        "in-doubt": PolicyChoice(WhileInDoubt(), read_at_end=3),
    },
)
"""When to read."""

FUSIONS: Choices[Fusion] = Choices(
    "fusion",
    {
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
    },
)
"""How to combine; they weigh by quality and the reader's own certainty, ``-equal`` ones do not."""
