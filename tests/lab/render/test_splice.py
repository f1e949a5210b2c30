"""Two Korean plates as one: the left of one, the right of another, and the text of both."""

import numpy as np
import pytest

from platestream.core.types import Rgb
from platestream.lab.render.splice import CUTS, NUM_ALIKE, Splicer


def striped(columns_px: int, level: int, contrast: int) -> Rgb:
    """A plate of dark stripes on paper of one grey."""
    plate = np.full((32, 128, 3), level, np.uint8)
    stripes = (np.arange(128) // columns_px) % 2 == 1
    plate[6:-6, stripes] = level - contrast
    return plate


@pytest.mark.parametrize("text", ["123456", "1234567"])
def test_left_of_one_and_right_of_the_other(text: str) -> None:
    mine, other = striped(4, 200, 100), striped(2, 200, 100)
    splice = Splicer([("9" * len(text), other)])
    for seed in range(20):
        joined_text, joined = splice(text, mine, np.random.default_rng(seed))
        kept = joined_text.index("9")
        assert joined_text == text[:kept] + "9" * (len(text) - kept)
        cut = round(CUTS[len(text)][kept - 1] * 128)
        assert np.abs(joined[:, : cut - 6].astype(int) - mine[:, : cut - 6]).max() <= 1
        apart = np.abs(joined[:, cut + 6 :].astype(int) - other[:, cut + 6 :])
        assert apart.mean() < 10


def test_the_other_takes_on_the_light_of_the_first() -> None:
    splice = Splicer([("999999", striped(4, 90, 30))])
    mine = striped(4, 220, 160)
    _, joined = splice("123456", mine, np.random.default_rng(1))
    assert joined[8:-8, 110:].max() == pytest.approx(220, abs=12)
    assert joined[8:-8, 110:120].min() == pytest.approx(60, abs=12)


def test_the_frames_most_alike_in_blur_are_joined() -> None:
    sharp, coarse = striped(2, 200, 100), striped(16, 200, 100)
    frames = [("111111", rgb) for rgb in [sharp] * NUM_ALIKE + [coarse] * 20]
    splice = Splicer(frames)
    for seed in range(10):
        text, joined = splice("000000", sharp, np.random.default_rng(seed))
        cut = round(CUTS[6][text.index("1") - 1] * 128)
        assert np.abs(joined[:, cut + 6 :].astype(int) - sharp[:, cut + 6 :]).max() <= 1


def test_a_passage_holds_one_text_in_several_real_frames() -> None:
    own = [striped(columns, 200, 100) for columns in (2, 3, 4, 5, 6)]
    splice = Splicer([("123456", rgb) for rgb in own] + [("999999", striped(4, 200, 100))])
    text, frames = splice.passage("123456", 8, np.random.default_rng(3))
    kept = text.index("9")
    assert text == "123456"[:kept] + "9" * (6 - kept)
    edge = round(CUTS[6][kept - 1] * 128) - 6
    matches = [[np.allclose(f[:, :edge], o[:, :edge], atol=1) for o in own] for f in frames]
    assert len(frames) == 8
    assert all(any(row) for row in matches)
    assert sum(any(column) for column in zip(*matches, strict=True)) > 1


def test_a_plate_that_none_is_like_stays() -> None:
    splice = Splicer([("999999", striped(4, 200, 100))])
    plate = striped(4, 200, 100)
    for text in ("12345", "1234567", "12345678", "999999"):
        assert splice(text, plate, np.random.default_rng(0)) == (text, plate)
