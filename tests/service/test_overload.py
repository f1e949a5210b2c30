"""More cameras than the machine can look at: frames are left out, no camera lags or starves."""

import re
import threading
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from platestream.core.types import Detection, Rgb
from tests.live.films import film
from tests.rtsp import Clip, RtspServer, make_clip, needs_rtsp_server
from tests.service.web.live_site import ENGINE, Middle, live_site
from tests.waiting import wait_until

NUM_BUSY, FPS = 6, 10
LOOK_S = 0.05
"""For one look, and no two at a time: a third of what the cameras want."""
WATCH_S = 8.0


class OneAtATime(Middle):
    """A slow device that all cameras share, whatever this machine's processor can do."""

    def __init__(self) -> None:
        self._device = threading.Lock()

    def detect(self, rgb: Rgb) -> list[Detection]:
        with self._device:
            time.sleep(LOOK_S)
        return super().detect(rgb)


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    needs_rtsp_server()
    return make_clip(tmp_path / "clip", film(50), FPS, keyframe_every=FPS)


def test_an_overloaded_service_leaves_out_frames_and_says_so(clip: Clip, tmp_path: Path) -> None:
    names = [f"busy{number}" for number in range(NUM_BUSY)]
    with RtspServer({"street": clip}) as server:
        url = server.url("street")
        cameras: dict[str, dict[str, Any]] = {name: {"url": url} for name in names}
        cameras["modest"] = {"url": url, "max_fps": 1}
        engine = replace(ENGINE, detector=OneAtATime())
        store = {"url": f"sqlite:///{tmp_path}/events.db", "frames": False}
        with (
            live_site(tmp_path, engine=engine, cameras=cameras, store=store) as site,
            site.client() as client,
        ):

            def health() -> dict[str, dict[str, Any]]:
                answer = client.get("/api/v1/cameras").raise_for_status().json()
                return {each["name"]: each["health"] for each in answer["cameras"]}

            wait_until(lambda: all(each["num_frames"] > 3 for each in health().values()))
            first, delays_s = health(), defaultdict(list)
            begin_s = time.monotonic()
            while (passed_s := time.monotonic() - begin_s) < WATCH_S:
                for name, each in health().items():
                    if passed_s > WATCH_S / 2:
                        delays_s[name].append(each["delay_s"])
                time.sleep(0.2)
            last = health()
            page, figures = client.get("/cameras").text, client.get("/metrics").text
    done = {name: last[name]["num_frames"] - first[name]["num_frames"] for name in last}
    left_out = {name: last[name]["num_dropped"] - first[name]["num_dropped"] for name in last}
    for name in names:
        assert left_out[name] > done[name], "what was not looked at is counted"
        # As late as some looks take, and not later the longer it goes on: a queue of what was left
        # out would be five seconds late by now where a look at each camera takes a third of one.
        assert max(delays_s[name]) < 1 + 3 * passed_s / done[name]
        assert done[name] > np.mean([done[other] for other in names]) / 2, "it starves"
        told = re.search(rf'platestream_camera_num_dropped{{camera="{name}"}} (\S+)', figures)
        assert told
        assert float(told[1]) >= last[name]["num_dropped"]
    # Who asks for little gives way last.
    assert left_out["modest"] <= min(left_out[name] for name in names) / 10
    assert done["modest"] >= passed_s / 2
    assert page.count("The machine is too busy") == NUM_BUSY
