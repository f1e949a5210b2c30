"""Fit and judge how sure plates are, while they are in view and when they have left.

Fit it on plates the reader did not train on: on its own it is nearly always sure and right.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import DataError
from platestream.core.metrics import fold
from platestream.core.types import Reading, ScoredReading
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.replay import RecordedTrack, StackReader, record_samples, replay_track
from platestream.models.bundle import Networks
from platestream.models.calibration import save_calibration
from platestream.stream.confidence import (
    NUM_FEATURES,
    Calibration,
    Confidence,
    features,
    least_certain,
)
from platestream.stream.registry import DEFAULT_POLICY
from platestream.stream.rules import Rule, make_rule

RIDGE = 1.0
"""Penalty on the squared weights: six figures of a few hundred plates agree with each other."""

KNOWN_RIDGE = 10.0
"""The same on how far a calibration of thousands of plates is moved by a hundred others."""

MAX_HALVINGS = 20
"""Of a step of the fit; one that is no good even then is none at all."""

NUM_BINS = 10

NUM_DRAWS = 200
"""Of outcomes, to tell what luck alone does."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule knew each time that it was asked how sure it is, and whether it was right.

    Attributes:
        features: ``(N, NUM_FEATURES)``.
        right: ``(N,)``, in every character.
        weights: ``(N,)``, those of a track add up to 1: however often it is asked of a plate that
            stands there, it is one plate. All 1 when omitted.
        is_last: ``(N,)``, whether it is what the track ended with; all are when omitted.
        folded: ``(N,)``, right but for what labels of many sets mix, see `fold`. They are judged
            by it; the fit takes doubtful labels at their word, which is the careful side. `right`
            when omitted.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    weights: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    is_last: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    folded: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    def __post_init__(self) -> None:
        if not len(self.weights):
            object.__setattr__(self, "weights", np.ones(len(self.right)))
        if not len(self.is_last):
            object.__setattr__(self, "is_last", np.ones(len(self.right), bool))
        if not len(self.folded):
            object.__setattr__(self, "folded", self.right)

    def at_the_end(self) -> "Evidence":
        """What tracks ended with."""
        last = self.is_last
        return Evidence(self.features[last], self.right[last], folded=self.folded[last])


def gather(
    tracks: Sequence[RecordedTrack],
    rule: Rule,
    confidence: Confidence = least_certain,
    read_stack: StackReader | None = None,
) -> Evidence:
    """Replay a rule on labelled tracks.

    Args:
        tracks: With labels.
        rule: The one that confidence is for.
        confidence: What the rule stops by while evidence is gathered.
        read_stack: See `replay`.
    """
    asked = _Asked(confidence)
    rows: list[NDArray[np.float64]] = []
    right: list[bool] = []
    weights: list[float] = []
    is_last: list[bool] = []
    folded: list[bool] = []
    for track in tracks:
        asked.moments.clear()
        replay_track(track, rule, asked, read_stack)
        num = len(asked.moments)
        rows += [moment for moment, _ in asked.moments]
        right += [text == track.text for _, text in asked.moments]
        folded += [fold(text) == fold(track.text) for _, text in asked.moments]
        weights += [1 / num] * num
        is_last += [False] * (num - 1) + [True]
    return Evidence(
        np.array(rows).reshape(-1, NUM_FEATURES),
        np.array(right, bool),
        np.array(weights),
        np.array(is_last, bool),
        np.array(folded, bool),
    )


class _Asked:
    """A confidence that remembers what it was asked."""

    def __init__(self, confidence: Confidence) -> None:
        self._confidence = confidence
        self.moments: list[tuple[NDArray[np.float64], str]] = []

    def __call__(self, readings: Sequence[ScoredReading], fused: Reading) -> float:
        self.moments.append((features(readings, fused), fused.text))
        return self._confidence(readings, fused)


def fit(evidence: Evidence, fusion: str, num_steps: int = 50) -> Calibration:
    """Logistic regression by Newton's method, with a ridge on the weights.

    Args:
        evidence: What was known of labelled plates.
        fusion: The name of the fusion that the evidence was gathered with.
        num_steps: Newton steps.

    Raises:
        DataError: all plates are right, or all wrong.
    """
    if evidence.right.all() or not evidence.right.any():
        msg = "a confidence is fitted on plates of which some are right and some wrong"
        raise DataError(msg)
    penalty = RIDGE * np.diag([0.0] + [1.0] * NUM_FEATURES)
    weights = _newton(evidence, np.zeros(NUM_FEATURES + 1), penalty, num_steps)
    return Calibration(float(weights[0]), tuple(weights[1:].tolist()), fusion)


def refit(known: Calibration, evidence: Evidence, num_steps: int = 50) -> Calibration:
    """Move a calibration as far as a few plates speak for it.

    What they say nothing of stays: of single pictures none tells what ten that agree are worth.

    Args:
        known: What is true of the reader as it was.
        evidence: Of the reader as it is now; all may be right.
        num_steps: Newton steps.
    """
    start = np.array([known.bias, *known.weights])
    weights = _newton(evidence, start, KNOWN_RIDGE * np.eye(len(start)), num_steps)
    return replace(known, bias=float(weights[0]), weights=tuple(weights[1:].tolist()))


def _newton(
    evidence: Evidence,
    start: NDArray[np.float64],
    penalty: NDArray[np.float64],
    num_steps: int,
) -> NDArray[np.float64]:
    """Bias and weights; `penalty` is on the square of how far they are from `start`.

    A step that overshoots is halved: sure plates that are wrong throw Newton's method far off.
    """
    inputs = np.column_stack([np.ones(len(evidence.right)), evidence.features])

    def cost(weights: NDArray[np.float64]) -> float:
        log_odds, moved = inputs @ weights, weights - start
        losses = np.logaddexp(0, log_odds) - evidence.right * log_odds
        return float(evidence.weights @ losses + moved @ penalty @ moved / 2)

    weights = start
    for _ in range(num_steps):
        chances = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (evidence.weights * (evidence.right - chances))
        slope -= penalty @ (weights - start)
        spread = evidence.weights * chances * (1 - chances)
        curve = (inputs * spread[:, None]).T @ inputs + penalty
        step = np.linalg.solve(curve, slope)
        for _ in range(MAX_HALVINGS):
            if cost(weights + step) <= cost(weights):
                weights = weights + step
                break
            step = step / 2
    return np.asarray(weights, np.float64)


def predict(calibration: Calibration, evidence: Evidence) -> NDArray[np.float64]:
    """Confidence of each plate."""
    log_odds = calibration.bias + evidence.features @ np.array(calibration.weights)
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))), np.float64)


def calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equally filled bins (Naeini et al., 2015)."""
    order = np.argsort(confidences, kind="stable")
    bins = [rows for rows in np.array_split(order, NUM_BINS) if len(rows)]
    gaps = [len(rows) * abs(confidences[rows].mean() - right[rows].mean()) for rows in bins]
    return float(sum(gaps) / len(right))


def least_calibration_error(confidences: NDArray[np.float64]) -> float:
    """What `calibration_error` would show on average if the confidences were true.

    Few plates differ from their chances by luck alone: 40 of them by some 0.1.
    """
    rng = np.random.default_rng(0)
    draws = rng.random((NUM_DRAWS, len(confidences))) < confidences
    return float(np.mean([calibration_error(confidences, right) for right in draws]))


def risk_coverage_area(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Area under the risk-coverage curve: mean error among the surest 1, 2, ... N plates."""
    ordered = right[np.argsort(-confidences, kind="stable")]
    return float(np.mean(1 - np.cumsum(ordered) / np.arange(1, len(ordered) + 1)))


def fit_and_judge(
    fit_on: Sequence[Path],
    judge_by: Sequence[Path],
    networks: Networks,
    advance: Callable[[], None],
    without: Collection[str] = (),
) -> tuple[Calibration, dict[str, dict[str, float]]]:
    """Fit the default rule's confidence on labelled streams, and judge it on others.

    Args:
        fit_on: Label files of plates the reader did not train on; all their splits.
        judge_by: Label files whose split ``dev`` tells how well it holds.
        networks: Reader and quality network.
        advance: Called after each picture.
        without: Texts of plates not to fit on, see `labelled_by_readers`.

    Returns:
        The calibration; and by folder the number of plates; of what they ended with the share
        right, the expected calibration error, what it would be if the confidences were true, and
        the area under the risk-coverage curve; and the error while they were in view. O and 0, I
        and 1 count as the same in these, and in the last, the error again, they do not.

    Raises:
        DataError: a label file is wrong, or all plates are right, or all wrong.
        SourceError: a picture cannot be read.
    """
    rule, stacks = make_rule(DEFAULT_POLICY), StackReader(networks.read)

    def record(
        labels: Path, split: str | None, without: Collection[str] = ()
    ) -> list[RecordedTrack]:
        samples = [s for s in read_labels(labels, split) if s.text not in without]
        return record_samples(samples, networks.score, networks.read, advance, lazily=True)

    for labels in judge_by:
        if not read_labels(labels, "dev"):
            msg = f"{labels}: no rows of split dev to judge by"
            raise DataError(msg)
    tracks = [track for labels in fit_on for track in record(labels, None, without)]
    # The rule stops reading where it is sure, so what is known at the end depends on the
    # confidence: the first fit tells where it will stop, the second what that is worth.
    first = fit(gather(tracks, rule, read_stack=stacks), rule.fusion)
    evidence = gather(tracks, rule, first, stacks)
    calibration = fit(evidence, rule.fusion)
    figures = {"fitted on": _judge(calibration, evidence)}
    for labels in judge_by:
        folder = labels.parent if labels.is_file() else labels
        name = folder.name if folder.name not in figures else "/".join(folder.parts[-2:])
        figures[name] = _judge(
            calibration, gather(record(labels, "dev"), rule, calibration, stacks)
        )
    return calibration, figures


def save_fitted(
    calibration: Calibration,
    figures: Mapping[str, Mapping[str, float]],
    arch: str,
    out: Path,
    fitted_by: str,
) -> None:
    """Write a calibration into a folder of weights, with what `fit_and_judge` says of it.

    Args:
        calibration: It.
        figures: How well it holds.
        arch: Whose it is.
        out: The folder.
        fitted_by: The command, as the file tells it.
    """
    rows = ((name, ", ".join(f"{k} {v}" for k, v in row.items())) for name, row in figures.items())
    about = [f"Fitted by {fitted_by}, judged on split dev.", *(f"{n}: {row}" for n, row in rows)]
    save_calibration(calibration, arch, out, "\n".join(about))


def _judge(calibration: Calibration, evidence: Evidence) -> dict[str, float]:
    end, in_view = evidence.at_the_end(), predict(calibration, evidence)
    confidences = predict(calibration, end)
    return {
        "plates": len(end.right),
        "right": round(float(end.folded.mean()), 4),
        "ece": round(calibration_error(confidences, end.folded), 4),
        "ece_if_true": round(least_calibration_error(confidences), 4),
        "risk_coverage": round(risk_coverage_area(confidences, end.folded), 4),
        "ece_in_view": round(calibration_error(in_view, evidence.folded), 4),
        "ece_unfolded": round(calibration_error(confidences, end.right), 4),
    }
