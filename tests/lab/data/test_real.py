"""The label files that models are trained on, where they are at hand."""

from pathlib import Path

import pytest

from platestream.lab.data.labels_csv import read_labels, read_passages
from platestream.lab.data.layouts import kind_of, read_dataset

DATA = Path(__file__).parents[4] / "shared" / "data"

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs the labelled images"),
]


@pytest.mark.parametrize(
    ("folder", "kind", "num_rows", "num_dev"),
    [
        ("tracks/rlpr", "tracks", 3100, 1240),
        ("tracks/tudelft", "frames", 1154, 722),
        ("crops/china_ccpd", "crops", 506, 103),
        ("frames/brazil", "frames", 61, 61),
        ("detect/china_corners", "frames", 64, 0),
    ],
)
def test_pictures(folder: str, kind: str, num_rows: int, num_dev: int) -> None:
    assert kind_of(read_dataset(DATA / folder)) == kind
    assert len(read_labels(DATA / folder)) == num_rows
    assert len(read_labels(DATA / folder, "dev")) == num_dev


def test_videos() -> None:
    assert kind_of(read_dataset(DATA / "video")) == "video"
    passages = read_passages(DATA / "video")
    assert (len(passages), len({p.file for p in passages})) == (14, 9)


def test_plates_of_tracks_do_not_change() -> None:
    samples = read_labels(DATA / "tracks" / "rlpr")
    assert len({s.track for s in samples}) == len({(s.track, s.text) for s in samples}) == 100
    assert {s.frame_index for s in samples} == set(range(31))
