from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from platestream.core.errors import FrameDecodeError, SourceNotFound
from platestream.video.sources import (
    CropStream,
    FrameSource,
    PictureSource,
    list_sources,
    open_source,
)


def write_picture(path: Path, grey: int = 0, height: int = 10, width: int = 30) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), grey, np.uint8))
    return path


def test_a_picture_is_one_frame_at_time_zero(tmp_path: Path) -> None:
    source = open_source(write_picture(tmp_path / "a.png", 9))
    assert isinstance(source, FrameSource)
    assert isinstance(source, PictureSource)
    (frame,) = source.frames()
    assert (frame.index, frame.pts_s, source.num_frames) == (0, 0.0, 1)
    assert np.array_equal(frame.rgb, np.full((10, 30, 3), 9))


def test_a_folder_of_crops_is_a_plate_stream(tmp_path: Path) -> None:
    for number in (10, 9, 11):
        write_picture(tmp_path / "001" / f"{number}.png", number, width=30 + number)
    stream = open_source(tmp_path / "001")
    assert isinstance(stream, CropStream)
    assert not isinstance(stream, FrameSource)
    crops = list(stream.crops())
    assert [int(c.rgb[0, 0, 0]) for c in crops] == [9, 10, 11]
    assert [c.frame_index for c in crops] == [0, 1, 2]
    assert [c.pts_s for c in crops] == pytest.approx([0, 1 / 30, 2 / 30])
    assert crops[0].box_xyxy == (0, 0, 39, 10)
    assert {c.track_id for c in crops} == {1}


def test_track_id_and_rate_of_a_stream_can_be_chosen(tmp_path: Path) -> None:
    for number in range(2):
        write_picture(tmp_path / f"{number}.png")
    crops = list(CropStream(tmp_path, track_id=7, fps=10).crops())
    assert [(c.track_id, c.pts_s) for c in crops] == [(7, 0.0), (7, 0.1)]


def test_broken_crops_are_skipped_and_counted(tmp_path: Path) -> None:
    write_picture(tmp_path / "0.png", 1)
    (tmp_path / "1.png").write_text("broken")
    write_picture(tmp_path / "2.png", 2, height=1, width=1)
    write_picture(tmp_path / "3.png", 3)
    stream = CropStream(tmp_path)
    assert [c.frame_index for c in stream.crops()] == [0, 3]
    assert (stream.num_frames, stream.num_corrupt) == (4, 2)


def test_a_stream_of_nothing_but_broken_crops_is_refused(tmp_path: Path) -> None:
    for number in range(2):
        (tmp_path / f"{number}.png").write_text("broken")
    with pytest.raises(FrameDecodeError, match=r"not one picture can be read.*1\.png"):
        list(CropStream(tmp_path).crops())


def test_a_file_is_its_own_source(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.png")
    assert list_sources(path) == [path]


def test_a_folder_is_listed_one_level_deep(tmp_path: Path) -> None:
    write_picture(tmp_path / "track10" / "0.png")
    write_picture(tmp_path / "track9" / "0.png")
    write_picture(tmp_path / "deep" / "deeper" / "0.png")
    write_picture(tmp_path / "a.png")
    for name in ["b.mp4", "labels.csv", ".hidden.png"]:
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    names = [p.name for p in list_sources(tmp_path)]
    assert names == ["a.png", "b.mp4", "track9", "track10"]


@pytest.mark.parametrize("name", ["nope", "nope.mp4", "nope.png"])
def test_a_missing_path_is_refused(tmp_path: Path, name: str) -> None:
    for use in (list_sources, open_source):
        with pytest.raises(SourceNotFound, match=name):
            use(tmp_path / name)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    for use in (list_sources, open_source):
        with pytest.raises(SourceNotFound, match="holds no pictures"):
            use(tmp_path)


def test_a_subfolder_that_cannot_be_looked_into_stops_no_other_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    write_picture(tmp_path / "open.png")
    iterdir = Path.iterdir

    def denied(path: Path) -> Iterator[Path]:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return iterdir(path)

    monkeypatch.setattr(Path, "iterdir", denied)
    closed, opened = list_sources(tmp_path)
    assert open_source(opened).num_frames == 1
    with pytest.raises(SourceNotFound, match="check its permissions"):
        open_source(closed)
