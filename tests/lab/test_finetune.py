"""Plates of one's own: taught, judged by others of theirs, and handed over only when better."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.no_country import KZQ

from platestream.core.errors import DataError, StoreError
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.own import OwnPlates, parted
from platestream.lab.data.sample import Sample
from platestream.lab.finetune import MAX_FORGOTTEN, _hand_over, _verdict, finetune
from platestream.lab.render.bank import build_bank, draw_plate
from platestream.lab.render.fonts import GlyphBook
from platestream.lab.render.refilm import degrade
from platestream.models.bundle import load_networks
from platestream.models.cards import find_card
from platestream.stream.confidence import Calibration
from platestream.video.pictures import write_picture

UZBEK = Path(__file__).parents[3] / "shared" / "data" / "crops" / "uzbek" / "labels.csv"


def plates_of_no_country(folder: Path, num: int) -> OwnPlates:
    """Drawn anew where the real pictures are not."""
    rng, book, samples = np.random.default_rng(3), GlyphBook(), []
    for index in range(num):
        text, _, rgb = draw_plate(rng, book, [KZQ])
        write_picture(folder / f"{index}.png", degrade(rgb, rng, 0.5))
        samples.append(Sample(folder / f"{index}.png", "", text))
    return OwnPlates(samples)


def plates_without_region(num: int) -> OwnPlates:
    """Real Uzbek plates, as a register has them that leaves the region, two digits, out."""
    samples = read_labels(UZBEK, "train")
    step = len(samples) // num
    return OwnPlates([replace(s, text=s.text[2:], split="") for s in samples[::step]][:num])


def test_forty_plates_of_ones_own_are_learned_and_nothing_else_is_forgotten(tmp_path: Path) -> None:
    """Of the held-out plates the shipped reader reads none, as nobody told it what to leave out."""
    own = plates_without_region(40) if UZBEK.is_file() else plates_of_no_country(tmp_path, 40)
    steps: list[int] = []
    mine = tmp_path / "mine"
    report = finetune(own, mine, num_steps=120, num_threads=1, on_step=steps.append)
    assert report.num_learned + report.num_judged == 40
    assert report.num_judged >= 5
    assert report.own[0] <= 0.1
    assert report.own[1] >= report.own[0] + 0.4
    assert report.rendered[1] >= report.rendered[0] - MAX_FORGOTTEN
    assert report.is_better
    assert steps == list(range(1, report.num_steps + 1))
    # What was handed over is what was judged, and says of itself what it is.
    card = find_card("reader-nano", mine)
    assert card.trained_on[:2] == ("own", "rendered")
    assert card.metrics["own"] == pytest.approx(report.own[1], abs=1e-4)
    networks = load_networks(folder=mine)
    _, judged = parted(own.samples, Counter())
    right = [networks.read(rgb).text == text for text, rgb in judged]
    assert sum(right) / len(right) == report.own[1]
    assert isinstance(networks.confidence, Calibration)


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
    learned, judged = parted(own.samples, own.left_aside)
    assert not {text for text, _ in learned} & {text for text, _ in judged}
    assert 4 <= len({text for text, _ in judged}) <= 18
    assert len(learned) + len(judged) == 50
    assert not own.left_aside


def test_the_users_own_split_is_kept(tmp_path: Path) -> None:
    own = some_plates(tmp_path, 6, "train")
    last = own.samples[-1]
    own.samples[-1] = Sample(last.file, "dev", last.text)
    own.samples.append(Sample(last.file, "train", last.text))
    learned, judged = parted(own.samples, own.left_aside)
    assert [text for text, _ in judged] == [last.text]
    assert len(learned) == 5
    assert own.left_aside == {"plate that is also held out": 1}


def test_a_reader_that_is_no_better_is_not_handed_over() -> None:
    assert _verdict((0.5, 0.7), (0.8, 0.79)) == ""
    assert "no better" in _verdict((0.5, 0.5), (0.8, 0.8))
    assert "forgot" in _verdict((0.5, 0.9), (0.8, 0.75))


def test_too_few_plates_are_said_to_be_so(tmp_path: Path) -> None:
    own = some_plates(tmp_path, 3)
    own.samples += own.samples  # pictures do not count, plates do
    own.left_aside.update({"no text": 1, "picture is missing": 5})
    with pytest.raises(DataError) as caught:
        finetune(own, tmp_path / "out")
    assert str(caught.value) == (
        "too few to learn from: 3 plates in 6 pictures; label 8 different plates or more "
        "(left aside: 5 x picture is missing, 1 x no text)"
    )
    with pytest.raises(DataError, match="too few to learn from: 1 plate in 1 picture; label 8"):
        finetune(OwnPlates(own.samples[:1]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_plates_that_are_all_held_out_leave_nothing_to_learn_from(tmp_path: Path) -> None:
    own = some_plates(tmp_path, 12)
    own.samples = [replace(s, split="test") for s in own.samples] + [
        replace(own.samples[0], split="train")  # the same plate, which is held out
    ]
    with pytest.raises(DataError, match="too few to learn from: 12 plates"):
        finetune(own, tmp_path / "out")


def test_a_place_that_is_no_folder_is_refused_before_anything_is_learned(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match="is no folder"):
        finetune(some_plates(tmp_path, 20), tmp_path / "out")
    with pytest.raises(StoreError, match="cannot be written"):
        _hand_over(tmp_path, tmp_path / "out" / "mine")
