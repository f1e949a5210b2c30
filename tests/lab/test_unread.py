"""Of several files one is broken: the work on the others is done, and the broken one is named."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from platestream.core.errors import PlatestreamError
from platestream.core.types import Detection, Rgb
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.stats import label_stats
from platestream.lab.failures import write_failures
from platestream.lab.missed import find_failures
from platestream.lab.replay import record_samples
from platestream.lab.train.crops import load_crops
from platestream.lab.train.detector import closeups
from platestream.lab.train.detector.scenes import load_scenes
from platestream.lab.widths import recall_of_width
from platestream.models.bundle import load_networks
from platestream.video.pictures import write_picture

NAMES = ("a", "broken", "c")


class _Nothing:
    def detect(self, _: Rgb) -> list[Detection]:
        return []


def label_set(root: Path) -> Path:
    """Three frames with a plate each, labelled in the way of every loader."""
    folder = root / "frames" / "set"
    folder.mkdir(parents=True)
    rows = ["file,split,text,x,y,w,h"]
    for number, name in enumerate(NAMES):
        write_picture(folder / f"{name}.png", np.full((80, 120, 3), 50 + number, np.uint8))
        rows.append(f"{name}.png,train,AB{number}23,20,20,60,40")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


def stats(root: Path) -> int:
    return int(label_stats(root / "frames" / "set")["width_px"]["largest"] == 120) * 2


def widths(root: Path) -> int:
    samples = read_labels(root / "frames" / "set")
    rng = np.random.default_rng(0)
    return recall_of_width(samples, _Nothing(), 60, (320, 200), rng).num_plates


def crops(root: Path) -> int:
    return len(load_crops(root, "train"))


def scenes(root: Path) -> int:
    return len(load_scenes(root, "frames/set", "train"))


def two_rows(root: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closeups, "TWO_ROW_SETS", ("frames/set",))
        return len(closeups.load_two_row(root))


def missed(root: Path) -> int:
    return len(find_failures(read_labels(root / "frames" / "set"), _Nothing()).missed)


def recorded(root: Path) -> int:
    networks, samples = load_networks(), read_labels(root / "frames" / "set")
    return len(record_samples(samples, networks.score, networks.read, lambda: None))


def sheet(root: Path) -> int:
    samples = read_labels(root / "frames" / "set")
    write_failures(samples, load_networks().read, root / "sheet.png", _Nothing())
    return 2 * (root / "sheet.png").is_file()


WORK = (stats, widths, crops, scenes, two_rows, missed, recorded, sheet)


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_one_broken_picture_ends_no_work_on_the_others(
    work: Callable[[Path], int], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = label_set(tmp_path)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbut no more")
    with caplog.at_level(logging.WARNING):
        assert work(tmp_path) == 2
    assert "broken.png" in caplog.text
    for name in NAMES:
        (folder / f"{name}.png").write_bytes(b"nothing")
    with pytest.raises(PlatestreamError):
        work(tmp_path)
