"""Video files that stand for cameras, and folders that grow."""

import os
import time
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest

from platestream.core.backoff import Backoff
from platestream.core.errors import ConfigError
from platestream.core.types import Frame
from platestream.live import source as camera
from platestream.live.addresses import full_address
from platestream.live.folder import NEXT_PICTURE_S, NEXT_SCENE_S, FolderFeed
from platestream.live.source import LiveSource
from platestream.live.stream_feed import skipping
from platestream.video.pictures import write_picture
from tests.live.films import film, number_of, write_video
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settle, poll and end sooner than cameras do."""
    monkeypatch.setattr(camera, "SILENCE_S", 1.5)
    monkeypatch.setitem(FolderFeed.__init__.__kwdefaults__, "settle_s", 0.3)
    monkeypatch.setitem(FolderFeed.__init__.__kwdefaults__, "poll_s", 0.05)


def all_frames(source: LiveSource) -> list[Frame]:
    frames = []
    while not source.is_over:
        frames += source.frames()
    return frames


def test_a_file_is_played_at_its_own_pace_to_its_end(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", film(50))
    begin = datetime.now(UTC)
    frames = all_frames(source := LiveSource("film", str(path)))
    # Two seconds of film take two seconds, and none of its frames comes before its time.
    assert 1.9 <= frames[-1].pts_s - frames[0].pts_s <= 10
    assert [f.index for f in frames] == list(range(len(frames)))
    assert all(b.pts_s > a.pts_s for a, b in pairwise(frames))
    numbers = [number_of(frame.rgb) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert len(frames) + source.num_dropped == 50
    assert begin <= source.wall_time(frames[0].pts_s) <= datetime.now(UTC)
    assert source.health().state == "ended"
    assert source.health().last_error == ""


def test_a_file_loops_until_it_is_closed(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", film(10))
    with closing(LiveSource("film", str(path), loop=True)) as source:
        frames = list(islice(source.frames(), 25))
        numbers = [number_of(frame.rgb) for frame in frames]
        assert sum(b < a for a, b in pairwise(numbers)) >= 2
        assert all(b.pts_s > a.pts_s for a, b in pairwise(frames))
        source.close()
        assert len(list(source.frames())) <= 1
        assert source.is_over


def test_a_slow_reader_gets_the_newest_frame_and_the_others_are_counted(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", film(50))
    source = LiveSource("film", str(path))
    numbers = []
    for frame in source.frames():
        numbers.append(number_of(frame.rgb))
        time.sleep(0.4)  # ten frames go by
    assert len(numbers) < 12
    assert numbers[-1] == 49
    assert len(numbers) + source.num_dropped == 50


def test_frames_beyond_a_limit_are_left_out_and_not_called_dropped(tmp_path: Path) -> None:
    path = write_video(tmp_path / "film.mp4", film(50))
    frames = all_frames(source := LiveSource("film", str(path), max_fps=5))
    assert 9 <= len(frames) + source.num_dropped <= 12
    assert source.fps == 5


@pytest.mark.parametrize("name", ["gate.mp4", "films/gate.mp4", "uploads"])
def test_a_relative_path_that_is_not_there_is_told_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(LiveSource("film", name, backoff=Backoff(0.1, 0.2))) as source:
        assert list(source.frames()) == []
        assert str(tmp_path / name) in source.health().last_error


def test_what_looks_like_a_login_is_not_told_in_full() -> None:
    with closing(LiveSource("film", "cam/u=1@s3cret.mp4", backoff=Backoff(0.1, 0.2))) as source:
        assert list(source.frames()) == []
        assert "No such file" in source.health().last_error
        assert "s3cret" not in source.health().last_error


def test_a_file_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    waits = Backoff(0.1, 0.2)
    with closing(LiveSource("film", str(path), backoff=waits)) as source:
        assert list(source.frames()) == []
        assert source.health().state == "connecting"
        assert "film.mp4: cannot be opened (No such file" in source.health().last_error
        write_video(tmp_path / "new.mp4", film(5)).rename(path)
        wait_until(lambda: source.health().state != "connecting")


def test_close_before_the_first_frame_is_no_trouble(tmp_path: Path) -> None:
    source = LiveSource("film", str(tmp_path / "film.mp4"))
    source.close()
    assert list(source.frames()) == []
    assert source.is_over


def test_new_files_of_a_folder_are_taken_once_they_are_whole(tmp_path: Path) -> None:
    write_video(tmp_path / "old.mp4", film(3))
    (tmp_path / "elsewhere").mkdir()
    whole = write_video(tmp_path / "elsewhere" / "new.mp4", film(12)).read_bytes()
    with closing(LiveSource("folder", str(tmp_path))) as source:
        frames = list(source.frames())
        assert frames == []  # what was there before is not new
        with (tmp_path / "new.mp4").open("wb") as growing:
            for part in range(6):
                growing.write(whole[part * len(whole) // 6 : (part + 1) * len(whole) // 6])
                growing.flush()
                time.sleep(0.15)
        frames = list(source.frames())
        assert [number_of(frame.rgb) for frame in frames] == list(range(12))
        assert source.num_corrupt == 0
        assert source.health().last_error == ""
        write_picture(tmp_path / "next.png", next(iter(film(1, seed=4))))
        (picture,) = source.frames()
        assert picture.index == 12
        assert picture.pts_s >= frames[-1].pts_s + NEXT_PICTURE_S


def test_no_frame_of_a_folder_is_dropped_however_slow_the_reader(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", film(20))
    with closing(LiveSource("folder", str(tmp_path), existing=True)) as source:
        numbers = []
        for frame in source.frames():
            numbers.append(number_of(frame.rgb))
            time.sleep(0.06)
        assert numbers == list(range(20))
        assert source.num_dropped == 0


def test_files_have_the_time_of_day_they_were_recorded(tmp_path: Path) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
    for name, ended_s in (("a.mp4", noon), ("b.mp4", noon + 1), ("c.mp4", noon + 3600)):
        write_video(tmp_path / name, film(25))  # a second
        os.utime(tmp_path / name, (ended_s, ended_s))
    with closing(LiveSource("folder", str(tmp_path), existing=True)) as source:
        frames = list(source.frames())
        times_s = [source.wall_time(frame.pts_s).timestamp() - noon for frame in frames]
    assert times_s[0] == pytest.approx(-1, abs=0.01)
    assert times_s[25] == pytest.approx(0, abs=0.1)
    assert times_s[50] == pytest.approx(3599, abs=0.01)
    # Segments of one recording go on without a gap; an hour later is an hour later.
    assert frames[25].pts_s - frames[24].pts_s == pytest.approx(0.04, abs=0.01)
    assert frames[50].pts_s - frames[49].pts_s > 3500


def test_files_of_no_telling_when_are_scenes_apart(tmp_path: Path) -> None:
    for name, ended_s in (
        ("a.mp4", 2e9),
        ("b.mp4", 1e9),
    ):  # the later one is the older: it was copied
        write_video(tmp_path / name, film(5))
        os.utime(tmp_path / name, (ended_s, ended_s))
    with closing(LiveSource("folder", str(tmp_path), existing=True)) as source:
        frames = list(source.frames())
        write_video(tmp_path / "c.mp4", film(5))
        os.utime(tmp_path / "c.mp4", (1.5e9, 1.5e9))
        frames += source.frames()
    assert len(frames) == 15
    assert frames[10].pts_s - frames[9].pts_s == pytest.approx(NEXT_SCENE_S, abs=0.01)
    assert source.wall_time(frames[10].pts_s).timestamp() == pytest.approx(1.5e9 - 0.2, abs=0.01)


def test_a_broken_file_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    with closing(LiveSource("folder", str(tmp_path))) as source:
        assert list(source.frames()) == []
        (tmp_path / "broken.jpg").write_bytes(b"no picture")
        wait_until(lambda: source.num_corrupt == 1)
        assert "broken.jpg: not a picture" in source.health().last_error
        write_picture(tmp_path / "good.png", next(iter(film(1))))
        (tmp_path / "notes.txt").write_text("of no interest")
        assert [number_of(frame.rgb) for frame in source.frames()] == [0]


def test_a_file_written_anew_is_taken_again(tmp_path: Path) -> None:
    latest = tmp_path / "latest.png"
    with closing(LiveSource("folder", str(tmp_path))) as source:
        assert list(source.frames()) == []
        for rgb in film(3):
            write_picture(latest, rgb)
            (frame,) = source.frames()
            assert (frame.rgb == rgb).all()


def test_a_folder_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    with closing(
        LiveSource("folder", str(folder), existing=True, backoff=Backoff(0.1, 0.2))
    ) as source:
        assert list(source.frames()) == []
        assert "later: cannot be looked into" in source.health().last_error
        folder.mkdir()
        write_picture(folder / "a.png", next(iter(film(1))))
        assert [number_of(frame.rgb) for frame in source.frames()] == [0]


@pytest.mark.parametrize(
    ("url", "login", "address"),
    [
        ("0", ("", ""), "/dev/video0"),
        ("/dev/video2", ("", ""), "/dev/video2"),
        ("rtsp://cam/main", ("", ""), "rtsp://cam/main"),
        (
            "rtsp://cam:554/main?x=1",
            ("me", "p@ss/w:rd"),
            "rtsp://me:p%40ss%2Fw%3Ard@cam:554/main?x=1",
        ),
        ("rtsp://old:one@cam/main", ("me", "new"), "rtsp://me:new@cam/main"),
        ("rtsp://cam/main", ("me", ""), "rtsp://me@cam/main"),
        ("clips/a.mp4", ("", ""), "clips/a.mp4"),
    ],
)
def test_what_is_opened_for_what_was_written(
    url: str, login: tuple[str, str], address: str
) -> None:
    assert full_address(url, *login) == address


@pytest.mark.parametrize("url", ["file:///etc/passwd", "concat://a|b", "subfile://x", "data://x"])
def test_nothing_but_cameras_is_opened(url: str) -> None:
    with pytest.raises(ConfigError, match="nothing is opened by"):
        LiveSource("x", url)


def test_a_slip_in_the_scheme_is_named_and_no_password_is() -> None:
    with pytest.raises(ConfigError, match=r"did you mean rtsp://\? Use one of http, ") as caught:
        LiveSource("x", "rtspp://me:hunter2@cam/main")
    assert "hunter2" not in str(caught.value)


def test_a_webcam_that_is_not_there_is_named() -> None:
    with closing(LiveSource("cam", "99", backoff=Backoff(0.1, 0.1))) as source:
        assert list(source.frames()) == []
        assert "/dev/video99: cannot be opened (No such file" in source.health().last_error


def test_a_decoder_that_is_late_skips_to_whole_pictures_until_it_is_not() -> None:
    assert skipping(0.1, before="DEFAULT") == "DEFAULT"
    assert skipping(1.0, before="DEFAULT") == "DEFAULT"
    assert skipping(2.1, before="DEFAULT") == "NONKEY"
    assert skipping(1.0, before="NONKEY") == "NONKEY"
    assert skipping(0.1, before="NONKEY") == "DEFAULT"
