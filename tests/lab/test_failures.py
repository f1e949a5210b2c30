"""The sheet of plates read wrongly."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ConfigError
from platestream.core.types import Detection, Reading, Rgb
from platestream.lab.data.sample import Sample
from platestream.lab.evaluate_frames import evaluate_frames
from platestream.lab.failures import NumFailures, check_sheet, write_failures
from platestream.models.opinion import SecondOpinion
from platestream.video.pictures import read_picture, write_picture

PROBS = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)


def read(rgb: Rgb) -> Reading:
    return Reading(f"R{rgb[0, 0, 0]}", PROBS, 0.5)


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    write_picture(tmp_path / "a.png", np.full((16, 40, 3), 200, np.uint8))
    # Right, right but for O and 0, wrong, and not labelled.
    texts = ("R200", "R2O0", "皖R20", "")
    return [Sample(tmp_path / "a.png", "dev", text, None, None, None, None) for text in texts]


def test_only_wrong_plates_are_shown(samples: list[Sample], tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    assert write_failures(samples, read, sheet) == NumFailures(1, 0, 0)
    rgb = read_picture(sheet)
    # One row of six places, of which the first holds a grey plate and words, the rest are empty.
    assert rgb.shape == (64 + 22, 6 * 210, 3)
    assert (rgb[:64, :210] == 200).all()
    assert rgb[64:, :210].min() < 128
    assert (rgb[:, 210:] == 255).all()


def test_nothing_wrong_writes_nothing(samples: list[Sample], tmp_path: Path) -> None:
    assert write_failures(samples[:2], read, tmp_path / "sheet.png") == NumFailures(0, 0, 0)
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("name", ["sheet.txt", "missing/sheet.png"])
def test_a_sheet_is_a_picture_in_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.png or \.jpg"):
        check_sheet(tmp_path / name)


class _Finder:
    """Finds one labelled plate, and one thing that is none."""

    def detect(self, rgb: Rgb) -> list[Detection]:
        return [Detection((10, 10, 50, 20), 0.9), Detection((60, 40, 90, 50), 0.7)]


def test_frames_also_show_what_was_missed_and_what_is_no_plate(tmp_path: Path) -> None:
    frame = tmp_path / "frame.png"
    write_picture(frame, np.full((100, 120, 3), 200, np.uint8))
    boxes = ((10.0, 10.0, 50.0, 20.0), (60.0, 70.0, 100.0, 80.0))
    samples = [Sample(frame, "dev", "R200", box, None, None, None) for box in boxes]
    sheet = tmp_path / "sheet.png"
    wrong = write_failures(samples, read, sheet, _Finder())
    assert wrong == NumFailures(misread=0, missed=1, false=1)
    assert str(wrong) == "0 read wrongly, 1 missed, 1 found falsely"
    rgb = read_picture(sheet)
    # A row of its own for each kind; the missed plate's label is green, the false find red.
    assert rgb.shape == (2 * (130 + 22), 6 * 210, 3)
    missed, false = rgb[:130, :210].astype(int), rgb[152:282, :210].astype(int)
    assert (missed[..., 1] - missed[..., 0]).max() > 100
    assert (false[..., 0] - false[..., 1]).max() > 100


class _Doubts(_Finder):
    """The same, and doubts both."""

    def detect_with_hints(self, rgb: Rgb) -> tuple[list[Detection], list[Detection]]:
        return [replace(plate, score=0.45) for plate in self.detect(rgb)], []

    def scale(self, *_: int) -> float:
        return 1.0

    def look(self, rgb: Rgb) -> list[Detection]:
        return self.detect(rgb)


def test_what_a_second_opinion_refused_can_be_looked_at(tmp_path: Path) -> None:
    frame = tmp_path / "frame.png"
    write_picture(frame, np.full((100, 120, 3), 200, np.uint8))
    samples = [Sample(frame, "dev", "R200", (10.0, 10.0, 50.0, 20.0), None, None, None)]
    doubts = SecondOpinion(_Doubts(), lambda _: 0.0, lambda _: Reading("", PROBS, 0.9))
    wrong = write_failures(samples, read, tmp_path / "sheet.png", doubts)
    assert wrong == NumFailures(misread=0, missed=1, false=0, refused=2)
    assert str(wrong) == "0 read wrongly, 1 missed, 0 found falsely, 2 refused"
    refused = read_picture(tmp_path / "sheet.png")[152:282, :210].astype(int)
    assert (refused[..., 0] - refused[..., 1]).max() > 100
    metrics = evaluate_frames(samples, read, doubts, lambda: None)
    assert (metrics["recall"], metrics["refused"]) == (0, 2)
