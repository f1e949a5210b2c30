"""What the reader learns from, and how it is judged while it does."""

import numpy as np
import pytest
from tests.lab.render.test_province import draw as draw_chinese

from platestream.core.alphabet import decode
from platestream.lab.render.bank import TemplateBank, build_bank
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.train.crops import (
    LabelledCrop,
    with_upright,
)
from platestream.lab.train.plates import PlateBatches, set_weights
from platestream.lab.train.real_plates import KOREAN, SWAPPED, can_be_joined
from platestream.lab.train.validation import area_under_curve


def crop(name: str, text: str) -> LabelledCrop:
    return LabelledCrop(name, text, np.full((20, 60, 3), 128, np.uint8))


def test_a_batch_is_a_function_of_its_step() -> None:
    bank = build_bank(6, seed=1)
    crops = [crop("real", "REAL1"), crop("real", "REAL2")]
    one, other = (PlateBatches(bank, crops, 8, seed=5) for _ in range(2))
    other(0)  # looking at another step first changes nothing
    for name, array in one(3).items():
        np.testing.assert_array_equal(array, other(3)[name])
    assert not np.array_equal(one(3)["patches"], one(4)["patches"])


def test_a_batch_mixes_rendered_and_real_plates_with_their_texts() -> None:
    bank = build_bank(6, seed=1)
    batch = PlateBatches(bank, [crop("real", "REAL1")], 8, seed=5, real_share=0.25)(0)
    assert batch["patches"].shape == (8, 32, 128, 3)
    texts = [decode(row) for row in batch["targets"]]
    assert texts[6:] == ["REAL1"] * 2
    assert set(texts[:6]) <= set(bank.texts)


def test_without_real_crops_all_are_rendered() -> None:
    bank = build_bank(2, seed=1)
    texts = [decode(row) for row in PlateBatches(bank, [], 4, seed=0)(0)["targets"]]
    assert set(texts) <= set(bank.texts)


def test_a_plate_is_shown_boxed_upright_and_tilted() -> None:
    # Its own crop is dark, the upright one bright and green.
    green = np.zeros((20, 80, 3), np.uint8)
    green[..., 1] = 255
    (plate,) = with_upright([crop("real", "REAL1")], lambda _: green)
    (unfound,) = with_upright([crop("real", "REAL1")], lambda _: None)
    bank = build_bank(1, seed=1)
    batch = PlateBatches(bank, [plate], 300, seed=5, real_share=1.0)(0)["patches"].astype(int)
    is_green = (batch[..., 1] - batch[..., 0]).mean((1, 2)) > 40
    # 40 % upright and 30 % tilted; some of all turn grey.
    assert 0.5 < is_green.mean() < 0.75
    batch = PlateBatches(bank, [unfound], 100, seed=5, real_share=1.0)(0)["patches"].astype(int)
    assert not ((batch[..., 1] - batch[..., 0]).mean((1, 2)) > 40).any()


def test_two_rows_are_shown_side_by_side_and_sawn_plates_say_nothing() -> None:
    # Upper half red, lower half green: side by side, the left of a patch is red.
    high, long = np.zeros((60, 80, 3), np.uint8), np.zeros((20, 90, 3), np.uint8)
    for plate in (high, long):
        plate[: len(plate) // 2, :, 0] = plate[len(plate) // 2 :, :, 1] = 255
    plates = []
    for text, upright in (("HIGH1", high), ("LONG1", long)):
        plates += with_upright([crop("real", text)], lambda _, upright=upright: upright)
    bank = build_bank(1, seed=1)
    batch = PlateBatches(bank, plates, 600, seed=5, real_share=1.0)(0)
    left, right = (half.astype(int).mean((1, 2)) for half in np.split(batch["patches"], 2, axis=2))
    is_laid_out = (left[:, 0] - left[:, 1] > 60) & (right[:, 1] - right[:, 0] > 60)
    texts = np.array([decode(row) for row in batch["targets"]])
    assert 0.25 < is_laid_out[texts == "HIGH1"].mean() < 0.5
    assert (texts == "").any()
    assert is_laid_out[texts == ""].mean() > 0.8
    assert is_laid_out[texts == "LONG1"].mean() < 0.03


def test_views_of_one_plate_follow_one_another() -> None:
    bank = build_bank(6, seed=1)
    crops = [crop("real", "REAL1"), crop("real", "REAL2")]
    batch = PlateBatches(bank, crops, 16, seed=5, views=4)(0)
    texts = [decode(row) for row in batch["targets"]]
    assert len(texts) == 16
    for start in range(0, 16, 4):
        assert len(set(texts[start : start + 4])) == 1
    rendered = batch["patches"][:4]
    assert not np.array_equal(rendered[0], rendered[1])


def test_provinces_of_one_set_weigh_by_the_root_of_their_number() -> None:
    bank = build_bank(1, seed=1)
    crops = [crop("cn", f"皖A{i:05d}") for i in range(64)] + [crop("cn", "津A12345")]
    batch = PlateBatches(bank, crops, 900, seed=5, real_share=1.0)(0)
    rare = sum(decode(row).startswith("津") for row in batch["targets"])
    # One in nine, where one in 65 crops is of that province.
    assert 70 <= rare <= 130


def test_a_set_weighs_by_the_root_of_its_size() -> None:
    weights = set_weights(["big"] * 16 + ["small"] * 4, [*"ABCDEFGHIJKLMNOP", *"ABCD"])
    assert weights.sum() == pytest.approx(1)
    assert weights[:16].sum() / weights[16:].sum() == pytest.approx(np.sqrt(16) / np.sqrt(4))


def test_a_plate_weighs_the_same_however_many_pictures_it_has() -> None:
    weights = set_weights(["one"] * 5 + ["two"] * 4, [*"AAAAB", *"CDEF"])
    assert weights[:4].sum() == pytest.approx(weights[4])
    assert weights[:5].sum() / weights[5:].sum() == pytest.approx(np.sqrt(2) / np.sqrt(4))


def test_area_under_curve_by_hand() -> None:
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    right = np.array([True, True, False, False])
    # Of four pairs three are ordered rightly and one ties.
    assert area_under_curve(scores, right) == pytest.approx(3.5 / 4)
    assert area_under_curve(scores, np.ones(4, bool)) == 0.5


def korean(text: str) -> LabelledCrop:
    plate = np.random.default_rng(int(text)).integers(0, 255, (32, 128, 3), np.uint8)
    return LabelledCrop(KOREAN, text, plate, upright=plate)


@pytest.mark.parametrize("views", [1, 4])
def test_korean_plates_are_joined_and_say_so(views: int) -> None:
    crops = [korean("111111"), korean("222222"), korean("1111111"), korean("2222222")]
    bank = build_bank(2, seed=1)
    batches = PlateBatches(bank, crops, 32, seed=1, real_share=1.0, views=views, spliced=1.0)
    texts = [decode(target) for target in batches(0)["targets"]]
    # Joined twice, as a single view may be, a plate can end as it began.
    assert np.mean([set(text) == {"1", "2"} for text in texts]) > (0.6 if views == 1 else 0.99)
    assert {len(text) for text in texts} == {6, 7}
    assert all(len(set(texts[i : i + views])) == 1 for i in range(0, 32, views))


def test_korean_plates_that_cannot_be_cut_stay() -> None:
    square = np.zeros((64, 128, 3), np.uint8)
    crops = [LabelledCrop(KOREAN, "111111", square, square), korean("222222")]
    assert [can_be_joined(crop) for crop in crops] == [False, True]
    batches = PlateBatches(build_bank(2, seed=1), crops, 32, seed=1, real_share=1.0, spliced=1.0)
    texts = {decode(target) for target in batches(0)["targets"]}
    assert texts == {"111111", "222222"}


def test_chinese_plates_get_other_provinces_and_say_so() -> None:
    plates = [draw_chinese(GlyphBook(), seed) for seed in range(10)]
    crops = [LabelledCrop("cn", "皖A12345", plate, upright=plate) for plate in plates]
    batches = PlateBatches(
        build_bank(2, seed=1), crops, 64, seed=1, real_share=1.0, book=GlyphBook()
    )
    texts = [text for target in batches(0)["targets"] if (text := decode(target))]
    assert all(text[1:] == "A12345" for text in texts)
    changed = np.mean([text[0] != "皖" for text in texts])
    assert abs(changed - SWAPPED) < 0.2


def test_averaged_frames_have_their_share() -> None:
    stacks = TemplateBank(["MEAN1"], ["rendered"], [np.full((48, 192, 3), 90, np.uint8)])
    real = [crop("real", "REAL1")]
    batches = PlateBatches(
        build_bank(6, seed=1), real, 20, seed=5, real_share=0.5, stacks=stacks, stack_share=0.2
    )
    texts = [decode(row) for row in batches(0)["targets"]]
    assert len(texts) == 20
    assert texts.count("MEAN1") == 4
    assert texts.count("REAL1") == 8
