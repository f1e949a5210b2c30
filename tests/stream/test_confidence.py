"""Confidence, candidates and masks, by hand and against brute force."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platestream.core.alphabet import END, NUM_CLASSES, NUM_STEPS, decode, encode
from platestream.core.syntax import PlateFormat
from platestream.core.types import Reading, ScoredReading
from platestream.stream.confidence import (
    NUM_FEATURES,
    Calibration,
    candidates,
    features,
    least_certain,
    masked,
    text_probability,
)


def reading(text: str, *sure: float) -> Reading:
    """Each step with its own certainty, the end symbol last; the rest is spread evenly."""
    probs = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)
    for step, (index, share) in enumerate(zip(encode(text), sure, strict=False)):
        probs[step] = (1 - share) / (NUM_CLASSES - 1)
        probs[step, index] = share
    return Reading.from_probs(probs)


def test_features_by_hand() -> None:
    fused = reading("AB", 0.9, 0.8, 1.0)
    same, other = reading("AB", 0.8, 0.7, 0.9), reading("A8", 0.9, 0.5, 0.9)
    given_readings = [ScoredReading(same, 0.6), ScoredReading(other, 0.4), ScoredReading(same, 0.2)]
    odds, share, count, quality, score, fits, support = features(given_readings, fused)
    assert odds == pytest.approx(np.log(0.72 / 0.28), abs=1e-3)
    assert share == pytest.approx(0.7 * 0.8 / (0.7 * 0.8 + 0.5 * 0.4))
    assert count == pytest.approx(np.log(3))
    assert quality == 0.6
    assert score == pytest.approx(np.log(0.7 / 0.3), abs=1e-4)
    assert fits == 0  # no region has plates of two letters
    # By the first reading alone: 0.8 x 0.7 x 0.9; the other says 8 where the text has B.
    assert support == pytest.approx(np.log(0.504 / 0.496), abs=1e-4)


def test_readings_of_one_stack_are_one_witness_and_no_more_than_it() -> None:
    fused = reading("AB", 0.9, 0.8, 1.0)
    crop, look = ScoredReading(fused, 0.6), ScoredReading(fused, 0.6, looks=4)

    def count(*readings: ScoredReading) -> float:
        return float(features(readings, fused)[2])

    assert count(crop, crop) == pytest.approx(np.log(3))
    assert count(crop, crop, look, look) == pytest.approx(np.log(4))
    assert count(look, look) == pytest.approx(np.log(2))


def test_a_text_that_fits_a_region_says_so() -> None:
    assert features([], reading("AB123CD", *[0.9] * 8))[5] == 1


def test_a_plate_nobody_read_as_such_has_no_support() -> None:
    values = features([ScoredReading(reading("AX", 0.9, 0.9, 0.9), 0.5)], reading("AB", 0.9, 0.9))
    assert values[1:4].tolist() == [0, 0, 0]
    assert values.shape == (NUM_FEATURES,)


def test_a_calibration_is_a_logistic_model() -> None:
    fused = reading("AB", 0.5, 1.0, 1.0)
    calibration = Calibration(0.5, (1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0), "product")
    # Log odds 0 of a text with one half, quality 0.25.
    got = calibration([ScoredReading(fused, 0.25)], fused)
    assert got == pytest.approx(1 / (1 + np.exp(-1.0)), abs=1e-4)
    # A format that comes later, or goes, changes nothing: it looks at those it was fitted with.
    looks = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    formats = (PlateFormat("XX", ("AA",)),)
    assert Calibration(0, looks, "product", formats)([], fused) == pytest.approx(
        1 / (1 + np.exp(-1))
    )
    assert Calibration(0, looks, "product", ())([], fused) == 0.5
    assert (
        Calibration(1e6, (0.0,) * NUM_FEATURES, "product")([ScoredReading(fused, 0.25)], fused) <= 1
    )


def test_uncalibrated_is_the_least_certain_character() -> None:
    fused = reading("AB", 0.9, 0.6, 0.8)
    assert least_certain([], fused) == pytest.approx(0.6)


def test_text_probability_counts_the_end_and_nothing_after() -> None:
    assert text_probability(reading("AB", 0.9, 0.8, 0.5)) == pytest.approx(0.36)


def test_masked_characters() -> None:
    assert masked(reading("AB12", 0.9, 0.4, 0.9, 0.69, 0.9), 0.7) == "A?1?"


def test_what_is_not_the_most_probable_comes_first_all_the_same_and_shows_its_doubt() -> None:
    probs = reading("AB12", 0.9, 0.8, 0.9, 0.9, 0.9).char_probs
    agreed = replace(Reading.from_probs(probs), text="AC12")
    best = candidates(agreed, 3)
    assert [text for text, _ in best[:2]] == ["AC12", "AB12"]
    assert best[0][1] == pytest.approx(text_probability(agreed))
    assert best[0][1] < best[1][1]
    assert len(best) == 3
    assert masked(agreed, 0.6) == "A?12"


def test_candidates_by_hand() -> None:
    probs = np.full((NUM_STEPS, NUM_CLASSES), 0, np.float32)
    probs[0, encode("A")[0]] = 1
    probs[1, [*encode("B8")[:2]]] = 0.7, 0.3
    probs[2, [END, encode("1")[0]]] = 0.9, 0.1
    probs[3:, END] = 1
    best = candidates(Reading.from_probs(probs), 4)
    assert [text for text, _ in best] == ["AB", "A8", "AB1", "A81"]
    assert [prob for _, prob in best] == pytest.approx([0.63, 0.27, 0.07, 0.03], rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_candidates_against_all_texts(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Three classes in three steps: the end and two characters.
    probs = rng.dirichlet([1, 1, 1], 3).astype(np.float32)
    chances: dict[str, float] = {}
    for indices in product(range(3), repeat=3):
        ended = indices.index(END) + 1 if END in indices else 3
        if all(index == END for index in indices[ended:]):  # one way to write each text
            text = decode(indices[:ended])
            chances[text] = float(np.prod([probs[i, indices[i]] for i in range(ended)]))
    greedy = Reading.from_probs(probs)
    expected = sorted(chances.items(), key=lambda item: (item[0] != greedy.text, -item[1]))[:4]
    got = candidates(greedy, 4)
    assert [text for text, _ in got] == [text for text, _ in expected]
    assert [p for _, p in got] == pytest.approx([p for _, p in expected], rel=1e-3)


def test_no_text_is_never_sure() -> None:
    nothing = reading("", 1.0)
    assert (
        Calibration(9.0, (0.0,) * NUM_FEATURES, "any")([ScoredReading(nothing, 0.9)], nothing) == 0
    )
