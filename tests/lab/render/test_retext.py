"""Other digits in a poor frame, as poor as the old ones were."""

import cv2
import numpy as np
import pytest

from platestream.core.types import Rgb
from platestream.lab.render.retext import Retexter

MARGIN = 0.1
DONOR = "987650"


def sharp_plate(text: str) -> Rgb:
    """Six digits as they stand on a Korean plate, a gap for the Hangul behind the second."""
    plate = np.full((72, 300, 3), 200, np.uint8)
    for char, x in zip(text, (25, 62, 135, 172, 209, 246), strict=True):
        cv2.putText(plate, char, (x, 56), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (40, 40, 40), 4)
    return plate


def filmed(plate: Rgb, noise: float = 2.0, shake_px: int = 5, seed: int = 0) -> Rgb:
    """A small, shaken, noisy picture of a plate on something dark."""
    high, wide = (round(side * MARGIN) for side in plate.shape[:2])
    scene = cv2.copyMakeBorder(
        plate, high, high, wide, wide, cv2.BORDER_CONSTANT, value=(60, 60, 60)
    )
    scene = cv2.blur(scene, (1, shake_px * 3))
    small = cv2.resize(scene, (108, 26), interpolation=cv2.INTER_AREA).astype(np.float32)
    rng = np.random.default_rng(seed)
    lit = small * (0.7, 0.75, 0.6) + 10 + rng.normal(0, noise, small.shape)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def alike(one: Rgb, other: Rgb) -> float:
    """Correlation of the parts where digits stand."""
    cut = [picture[7:19, 14:94].astype(float).ravel() for picture in (one, other)]
    return float(np.corrcoef(cut).item(0, 1))


def changing(text: str, frames: list[Rgb]) -> Retexter:
    plates = {t: sharp_plate(t) for t in (text, DONOR, "432100")}
    return Retexter(plates, [(text, frame) for frame in frames])


@pytest.mark.parametrize("shake_px", [1, 4])
def test_a_frame_looks_as_if_the_other_plate_had_been_filmed(shake_px: int) -> None:
    frame = filmed(sharp_plate("123456"), shake_px=shake_px)
    retext = changing("123456", [frame])
    for seed in range(5):
        told, changed = retext("123456", np.random.default_rng(seed))
        truth = filmed(sharp_plate(told), shake_px=shake_px)
        assert told != "123456"
        assert alike(changed, truth) > 0.85
        assert alike(changed, frame) < alike(changed, truth) - 0.1
        # What lies around the plate is the frame's own.
        assert np.abs(changed[:, :6].astype(int) - frame[:, :6]).max() < 25


def test_all_frames_of_a_passage_say_the_same_each_as_poor_as_it_was() -> None:
    plate = sharp_plate("123456")
    frames = [filmed(plate, shake_px=shake, seed=shake) for shake in (1, 2, 4, 5)]
    told, changed = changing("123456", frames).passage("123456", 12, np.random.default_rng(2))
    assert len(changed) == 12
    truths = [filmed(sharp_plate(told), shake_px=shake, seed=shake) for shake in (1, 2, 4, 5)]
    assert all(max(alike(frame, truth) for truth in truths) > 0.85 for frame in changed)


def test_a_frame_that_shows_something_else_is_left_out() -> None:
    other = filmed(sharp_plate("000000"))
    noise = np.random.default_rng(1).integers(0, 255, other.shape, np.uint8)
    retext = Retexter({"123456": sharp_plate("123456")}, [("123456", noise)])
    assert retext.texts == []


def test_a_plate_whose_digits_cannot_be_told_apart_is_left_out() -> None:
    blank = np.full((72, 300, 3), 200, np.uint8)
    retext = Retexter({"123456": blank}, [("123456", filmed(sharp_plate("123456")))])
    assert retext.texts == []


def test_a_plate_without_a_sharp_picture_has_no_frames() -> None:
    retext = Retexter({}, [("123456", filmed(sharp_plate("123456")))])
    with pytest.raises(KeyError):
        retext("123456", np.random.default_rng(0))
