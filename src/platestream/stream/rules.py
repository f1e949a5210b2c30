"""Whole rules: when to read, and how to combine, as a user picks them."""

from dataclasses import dataclass, replace

from platestream.core.errors import ConfigError
from platestream.stream.confidence import Calibration, Confidence, least_certain
from platestream.stream.doubt import WhileInDoubt
from platestream.stream.fusion import Fusion
from platestream.stream.policy import Budget, Policy, UntilSure
from platestream.stream.recognizer import PlateRecognizer, Reader, Scorer
from platestream.stream.registry import FUSIONS, POLICIES, PolicyChoice
from platestream.stream.stacking import NewStack, StackRule


@dataclass(frozen=True, slots=True)
class Rule:
    """How a heart decides.

    Attributes:
        policy: When to read.
        fuse: How to combine.
        read_at_end: Crops kept for the end, see `PlateRecognizer`.
        reads_per_s: Shared budget of all live streams; None for no limit.
        fusion: The name of `fuse` in the registry; empty for one of your own. A calibration names
            the fusion it was fitted for, and counts for no other.
        stacks: Whether the crops of a plate in doubt are also read as one picture.
    """

    policy: Policy
    fuse: Fusion
    read_at_end: int = 0
    reads_per_s: float | None = None
    fusion: str = ""
    stacks: bool = False

    def reading_until(self, confidence: float) -> "Rule":
        """The same, but a plate is read on until it is so sure, where the policy ever stops."""
        policy = self.policy
        if not isinstance(policy, UntilSure | WhileInDoubt) or policy.confidence >= confidence:
            return self
        return replace(self, policy=replace(policy, confidence=confidence))

    def recognizer(
        self,
        score: Scorer,
        read: Reader,
        confidence: Confidence = least_certain,
        new_stack: NewStack | None = None,
    ) -> PlateRecognizer:
        """A fresh heart that decides so, with a budget of its own.

        Args:
            score: The quality network.
            read: The reader.
            confidence: How sure a plate is. A `Calibration` fitted for another fusion does not
                know the distributions of this one: the least certain character stands in for it.
            new_stack: Makes an empty stack, for rules that read stacks; without it none does.
        """
        policy = self.policy if self.reads_per_s is None else Budget(self.policy, self.reads_per_s)
        if isinstance(confidence, Calibration) and confidence.fusion != self.fusion:
            confidence = least_certain
        # A budget is for what is read in view: there, stacks wait for the end.
        stack_rule = StackRule() if self.reads_per_s is None else StackRule(first_at=None)
        return PlateRecognizer(
            score,
            read,
            policy,
            self.fuse,
            confidence,
            read_at_end=self.read_at_end,
            new_stack=new_stack if self.stacks else None,
            stack_rule=stack_rule,
        )


def make_rule(
    policy: str | Policy, fusion: str | Fusion | None = None, reads_per_s: float | None = None
) -> Rule:
    """A rule of the names a user gives, or of your own; ``paper`` is Algorithm 1, fusion and all.

    Args:
        policy: A key of `POLICIES`, or a policy of your own.
        fusion: A key of `FUSIONS`, or a fusion of your own; when omitted, the one that goes with
            the policy.
        reads_per_s: See `Rule`.

    Raises:
        ConfigError: there is no such policy or fusion, or `reads_per_s` is not above 0.
    """
    if reads_per_s is not None and not reads_per_s > 0:
        msg = f"{reads_per_s:g} readings a second: give more than 0, or no limit"
        raise ConfigError(msg)
    when = POLICIES.choose(policy) if isinstance(policy, str) else PolicyChoice(policy)
    fusion = fusion or when.fusion
    if not isinstance(fusion, str):
        return Rule(when.policy, fusion, when.read_at_end, reads_per_s, stacks=when.stacks)
    fuse = FUSIONS.choose(fusion)
    return Rule(when.policy, fuse, when.read_at_end, reads_per_s, fusion, when.stacks)
