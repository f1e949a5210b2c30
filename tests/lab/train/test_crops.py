"""Real plates are cut from all label files, and the same tenth is always held out."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import DataError
from platestream.lab.train.crops import (
    HELD_OUT,
    held_out_crops,
    is_held_out,
    labelled_by_readers,
    load_crops,
    sharp_crops,
)
from platestream.video.pictures import write_picture


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
    held_out = {text for text in texts if is_held_out(text)}
    assert filmed == held_out != set()
    # Of a set that readers labelled none is.
    chosen = folder / "chosen.csv"
    chosen.write_text("\n".join(["file,split,text", *rows[:100]]) + "\n")
    without = labelled_by_readers([chosen])
    assert without == set(texts[:100])
    for take in (
        sharp_crops(tmp_path, 100, "train", without),
        held_out_crops(tmp_path, 99, without),
    ):
        assert {crop.text for crop in take} == held_out - without


def test_a_tenth_of_the_plates_is_held_out_whatever_the_process() -> None:
    held = [is_held_out(f"P{number}") for number in range(20_000)]
    assert np.mean(held) == pytest.approx(HELD_OUT, abs=0.01)
    # Not Python's hash, which differs from run to run: CRC-32 of "AB102" ends in 046.
    assert (is_held_out("AB102"), is_held_out("AB100")) == (True, False)


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
    with pytest.raises(DataError, match=r"move each set with its labels\.csv to crops/NAME"):
        load_crops(tmp_path, "train")


def test_a_folder_that_is_one_set_by_itself_is_taken_as_it_is(tmp_path: Path) -> None:
    """As `finetune` takes it: here a table as fast-plate-ocr has it, without a split."""
    rows = ["image_path,plate_text"]
    for index in range(40):
        write_picture(tmp_path / f"{index}.png", np.full((20, 60, 3), index, np.uint8))
        rows.append(f"{index}.png,AB{index:02}")
    (tmp_path / "annotations.csv").write_text("\n".join(rows))
    train, dev = load_crops(tmp_path, "train"), load_crops(tmp_path, "dev")
    assert sorted(c.text for c in train + dev) == [f"AB{index:02}" for index in range(40)]
    assert 4 <= len(dev) <= 16
    assert {c.set_name for c in train} == {tmp_path.stem}
