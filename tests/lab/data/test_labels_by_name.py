from pathlib import Path

import pytest

from platestream.core.errors import ConfigError, DataError
from platestream.lab.data.labels_by_name import read_folder
from platestream.lab.data.sample import Sample


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_pictures_are_called_for_their_plates(tmp_path: Path) -> None:
    files = [put(tmp_path / name) for name in ("ab-12_9.jpg", "ab-12_10.jpg", "京A88731.png")]
    put(tmp_path / "notes.txt")
    assert read_folder(tmp_path, "dev") == [
        Sample(files[0], "dev", "AB12"),
        Sample(files[1], "dev", "AB12"),
        Sample(files[2], "dev", "京A88731"),
    ]


def test_subfolders_are_plate_streams(tmp_path: Path) -> None:
    files = [put(tmp_path / "AB12_gate" / f"{i}.png") for i in (9, 10)]
    (tmp_path / "no pictures here?").mkdir()
    assert read_folder(tmp_path) == [
        Sample(file, "test", "AB12", track="AB12_gate", frame_index=index)
        for index, file in enumerate(files)
    ]


@pytest.mark.parametrize("name", ["AB?12.jpg", "ABCDEFGHIJKLM_1.jpg", "_1.jpg", "AB?/1.jpg"])
def test_a_name_that_is_no_plate_is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    with pytest.raises(DataError, match="rename it to PLATE_anything") as caught:
        read_folder(tmp_path)
    assert str((tmp_path / name).relative_to(tmp_path).parts[0]) in str(caught.value)


def test_nothing_to_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pictures"):
        read_folder(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        read_folder(tmp_path / "nope")
    put(tmp_path / "AB1.png")
    with pytest.raises(ConfigError, match="split 'all'"):
        read_folder(tmp_path, "all")
