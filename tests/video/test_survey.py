"""What is read of a folder, and what is said of the rest."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from platestream.core.errors import SourceNotFound
from platestream.video import pictures
from platestream.video import survey as survey_module
from platestream.video.kinds import Kind
from platestream.video.pictures import read_picture
from platestream.video.sources import CropStream, PictureSource
from platestream.video.survey import Found, survey, walk_files


def picture(path: Path, suffix: str = ".png") -> Path:
    """A small picture; its content is of the given kind whatever the file is called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rgb = np.full((64, 160, 3), 90, np.uint8)
    path.write_bytes(cv2.imencode(suffix, rgb)[1].tobytes())
    return path


def judge_by_name(files: Sequence[Path]) -> Kind:
    """Stands in for the networks: folders are called what is in them."""
    return next((kind for kind in Kind if kind.value in str(files[0])), Kind.PHOTOS)


def found_in(folder: Path, kind: Kind | None = None) -> list[tuple[str, Kind | None]]:
    result = survey(folder, judge_by_name, kind)
    return [(found.path.relative_to(folder).as_posix(), found.kind) for found in result.found]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card of a recorder: days, cameras, crops, and what else lies about."""
    picture(tmp_path / "2026-11-23" / "photos" / "car10.png")
    picture(tmp_path / "2026-11-23" / "photos" / "car9.png")
    picture(tmp_path / "cut" / "streams" / "0.png")
    picture(tmp_path / "cut" / "streams" / "1.png")
    picture(tmp_path / "crops" / "a.png")
    (tmp_path / "2026-11-23" / "gate.MP4").write_bytes(b"video")
    (tmp_path / "2026-11-23" / "notes.txt").write_text("notes")
    (tmp_path / "2026-11-23" / "index").write_text("index")
    picture(tmp_path / ".trash" / "old.png")
    picture(tmp_path / "@eaDir" / "thumb.png")
    return tmp_path


def test_sub_folders_are_walked_and_each_is_what_its_pictures_are(card: Path) -> None:
    assert found_in(card) == [
        ("2026-11-23/gate.MP4", None),
        ("2026-11-23/photos/car9.png", Kind.PHOTOS),
        ("2026-11-23/photos/car10.png", Kind.PHOTOS),
        ("crops/a.png", Kind.CROPS),
        ("cut/streams", Kind.STREAMS),
    ]


def test_nothing_is_passed_over_in_silence(card: Path) -> None:
    result = survey(card, judge_by_name)
    assert result.passed_over == {".txt": 1, "without suffix": 1}
    assert result.decided == {Kind.PHOTOS: 2, Kind.STREAMS: 2, Kind.CROPS: 1}


@pytest.mark.parametrize("kind", list(Kind))
def test_the_user_overrules_the_pictures(card: Path, kind: Kind) -> None:
    def nobody(_: Sequence[Path]) -> Kind:
        pytest.fail("nobody is asked")

    kinds = {found.kind for found in survey(card, nobody, kind).found}
    assert kinds == {None, kind}


@pytest.mark.parametrize("besides", ["updates.jsonl", "manifest.db"])
def test_results_of_a_run_are_not_read_again_and_what_lies_beside_them_is(
    card: Path, besides: str
) -> None:
    day = card / "2026-11-23"
    before = survey(day, judge_by_name)
    for name in ("events.jsonl", besides, "events.csv", "report.html"):
        (day / name).write_text("")
    for name in ("crops/000001.png", "annotated/car9.png"):
        picture(day / name)
    (day / "annotated" / "gate.mp4").write_bytes(b"drawn")
    result = survey(day, judge_by_name)
    assert result.found == before.found
    assert result.passed_over["folder of results"] == 1


def test_a_folder_that_cannot_be_looked_into_stops_no_other(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = survey(card, judge_by_name).found
    (card / "locked").mkdir()
    look = pictures.list_folder

    def locked(folder: Path) -> list[Path]:
        if folder.name == "locked":
            msg = f"{folder}: cannot be looked into"
            raise SourceNotFound(msg)
        return look(folder)

    for module in (pictures, survey_module):
        monkeypatch.setattr(module, "list_folder", locked)
    *found, last = survey(card, judge_by_name).found
    assert found == before
    with pytest.raises(SourceNotFound, match="cannot be looked into"):
        last.open()


def test_links_that_lead_back_are_followed_once(card: Path) -> None:
    before = found_in(card)
    (card / "zz").symlink_to(card)
    assert found_in(card) == before


def test_a_folder_of_nothing_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("")
    with pytest.raises(SourceNotFound, match=r"only 1 \.pdf"):
        survey(tmp_path, judge_by_name)


def test_of_many_folders_of_one_kind_only_the_first_are_looked_into(tmp_path: Path) -> None:
    asked = []

    def judge(files: Sequence[Path]) -> Kind:
        asked.append(files)
        return Kind.STREAMS

    for index in range(30):
        picture(tmp_path / f"{index}" / "0.png")
    assert len(survey(tmp_path, judge).found) == 30
    assert len(asked) == 12


@pytest.mark.parametrize(
    "suffix", [".gif", ".jp2", ".avif", ".jpg", ".png", ".webp", ".tif", ".bmp"]
)
def test_pictures_of_every_kind_open_with_and_without_their_suffix(
    tmp_path: Path, suffix: str
) -> None:
    for name in (f"named{suffix}", "unnamed"):
        file = picture(tmp_path / name, suffix)
        (found,) = survey(file, judge_by_name).found
        assert found == Found(file, Kind.PHOTOS)
        rgb = read_picture(found.path)
        assert rgb.shape == (64, 160, 3)
        assert abs(int(rgb.mean()) - 90) < 3


def test_one_crop_is_a_stream_of_one(tmp_path: Path) -> None:
    file = picture(tmp_path / "streams.png")
    (found,) = survey(file, judge_by_name).found
    source = found.open()
    assert isinstance(source, CropStream)
    assert [crop.rgb.shape for crop in source.crops()] == [(64, 160, 3)]
    assert isinstance(Found(file, Kind.PHOTOS).open(), PictureSource)


def test_all_files_below_a_folder(card: Path) -> None:
    assert sorted(file.name for file in walk_files(card)) == [
        "0.png", "1.png", "a.png", "car10.png", "car9.png", "gate.MP4", "index", "notes.txt",
    ]  # fmt: skip
    with pytest.raises(SourceNotFound):
        list(walk_files(card / "missing"))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("rtsp://camera/stream", "^rtsp://camera: a live stream; `platestream serve`"),
        ("/dev/video93", "`platestream serve` watches webcams"),
        ("0", "`platestream serve` watches webcams"),
        (
            "HTTPS://camera/stream",
            "^HTTPS://camera: an address; add --jobs 1",
        ),
        ("true", "--annotate take no value"),
        ("gate.mp5", "check the path"),
    ],
)
def test_what_is_no_file_says_what_to_do(said: str, words: str) -> None:
    with pytest.raises(SourceNotFound, match=words):
        survey(Path(said), judge_by_name)
