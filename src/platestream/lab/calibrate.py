"""Fit and judge the confidence of finished plates.

Fit it on plates the reader did not train on: on its own it is nearly always sure and right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from platestream.core.errors import DataError
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.replay import RecordedTrack, StackReader, record_samples, replay_track
from platestream.models.bundle import Networks
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

NUM_BINS = 10

NUM_DRAWS = 200
"""Of outcomes, to tell what luck alone does."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule knew at the end of each track, and whether it was right.

    Attributes:
        features: ``(N, NUM_FEATURES)``.
        right: ``(N,)``.
    """

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


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
    rows, right = [], []
    for track in tracks:
        _, plate = replay_track(track, rule, confidence, read_stack)
        rows.append(features(plate.all_readings, plate.reading))
        right.append(plate.reading.text == track.text)
    return Evidence(np.array(rows).reshape(-1, NUM_FEATURES), np.array(right, bool))


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
    """Bias and weights; `penalty` is on the square of how far they are from `start`."""
    inputs = np.column_stack([np.ones(len(evidence.right)), evidence.features])
    weights = start
    for _ in range(num_steps):
        chances = 1 / (1 + np.exp(-np.clip(inputs @ weights, -30, 30)))
        slope = inputs.T @ (evidence.right - chances) - penalty @ (weights - start)
        curve = (inputs * (chances * (1 - chances))[:, None]).T @ inputs + penalty
        weights = weights + np.linalg.solve(curve, slope)
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
) -> tuple[Calibration, dict[str, dict[str, float]]]:
    """Fit the default rule's confidence on labelled streams, and judge it on others.

    Args:
        fit_on: Label files of plates the reader did not train on; all their splits.
        judge_by: Label files whose split ``dev`` tells how well it holds.
        networks: Reader and quality network.
        advance: Called after each picture.

    Returns:
        The calibration; and by folder the number of plates, the share right, the expected
        calibration error, what it would be if the confidences were true, and the area under the
        risk-coverage curve.

    Raises:
        DataError: a label file is wrong, or all plates are right, or all wrong.
        SourceError: a picture cannot be read.
    """
    rule, stacks = make_rule(DEFAULT_POLICY), StackReader(networks.read)

    def record(labels: Path, split: str | None) -> list[RecordedTrack]:
        return record_samples(read_labels(labels, split), networks.score, networks.read, advance)

    for labels in judge_by:
        if not read_labels(labels, "dev"):
            msg = f"{labels}: no rows of split dev to judge by"
            raise DataError(msg)
    tracks = [track for labels in fit_on for track in record(labels, None)]
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


def _judge(calibration: Calibration, evidence: Evidence) -> dict[str, float]:
    confidences = predict(calibration, evidence)
    return {
        "plates": len(evidence.right),
        "right": round(float(evidence.right.mean()), 4),
        "ece": round(calibration_error(confidences, evidence.right), 4),
        "ece_if_true": round(least_calibration_error(confidences), 4),
        "risk_coverage": round(risk_coverage_area(confidences, evidence.right), 4),
    }
