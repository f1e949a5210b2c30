"""The sheet of plates read wrongly."""

from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ConfigError
from platestream.core.types import Reading, Rgb
from platestream.lab.data.sample import Sample
from platestream.lab.failures import check_sheet, write_failures
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
    assert write_failures(samples, read, sheet) == 1
    rgb = read_picture(sheet)
    # One row of six places, of which the first holds a grey plate and words, the rest are empty.
    assert rgb.shape == (64 + 22, 6 * 210, 3)
    assert (rgb[:64, :210] == 200).all()
    assert rgb[64:, :210].min() < 128
    assert (rgb[:, 210:] == 255).all()


def test_nothing_wrong_writes_nothing(samples: list[Sample], tmp_path: Path) -> None:
    assert write_failures(samples[:2], read, tmp_path / "sheet.png") == 0
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("name", ["sheet.txt", "missing/sheet.png"])
def test_a_sheet_is_a_picture_in_a_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.png or \.jpg"):
        check_sheet(tmp_path / name)
