"""Plates of one's own: taught, judged by others of theirs, and handed over only when better."""

from pathlib import Path

import pytest

from platestream.core.errors import DataError
from platestream.lab.data.own import OwnPlates
from platestream.lab.data.sample import Sample
from platestream.lab.finetune import _parted, _verdict, finetune
from platestream.lab.render.bank import build_bank
from platestream.video.pictures import write_picture

SHARED = Path(__file__).parents[3] / "shared" / "data" / "crops" / "indonesia"


def some_plates(folder: Path, num: int, split: str = "") -> OwnPlates:
    bank = build_bank(num, 5)
    samples = []
    for index, (text, rgb) in enumerate(zip(bank.texts, bank.images, strict=True)):
        write_picture(folder / f"{index}.png", rgb)
        samples.append(Sample(folder / f"{index}.png", split, text))
    return OwnPlates(samples)


def test_a_plate_is_learned_from_or_judged_by_never_both(tmp_path: Path) -> None:
    own = some_plates(tmp_path, 40)
    own.samples += own.samples[:10]  # a second picture of each
    learned, judged = _parted(own, own.left_aside)
    assert not {text for text, _ in learned} & {text for text, _ in judged}
    assert 4 <= len({text for text, _ in judged}) <= 18
    assert len(learned) + len(judged) == 50
    assert not own.left_aside


def test_the_users_own_split_is_kept(tmp_path: Path) -> None:
    own = some_plates(tmp_path, 6, "train")
    last = own.samples[-1]
    own.samples[-1] = Sample(last.file, "dev", last.text)
    own.samples.append(Sample(last.file, "train", last.text))
    learned, judged = _parted(own, own.left_aside)
    assert [text for text, _ in judged] == [last.text]
    assert len(learned) == 5
    assert own.left_aside == {"plate that is also held out": 1}


def test_a_reader_that_is_no_better_is_not_handed_over() -> None:
    assert _verdict((0.5, 0.7), (0.8, 0.79)) == ""
    assert "no better" in _verdict((0.5, 0.5), (0.8, 0.8))
    assert "forgot" in _verdict((0.5, 0.9), (0.8, 0.75))


def test_too_few_plates_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        finetune(some_plates(tmp_path, 3), tmp_path / "out")
    assert not (tmp_path / "out").exists()
