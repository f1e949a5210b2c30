"""Which cameras run where, as the configuration has it."""

from pathlib import Path

import numpy as np
import pytest

from platestream.cluster import actors as actors_module
from platestream.core.errors import ConfigError
from platestream.live.updates import nobody
from platestream.live.workers import Cameras, Listeners
from platestream.service.config import ServiceConfig
from platestream.service.spread import AllCameras
from platestream.service.wiring import make_cameras
from tests.live.test_workers import ENGINE
from tests.waiting import wait_until

from .test_remote_cameras import NORTH, PICTURE, ToldActors

LISTENERS = Listeners(lambda *_: None, lambda _: None, nobody)


def config(folder: Path, **more: object) -> ServiceConfig:
    cameras = {"far": {"url": "rtsp://far/"}, "here": {"url": str(folder)}}
    return ServiceConfig.model_validate({"cameras": cameras, **more})


def test_without_a_cluster_all_cameras_run_here(tmp_path: Path) -> None:
    cameras = make_cameras(config(tmp_path), ENGINE, LISTENERS)
    assert isinstance(cameras, Cameras)
    assert list(cameras.health()) == ["far", "here"]


def test_with_one_those_of_the_network_run_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    cluster = ToldActors(NORTH)
    monkeypatch.setattr(
        actors_module, "RayActors", lambda address: asked.append(address) or cluster
    )
    there = {"cluster": {"address": "head:6379"}}
    cameras = make_cameras(config(tmp_path, **there), ENGINE, LISTENERS)
    assert isinstance(cameras, AllCameras)
    cameras.start()
    wait_until(lambda: cameras.health()["far"].state == "live")
    assert asked == ["head:6379"]
    assert {name: health.node for name, health in cameras.health().items()} == {
        "here": "", "far": "north"
    }  # fmt: skip
    assert np.array_equal(cameras.snapshot("far"), PICTURE)
    assert cameras.snapshot("here") is None
    cameras.stop(5)
    assert cluster.is_closed
    assert cameras.health()["here"].state == "ended"


def test_what_is_no_camera_is_refused_before_the_cluster_is_asked(tmp_path: Path) -> None:
    wrong = {"cameras": {"gate": {"url": "ftp://gate/"}}, "cluster": {"address": "head:6379"}}
    with pytest.raises(ConfigError, match="nothing is opened by"):
        make_cameras(ServiceConfig.model_validate(wrong), ENGINE, LISTENERS)
