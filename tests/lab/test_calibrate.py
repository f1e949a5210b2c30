"""Fitting and judging confidence, against data whose truth is known."""

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.errors import DataError
from platestream.core.types import Reading
from platestream.lab.calibrate import (
    Evidence,
    calibration_error,
    fit,
    gather,
    least_calibration_error,
    predict,
    refit,
    risk_coverage_area,
)
from platestream.lab.replay import RecordedTrack
from platestream.stream.confidence import NUM_FEATURES, Calibration
from platestream.stream.rules import make_rule


def logistic_evidence(num: int, seed: int) -> Evidence:
    """Right with odds exp(1 + 2 * first - second), whatever the other features."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 1, (num, NUM_FEATURES))
    chances = 1 / (1 + np.exp(-(1 + 2 * features[:, 0] - features[:, 1])))
    return Evidence(features, rng.random(num) < chances)


def test_a_fit_finds_the_model_that_made_the_data() -> None:
    calibration = fit(logistic_evidence(20_000, 1), "product")
    assert calibration.bias == pytest.approx(1, abs=0.1)
    assert calibration.weights == pytest.approx((2, -1, *[0] * (NUM_FEATURES - 2)), abs=0.1)
    fresh = logistic_evidence(5_000, 2)
    assert calibration_error(predict(calibration, fresh), fresh.right) < 0.03


def test_one_figure_is_one_prediction() -> None:
    evidence = logistic_evidence(500, 3)
    calibration = fit(evidence, "product")
    assert predict(calibration, evidence)[0] == pytest.approx(
        1 / (1 + np.exp(-(calibration.bias + evidence.features[0] @ calibration.weights)))
    )


def test_nothing_to_learn_is_refused() -> None:
    evidence = logistic_evidence(50, 4)
    with pytest.raises(DataError, match="some are right and some wrong"):
        fit(Evidence(evidence.features, np.ones(50, bool)), "product")


def test_a_few_plates_move_a_calibration_where_they_speak_and_nowhere_else() -> None:
    known = Calibration(1.0, (2.0, -1.0, -1.25, 0.0, 0.5, 0.0, 0.0), "product")
    evidence = logistic_evidence(2_000, 5)
    evidence.features[:, 2] = 0  # nothing is to be seen of the third figure
    assert refit(known, evidence).weights == pytest.approx((2, -1, -1.25, 0, 0, 0, 0), abs=0.25)
    assert refit(known, evidence).weights[2] == known.weights[2]
    # A reader that got worse is believed less, one that is always right more; neither blindly.
    wrong = Evidence(evidence.features[:20], np.zeros(20, bool))
    right = Evidence(evidence.features[:20], np.ones(20, bool))
    assert -4 < refit(known, wrong).bias < known.bias < refit(known, right).bias < 4
    assert refit(known, right).formats == known.formats


def test_plates_surely_wrong_throw_no_calibration_off() -> None:
    """Newton's method alone goes the wrong way here, and far: log odds reach 9."""
    known = Calibration(-0.2, (0.3, 1.0, -0.4, -0.4, 0.0, 0.6, 0.4), "product")
    sure = np.array([9.2, 1, 0.7, 0.9, 9.2, 1, 9.2])
    evidence = Evidence(np.tile(sure, (17, 1)), np.arange(17) < 11)
    moved = refit(known, evidence)
    assert predict(known, evidence)[0] > 0.99
    assert predict(moved, evidence)[0] == pytest.approx(11 / 17, abs=0.1)
    assert all(now <= before for now, before in zip(moved.weights, known.weights, strict=True))


def test_calibration_error_by_hand() -> None:
    confidences = np.repeat([0.1, 0.8], 50)
    right = np.array([False] * 50 + [True] * 30 + [False] * 20)
    # The first five bins say 0.1 and hold none right, the others say 0.8.
    rng = np.random.default_rng(0)
    order = np.concatenate([np.arange(50), 50 + rng.permutation(50)])
    assert calibration_error(confidences, right[order]) == pytest.approx(
        0.5 * 0.1
        + np.mean([abs(0.8 - right[order][s : s + 10].mean()) for s in range(50, 100, 10)]) / 2
    )


def test_few_plates_seem_miscalibrated_by_luck_alone() -> None:
    # Ten bins of four plates at even odds: |heads / 4 - 1/2| is 1/2 once in 8, 1/4 once in 2.
    assert least_calibration_error(np.full(40, 0.5)) == pytest.approx(3 / 16, abs=0.015)
    assert least_calibration_error(np.full(40_000, 0.5)) < 0.01
    assert least_calibration_error(np.ones(40)) == 0


def test_risk_coverage_by_hand() -> None:
    confidences, right = np.array([0.9, 0.5, 0.7]), np.array([True, False, True])
    assert risk_coverage_area(confidences, right) == pytest.approx((0 + 0 + 1 / 3) / 3)
    assert risk_coverage_area(-confidences, right) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)


def test_what_is_asked_often_counts_as_one_plate() -> None:
    once = logistic_evidence(400, 5)
    often = Evidence(
        np.concatenate([once.features, np.repeat(once.features, 3, axis=0)]),
        np.concatenate([once.right, np.repeat(once.right, 3)]),
        np.concatenate([np.full(400, 0.25), np.full(1200, 0.25)]),
        np.concatenate([np.ones(400, bool), np.zeros(1200, bool)]),
    )
    assert fit(often, "product").weights == pytest.approx(fit(once, "product").weights)
    assert len(often.at_the_end().right) == 400


def test_it_is_fitted_on_labels_as_they_are_and_judged_with_o_as_0() -> None:
    probs = np.full((NUM_STEPS, NUM_CLASSES), 0.1 / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode("AO12")] = 0.9
    reading = Reading.from_probs(probs)
    tracks = [
        RecordedTrack(text, [0.0, 0.1], [0.5, 0.6], [reading] * 2)
        for text in ("AO12", "A0I2", "AQ12")
    ]
    evidence = gather(tracks, make_rule("paper", "product"))
    assert evidence.right.tolist() == [True, True, False, False, False, False]
    assert evidence.folded.tolist() == [True, True, True, True, False, False]
    assert evidence.at_the_end().right.tolist() == [True, False, False]
    assert evidence.at_the_end().folded.tolist() == [True, True, False]
    assert Evidence(evidence.features, evidence.right).folded.tolist() == evidence.right.tolist()


def test_evidence_is_what_the_rule_knew_whenever_it_was_asked() -> None:
    probs = np.full((NUM_STEPS, NUM_CLASSES), 0.1 / (NUM_CLASSES - 1), np.float32)
    probs[np.arange(NUM_STEPS), encode("AB12")] = 0.9
    reading = Reading.from_probs(probs)
    tracks = [
        RecordedTrack(text, [0.0, 0.1, 0.2], [0.5, 0.6, 0.4], [reading] * 3)
        for text in ("AB12", "AB13")
    ]
    evidence = gather(tracks, make_rule("paper", "product"))
    # Two of three frames broke the record; both agree with the plate.
    assert evidence.right.tolist() == [True, True, False, False]
    assert evidence.weights.tolist() == [0.5] * 4
    assert evidence.is_last.tolist() == [False, True, False, True]
    np.testing.assert_allclose(evidence.features[:2], evidence.features[2:])
    assert evidence.features[0, 1:4].tolist() == pytest.approx([1, np.log(2), 0.5])
    assert evidence.features[1, 1:4].tolist() == pytest.approx([1, np.log(3), 0.6])
    end = evidence.at_the_end()
    assert end.right.tolist() == [True, False]
    assert end.features[0].tolist() == evidence.features[1].tolist()
