"""What the reader learns from, and how it is judged while it does."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import decode
from platestream.core.errors import DataError
from platestream.lab.render.bank import build_bank
from platestream.lab.train.plates import (
    HELD_OUT,
    LabelledCrop,
    PlateBatches,
    is_held_out,
    load_crops,
    set_weights,
    sharp_crops,
    with_upright,
)
from platestream.lab.train.validation import area_under_curve
from platestream.video.pictures import write_picture


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


def test_only_large_and_sharp_dev_crops_are_filmed(tmp_path: Path) -> None:
    folder = tmp_path / "crops" / "set"
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (40, 160, 3), np.uint8)
    for name, rgb in (("sharp", noise), ("flat", noise // 2 * 0), ("small", noise[:20])):
        write_picture(folder / f"{name}.png", rgb)
    rows = [f"{name}.png,dev,{name.upper()}" for name in ("sharp", "flat", "small")]
    text = "\n".join(["file,split,text", *rows, "sharp.png,train,TRAIN"])
    (folder / "labels.csv").write_text(text + "\n")
    # One such plate is filmed as often as streams are asked for.
    assert [crop.text for crop in sharp_crops(tmp_path, 3)] == ["SHARP"] * 3


def test_of_train_only_plates_that_nothing_learns_from_are_filmed(tmp_path: Path) -> None:
    folder = tmp_path / "crops" / "set"
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (40, 160, 3), np.uint8)
    write_picture(folder / "a.png", noise)
    texts = [f"AB{number}" for number in range(100, 300)]
    rows = [f"a.png,train,{text}" for text in texts]
    (folder / "labels.csv").write_text("\n".join(["file,split,text", *rows]) + "\n")
    filmed = {crop.text for crop in sharp_crops(tmp_path, 100, "train")}
    assert filmed == {text for text in texts if is_held_out(text)} != set()


def test_a_tenth_of_the_plates_is_held_out_whatever_the_process() -> None:
    held = [is_held_out(f"P{number}") for number in range(20_000)]
    assert np.mean(held) == pytest.approx(HELD_OUT, abs=0.01)
    # Not Python's hash, which differs from run to run: CRC-32 of "AB102" ends in 046.
    assert (is_held_out("AB102"), is_held_out("AB100")) == (True, False)


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
    crops = [crop("cn", "皖A12345")] * 64 + [crop("cn", "津A12345")]
    batch = PlateBatches(bank, crops, 900, seed=5, real_share=1.0)(0)
    rare = sum(decode(row).startswith("津") for row in batch["targets"])
    # One in nine, where one in 65 crops is of that province.
    assert 70 <= rare <= 130


def test_a_set_weighs_by_the_root_of_its_size() -> None:
    weights = set_weights(["big"] * 16 + ["small"] * 4)
    assert weights.sum() == pytest.approx(1)
    assert weights[:16].sum() / weights[16:].sum() == pytest.approx(np.sqrt(16) / np.sqrt(4))


def test_crops_come_from_all_label_files_of_a_split(tmp_path: Path) -> None:
    header = "file,split,text,x,y,w,h"
    for kind, row in (("crops", "a.png,train,AB12,,,,"), ("frames", "a.png,train,CD34,10,10,20,8")):
        folder = tmp_path / kind / "set"
        folder.mkdir(parents=True)
        write_picture(folder / "a.png", np.zeros((40, 60, 3), np.uint8))
        dev = "a.png,dev,EF56,10,10,20,8" if kind == "frames" else "a.png,dev,EF56,,,,"
        (folder / "labels.csv").write_text(f"{header}\n{row}\n{dev}\n")
    crops = load_crops(tmp_path, "train")
    assert [(c.text, c.rgb.shape) for c in crops] == [("AB12", (40, 60, 3)), ("CD34", (10, 22, 3))]


def test_no_labels_say_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no crops/\*/labels\.csv"):
        load_crops(tmp_path, "train")


def test_area_under_curve_by_hand() -> None:
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    right = np.array([True, True, False, False])
    # Of four pairs three are ordered rightly and one ties.
    assert area_under_curve(scores, right) == pytest.approx(3.5 / 4)
    assert area_under_curve(scores, np.ones(4, bool)) == 0.5
