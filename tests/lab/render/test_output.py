from pathlib import Path

import numpy as np
import pytest

from platestream.core.alphabet import PROVINCES
from platestream.core.errors import ConfigError, StoreError
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.layouts import kind_of, read_dataset
from platestream.lab.render.layouts import layouts_of
from platestream.lab.render.output import (
    STANDING_STEP,
    write_crops,
    write_semi_real,
    write_streams,
)
from platestream.video.pictures import read_picture


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_crops_are_labelled_as_our_real_data_is(tmp_path: Path) -> None:
    labels = write_crops(tmp_path / "new" / "crops", 20, seed=1)
    samples = read_labels(labels)
    assert kind_of(read_dataset(labels)) == "crops"
    assert len(samples) == 20
    assert [sample.split for sample in samples].count("dev") == 2
    for sample in samples:
        assert len(sample.text) >= 4
        assert read_picture(sample.file).shape[2] == 3


def test_streams_are_labelled_by_track_and_frame(tmp_path: Path) -> None:
    labels = write_streams(tmp_path, 2, 3, seed=1)
    samples = read_labels(labels)
    assert kind_of(read_dataset(labels)) == "tracks"
    assert [(s.track, s.frame_index) for s in samples] == [
        *(("00000", 0), ("00000", 1), ("00000", 2)),
        *(("00001", 0), ("00001", 1), ("00001", 2)),
    ]
    assert len({sample.text for sample in samples[:3]}) == 1


def test_only_the_layouts_asked_for(tmp_path: Path) -> None:
    labels = write_crops(tmp_path, 5, seed=1, layouts=layouts_of(["cn_blue"]))
    assert all(sample.text[0] in PROVINCES for sample in read_labels(labels))


def test_semi_real_streams_film_real_crops(tmp_path: Path) -> None:
    plates = [
        ("AB12", np.full((40, 160, 3), 200, np.uint8)),
        ("XY9", np.zeros((30, 90, 3), np.uint8)),
    ]
    samples = read_labels(write_semi_real(tmp_path, plates, 4, seed=1))
    assert [(s.text, s.frame_index) for s in samples[3:5]] == [("AB12", 3), ("XY9", 0)]
    assert {s.split for s in samples} == {"dev"}
    bright, dark = (read_picture(samples[i].file).mean() for i in (1, 5))
    assert bright > dark + 30
    with pytest.raises(ConfigError, match="0 streams"):
        write_semi_real(tmp_path, [], 4, seed=1)


def test_of_who_stands_a_fifth_of_the_frames_is_written(tmp_path: Path) -> None:
    plates = [("AB12", np.full((40, 160, 3), 200, np.uint8))]
    real = read_labels(write_semi_real(tmp_path / "real", plates, 40, seed=1, stands=True))
    drawn = read_labels(write_streams(tmp_path / "drawn", 1, 40, seed=1, stands=True))
    for samples in (real, drawn):
        assert [s.frame_index for s in samples] == list(range(0, 40 * STANDING_STEP, STANDING_STEP))
        sizes = {read_picture(sample.file).shape for sample in samples[30:]}
        assert len(sizes) <= 6, "its box trembles by a pixel or two"


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_crops(tmp_path / name, 4, seed=7)
        write_streams(tmp_path / f"{name}s", 1, 3, seed=7)
    write_crops(tmp_path / "c", 4, seed=8)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "as") == contents(tmp_path / "bs")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StoreError, match="choose another folder"):
        write_crops(blocked, 1, seed=1)
    (tmp_path / "000").write_text("in the way")
    with pytest.raises(StoreError, match="choose another folder"):
        write_crops(tmp_path, 1, seed=1)


@pytest.mark.parametrize(("num_tracks", "num_frames"), [(0, 3), (2, 0)])
def test_nothing_to_write_is_refused(num_tracks: int, num_frames: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot render 0"):
        write_streams(tmp_path, num_tracks, num_frames, seed=1)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConfigError, match="cannot render 0"):
        write_crops(tmp_path, 0, seed=1)
