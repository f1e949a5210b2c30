"""Cameras whose data goes on while their picture does not."""

import threading

import numpy as np
import pytest

from platestream.core.backoff import Backoff
from platestream.live.source import LiveSource
from tests.live.tcp_cameras import only_sound, tcp_camera, transport_stream
from tests.waiting import wait_until


@pytest.mark.parametrize("dies", ["sound goes on", "rubbish", "another codec"])
def test_a_picture_that_ends_while_data_goes_on_is_lost_and_connected_anew(dies: str) -> None:
    begin = transport_stream("mpeg2video", 50, 0.5)
    then = only_sound(transport_stream("mpeg2video", 2, 10.0))
    if dies == "rubbish":
        noise = np.random.default_rng(0)
        head = bytes([0x47, 0x01, 0x00, 0x10])
        then = b"".join(head + noise.bytes(184) for _ in range(500))
    elif dies == "another codec":
        then = transport_stream("libx264", 50, 0.5)
    with tcp_camera(begin, then) as url:
        source = LiveSource("gate", url, timeout_s=1.0, backoff=Backoff(0.05, 0.1))
        reader = threading.Thread(target=lambda: list(source.frames()), daemon=True)
        reader.start()
        wait_until(lambda: source.health().last_frame_at is not None)
        states = set()

        def has_come_back() -> bool:
            states.add(source.health().state)
            return source.health().num_reconnects >= 1

        wait_until(has_come_back)
        assert "lost" in states
        assert states <= {"live", "lost"}, "what cannot be decoded looks like nothing"
        # FFmpeg may wait for the end of a picture that has none: that counts as well.
        why = ("no picture for",) if dies == "sound goes on" else ("no picture for", "broke off")
        assert any(each in source.health().last_error for each in why)
        source.close()
        reader.join(10)
        assert not reader.is_alive()
