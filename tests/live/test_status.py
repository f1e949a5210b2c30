"""The states of a camera, and what went wrong last."""

import logging
from datetime import UTC, datetime

import pytest

from platestream.live.status import OVER_AFTER_S, CameraStatus


def test_a_camera_comes_goes_and_comes_back() -> None:
    status = CameraStatus("gate")
    assert not status.is_connected
    status.lose()  # an attempt that failed: it never was there
    assert status.health().state == "connecting"
    status.begin()
    assert status.is_connected
    assert (status.health().state, status.health().num_reconnects) == ("live", 0)
    status.show("frozen")
    assert status.is_connected
    status.lose()
    assert (status.health().state, status.is_connected) == ("lost", False)
    status.begin()
    assert (status.health().state, status.health().num_reconnects) == ("live", 1)
    status.end()
    assert status.health().state == "ended"


def test_since_is_when_the_state_began() -> None:
    status = CameraStatus("gate")
    status.begin()
    since = status.health().since
    status.show("live")
    assert status.health().since == since
    status.show("black")
    assert since < status.health().since <= datetime.now(UTC)


def test_rate_and_time_of_the_last_frame() -> None:
    status = CameraStatus("gate")
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    status.tick(0.0)
    assert status.health().last_frame_at is None
    status.take(noon)
    assert status.health().last_frame_at == noon


def test_the_same_trouble_is_logged_once_and_without_the_password(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status = CameraStatus("gate")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            status.note("rtsp://me:hunter2@cam/x: no answer")
        status.note("something else")
    assert caplog.text.count("no answer") == 1
    assert "hunter2" not in caplog.text
    assert status.health().last_error == "something else"


def test_a_camera_whose_last_picture_is_old_is_lost_until_the_next() -> None:
    status = CameraStatus("gate", silence_s=5.0)
    status.tick(100.0)
    status.begin()
    status.show("black")
    assert status.health(105.0).state == "black"
    assert status.health(105.1).state == "lost"
    assert not status.is_connected
    status.tick(106.0)
    status.begin()
    assert (status.health(106.0).state, status.health(106.0).num_reconnects) == ("live", 1)


def test_trouble_goes_when_it_is_over() -> None:
    status = CameraStatus("gate")
    status.note("it broke off")
    noted_s = status._noted_s
    status.tick(noted_s + OVER_AFTER_S - 1)
    assert status.health().last_error == "it broke off"
    status.tick(noted_s + OVER_AFTER_S + 1)
    assert status.health().last_error == ""
