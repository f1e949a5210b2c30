"""Cameras on real servers: RTSP by GStreamer's, HTTP by Python's."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from platestream.core.backoff import Backoff
from platestream.core.errors import SourceError
from platestream.core.reach import REFUSED, UNKNOWN_HOST
from platestream.core.types import Frame
from platestream.live import source as camera
from platestream.live import stream_feed
from platestream.live.sight import SightSampler
from platestream.live.source import LiveSource
from platestream.live.trial import try_camera
from platestream.service.camera_config import CameraConfig
from platestream.service.wiring import feed_settings
from tests.live.films import black, film, number_of, still, write_video
from tests.live.http_cameras import http_camera
from tests.rtsp import RtspServer, free_port, make_clip, needs_rtsp_server
from tests.waiting import wait_until

LOGIN = ("viewer", "p@ss/w:rd")


def see(source: LiveSource, state: str, *, within: int = 500) -> None:
    """Read until a camera is in a state."""
    for _ in islice(source.frames(), within):
        if source.health().state == state:
            return
    pytest.fail(f"never {state}; {source.health()}")


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Callable[[LiveSource], str]:
    """Asks a camera for frames until it says what is wrong, and on; none may ever come."""
    monkeypatch.setattr(camera, "SILENCE_S", 0.1)

    def ask(source: LiveSource) -> str:
        wait_until(lambda: list(source.frames()) or source.health().last_error)
        for _ in range(5):  # some attempts more
            assert list(source.frames()) == []
        return source.health().last_error

    return ask


@pytest.fixture(scope="module")
def rtsp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    """A server with a film, a frozen one and a black one, 25 frames a second, behind a login."""
    needs_rtsp_server()
    folder = tmp_path_factory.mktemp("clips")
    films = {"film": film(50), "still": still(50), "black": black(50)}
    clips = {name: make_clip(folder / name, frames, 25) for name, frames in films.items()}
    with RtspServer(clips, login=":".join(LOGIN)) as server:
        yield server


@contextmanager
def connected(server: RtspServer, name: str, **options: object) -> Iterator[LiveSource]:
    user, password = LOGIN
    waits = Backoff(0.1, 0.3)
    source = LiveSource(
        name, server.url(name), username=user, password=password, backoff=waits, **options
    )
    with closing(source):
        yield source


def test_an_rtsp_camera_gives_frames_as_they_come(rtsp: RtspServer) -> None:
    with connected(rtsp, "film") as source:
        frames = list(islice(source.frames(), 60))
        now = datetime.now(UTC)
        numbers = [number_of(frame.rgb) for frame in frames]
        steps = [(b - a) % 50 for a, b in pairwise(numbers)]
        assert min(steps) >= 1  # never the same frame twice, never back but by the loop
        assert sum(steps) <= 59 + source.num_dropped
        assert all(b.pts_s > a.pts_s for a, b in pairwise(frames))
        assert frames[-1].pts_s - frames[0].pts_s == pytest.approx(sum(steps) / 25, abs=0.5)
        assert abs(now - source.wall_time(frames[-1].pts_s)) < timedelta(seconds=2)
        assert source.health().state == "live"
        assert source.fps == 25


def test_frames_that_are_not_decoded_for_haste_are_counted_as_dropped(
    rtsp: RtspServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_feed, "LATE_S", -1.0)  # always late: key frames only
    with connected(rtsp, "still") as source:
        frames = list(islice(source.frames(), 4))
        health = source.health()
    # One a second, after the first.
    assert all(b.pts_s - a.pts_s > 0.7 for a, b in pairwise(frames[1:]))
    assert health.num_dropped >= 48
    assert health.fps_dropped > 5
    assert replace(health, fps_done=1.0).is_too_busy


def test_a_server_that_is_killed_and_restored_is_found_again(rtsp: RtspServer) -> None:
    with connected(rtsp, "film") as source:
        frames = list(islice(source.frames(), 5))
        rtsp.kill()
        frames += source.frames()  # what was decoded still, then it is silent
        assert source.health().state == "lost"
        error = source.health().last_error
        rtsp.start()
        wait_until(lambda: source.health().state == "live")
        frames += islice(source.frames(), 5)
        assert source.health().num_reconnects == 1
        assert [frame.index for frame in frames] == list(range(len(frames)))
        assert all(b.pts_s > a.pts_s for a, b in pairwise(frames))
        assert frames[-1].pts_s - frames[0].pts_s > camera.SILENCE_S
        assert "127.0.0.1" in error
        assert LOGIN[1] not in error


def test_a_server_that_falls_silent_is_lost_and_found_again(rtsp: RtspServer) -> None:
    with connected(rtsp, "film", timeout_s=1.0) as source:
        list(islice(source.frames(), 5))
        with rtsp.paused():
            wait_until(lambda: source.health().state == "lost")
            assert "no answer for 1 s" in source.health().last_error
        wait_until(lambda: source.health().state == "live")
        assert source.health().num_reconnects == 1


@pytest.mark.parametrize("login", [("viewer", "wr0ng"), ("", "")])
def test_a_wrong_password_is_told_and_not_shown(
    rtsp: RtspServer,
    login: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[LiveSource], str],
) -> None:
    waits = Backoff(0.05, 0.1)
    source = LiveSource(
        "film", rtsp.url("film"), username=login[0], password=login[1], backoff=waits
    )
    with caplog.at_level(logging.DEBUG), closing(source):
        error = trouble(source)
        assert source.health().state == "connecting"
    assert "wrong user name or password" in error
    assert "wr0ng" not in error + caplog.text


def test_a_picture_that_stands_still_is_frozen(rtsp: RtspServer) -> None:
    with connected(rtsp, "still", frozen_after_s=1.0) as source:
        see(source, "frozen")
        assert source.health().since <= datetime.now(UTC)
        assert 0.2 < source.health().brightness < 0.6


def test_a_frozen_camera_that_comes_back_is_live_until_it_froze_again(rtsp: RtspServer) -> None:
    with connected(rtsp, "still", timeout_s=1.0, frozen_after_s=2.0) as source:
        see(source, "frozen")
        with rtsp.paused():
            wait_until(lambda: source.health().state == "lost")
        wait_until(lambda: source.health().state == "live")
        see(source, "frozen")


def test_a_picture_that_changes_is_not_frozen(rtsp: RtspServer) -> None:
    with connected(rtsp, "film", frozen_after_s=1.0) as source:
        states = {source.health().state for _ in islice(source.frames(), 60)}
    assert states == {"live"}


def test_a_black_picture_is_black(rtsp: RtspServer) -> None:
    with connected(rtsp, "black") as source:
        see(source, "black")
        assert source.health().brightness < 0.1


def test_an_error_that_nobody_thought_of_is_logged_without_the_password_and_tried_again(
    rtsp: RtspServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = rtsp.url("film").replace("//", "//viewer:hunter2@")
    errors = iter([ZeroDivisionError(f"a bug with {address}")])
    look = SightSampler.look

    def fail_once(*args: Any) -> str | None:
        if error := next(errors, None):
            raise error
        return look(*args)

    monkeypatch.setattr(SightSampler, "look", fail_once)
    with connected(rtsp, "film") as source:
        assert len(list(islice(source.frames(), 20))) == 20
        assert source.health().num_reconnects == 1
        assert "an unexpected error (ZeroDivisionError); see the log" in source.health().last_error
    assert "in fail_once" in caplog.text
    assert "hunter2" not in caplog.text


def test_udp_works_too(rtsp: RtspServer) -> None:
    with connected(rtsp, "film", transport="udp") as source:
        assert len(list(islice(source.frames(), 5))) == 5


def test_a_server_that_never_answers_is_given_up_after_a_while(
    trouble: Callable[[LiveSource], str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://viewer:hunter2@127.0.0.1:{silent.getsockname()[1]}/x"
        with closing(LiveSource("x", url, timeout_s=0.5, backoff=Backoff(0.1, 0.1))) as source:
            error = trouble(source)
    assert "no answer for 0.5 s; check the address" in error
    assert "hunter2" not in error


def test_a_server_that_is_not_there_is_tried_again_and_again(
    trouble: Callable[[LiveSource], str],
) -> None:
    url = f"rtsp://127.0.0.1:{free_port()}/x"
    with closing(LiveSource("x", url, backoff=Backoff(0.1, 0.1))) as source:
        assert f"cannot be opened ({REFUSED})" in trouble(source)


def test_a_host_that_nobody_knows_is_told_apart(trouble: Callable[[LiveSource], str]) -> None:
    url = "rtsp://camera.invalid/x"
    with closing(LiveSource("x", url, backoff=Backoff(0.1, 0.1))) as source:
        assert f"cannot be opened ({UNKNOWN_HOST})" in trouble(source)


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    return write_video(tmp_path / "film.mp4", film(25))


def read_all(source: LiveSource) -> list[Frame]:
    frames: list[Frame] = []
    while not source.is_over:
        frames += source.frames()
    return frames


def test_a_film_on_a_web_server_is_played_at_its_own_pace_to_its_end(movie: Path) -> None:
    with http_camera(movie) as url:
        frames = read_all(source := LiveSource("film", f"{url}/film.mp4"))
    assert frames[-1].pts_s - frames[0].pts_s > 0.9
    assert len(frames) + source.num_dropped == 25


def test_a_running_picture_is_read_as_it_comes(movie: Path) -> None:
    with http_camera(movie, login="me:s3cret") as url:
        source = LiveSource("mjpeg", f"{url}/stream", username="me", password="s3cret")
        with closing(source):
            frames = list(islice(source.frames(), 12))
    numbers = [number_of(frame.rgb) for frame in frames]
    assert all(b > a for a, b in pairwise(numbers))
    assert frames[-1].pts_s - frames[0].pts_s == pytest.approx(
        0.1 * (numbers[-1] - numbers[0]), abs=0.5
    )


def test_a_snapshot_is_asked_for_again_and_again(
    movie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platestream.live.stream_feed.SNAPSHOT_EVERY_S", 0.1)
    with http_camera(movie) as url, closing(LiveSource("snap", f"{url}/snapshot.jpg")) as source:
        numbers = [number_of(frame.rgb) for frame in islice(source.frames(), 4)]
        assert source.health().num_reconnects == 0
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 4


def test_a_wrong_password_of_an_http_camera_is_told_and_not_shown(
    movie: Path, trouble: Callable[[LiveSource], str]
) -> None:
    with http_camera(movie, login="me:s3cret") as url:
        address = f"{url}/stream".replace("//", "//me:wr0ng@", 1)
        with closing(LiveSource("x", address, backoff=Backoff(0.1, 0.1))) as source:
            error = trouble(source)
    assert "wrong user name or password" in error
    assert "wr0ng" not in error


def test_a_stranger_s_playlist_reads_none_of_our_files(
    movie: Path, trouble: Callable[[LiveSource], str]
) -> None:
    with http_camera(movie) as url:
        waits = Backoff(0.1, 0.1)
        with closing(LiveSource("x", f"{url}/playlist.m3u8", timeout_s=1, backoff=waits)) as source:
            assert trouble(source)
            assert source.health().state == "connecting"


def test_closing_does_not_wait_for_a_camera_that_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/x"
        source = LiveSource("x", url, timeout_s=60)
        reader = threading.Thread(target=lambda: list(source.frames()))
        reader.start()
        source.close()
        reader.join(10)
        assert not reader.is_alive()
        assert source.is_over


@pytest.mark.parametrize("scheme", ["http", "rtsp", "tcp"])
def test_who_tries_a_camera_waits_no_longer_than_is_said(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = CameraConfig(
            url=f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/x", timeout_s=600
        )
        began_s = time.monotonic()
        with pytest.raises(SourceError):
            try_camera(lambda stop: feed_settings(config, stop), within_s=1.0)
        assert time.monotonic() - began_s < 20
