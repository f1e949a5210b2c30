"""Averaged frames to learn from."""

import numpy as np
import pytest

from platestream.lab.render.bank import TemplateBank, build_bank
from platestream.lab.render.retext import Retexter
from platestream.lab.render.splice import Splicer
from platestream.lab.train.crops import LabelledCrop
from platestream.lab.train.stacks import FEWEST, MOST, _film, make_stacks, stacked

NOBODY = Splicer([])
NOTHING = Retexter({}, [])


@pytest.fixture(scope="module")
def bank() -> TemplateBank:
    return build_bank(5, seed=1)


def sharp_crop(text: str) -> LabelledCrop:
    rgb = np.random.default_rng(0).integers(0, 255, (48, 192, 3), np.uint8)
    return LabelledCrop("real", text, rgb)


def test_a_stack_is_a_function_of_its_number(bank: TemplateBank) -> None:
    one, other = (make_stacks(bank, [], NOBODY, NOTHING, num, seed=4) for num in (3, 2))
    assert one.texts[:2] == other.texts
    np.testing.assert_array_equal(one.images[1], other.images[1])
    assert set(one.texts) <= set(bank.texts)
    assert all(image.shape == (48, 192, 3) for image in one.images)


def test_sharp_real_plates_are_filmed_and_blurred_ones_are_not(bank: TemplateBank) -> None:
    blurred = LabelledCrop("real", "BLUR", np.full((48, 192, 3), 90, np.uint8))
    made = make_stacks(bank, [sharp_crop("REAL1"), blurred], NOBODY, NOTHING, 30, seed=4)
    assert set(made.layouts) == {"rendered", "semi-real"}
    real = {t for t, kind in zip(made.texts, made.layouts, strict=True) if kind == "semi-real"}
    assert real == {"REAL1"}


def test_korean_streams_are_joined(bank: TemplateBank) -> None:
    frame = np.random.default_rng(1).integers(0, 255, (32, 150, 3), np.uint8)
    splice = Splicer([(text, frame) for text in ("111111", "222222") for _ in range(6)])
    made = make_stacks(bank, [], splice, NOTHING, 40, seed=4)
    joined = {t for t, kind in zip(made.texts, made.layouts, strict=True) if kind == "joined"}
    assert joined
    assert all(set(text) == {"1", "2"} for text in joined)


def test_a_stream_has_some_frames(bank: TemplateBank) -> None:
    counts = {len(_film(bank.images[0], np.random.default_rng(i))) for i in range(40)}
    assert min(counts) >= FEWEST
    assert max(counts) <= MOST
    assert len(counts) > 5


def test_frames_alike_stay_as_they_are() -> None:
    frame = np.zeros((48, 192, 3), np.uint8)
    frame[12:36, 30:60] = 200
    frame[12:36, 90:160] = 120
    # Registration rounds at edges; nothing else changes.
    assert np.abs(stacked([frame] * 4).astype(int) - frame).mean() < 1


def test_nothing_to_stack_gives_nothing() -> None:
    assert len(make_stacks(TemplateBank([], [], []), [], NOBODY, NOTHING, 5, seed=1)) == 0
