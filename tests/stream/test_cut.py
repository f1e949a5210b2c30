"""Plates that the picture's edge cuts: what is left of them never wins over the whole."""

from dataclasses import replace

import numpy as np
import pytest
from tests.stream.plates import make_reading

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS, encode
from platestream.core.types import PlateCrop, Reading, Rgb
from platestream.stream.cut import CUT_CONFIDENCE, CUT_QUALITY
from platestream.stream.fusion import ProductProbs, by_trust
from platestream.stream.passages import is_same_passage, merge
from platestream.stream.policy import Leap, UntilSure
from platestream.stream.recognizer import PlateRecognizer

TEXTS = {1: "MV59", 2: "BIMV59", 3: "BIMV59"}


def read(rgb: Rgb) -> Reading:
    """Every text is read surely: that of the crop's red."""
    probs = np.full((NUM_STEPS, NUM_CLASSES), 0.01 / NUM_CLASSES, np.float32)
    steps = encode(TEXTS[int(rgb[0, 0, 0])])[:NUM_STEPS]
    probs[np.arange(len(steps)), steps] += 0.99
    return Reading.from_probs(probs)


def score(_: Rgb) -> float:
    return 0.9


def crop(frame: int, text: int, *, is_cut: bool, track_id: int = 1) -> PlateCrop:
    rgb = np.full((8, 24, 3), text, np.uint8)
    return PlateCrop(track_id, frame, frame / 25, (0, 0, 24, 8), rgb, is_cut=is_cut)


def recognizer() -> PlateRecognizer:
    return PlateRecognizer(score, read, UntilSure(Leap()), ProductProbs(by_trust), read_at_end=3)


def test_the_whole_plate_is_waited_for() -> None:
    heart = recognizer()
    for frame in range(10):
        decision = heart.push(crop(frame, 1, is_cut=True))
    assert decision.reading.text == "MV59"
    assert decision.confidence <= CUT_CONFIDENCE
    assert decision.best_quality == CUT_QUALITY
    decision = heart.push(crop(10, 2, is_cut=False))
    assert decision.was_read
    assert decision.reading.text == "BIMV59"
    assert decision.confidence > 0.9
    plate = heart.end(1)
    assert (plate.reading.text, plate.is_cut) == ("BIMV59", False)
    assert not plate.best_crop.is_cut
    assert not any(scored.is_cut for scored in plate.readings)


def test_a_plate_that_leaves_stays_the_whole_one() -> None:
    heart = recognizer()
    heart.push(crop(0, 2, is_cut=False))
    for frame in range(1, 20):
        heart.push(crop(frame, 1, is_cut=True))
    assert heart.end(1).reading.text == "BIMV59"


def test_what_was_never_seen_whole_says_so() -> None:
    heart = recognizer()
    heart.push(crop(0, 1, is_cut=True))
    plate = heart.end(1)
    assert plate.is_cut
    assert plate.confidence == pytest.approx(CUT_CONFIDENCE)
    assert plate.quality == CUT_QUALITY


def test_the_part_that_one_track_saw_is_the_passage_of_the_whole() -> None:
    heart = recognizer()
    heart.push(crop(0, 1, is_cut=True))
    part = heart.end(1)
    heart.push(crop(12, 2, is_cut=False))
    whole = heart.end(1)
    assert is_same_passage(part, whole)
    passage = merge(part, whole)
    assert (passage.reading.text, passage.is_cut) == ("BIMV59", False)
    assert (passage.first_frame, passage.last_frame) == (0, 12)
    # Two parts are not taken for each other's.
    other = replace(part, reading=make_reading("XK12"), first_pts_s=2.0)
    assert not is_same_passage(part, other)
