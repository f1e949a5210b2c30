"""Which cameras run where, as the configuration has it."""

from pathlib import Path

import numpy as np
import pytest

from platestream.cluster import actors as actors_module
from platestream.core.errors import ConfigError
from platestream.live.updates import nobody
from platestream.live.workers import Cameras, Listeners
from platestream.service.camera_config import CameraConfig
from platestream.service.config import ServiceConfig
from platestream.service.spread import AllCameras, make_cameras
from platestream.service.wiring import CameraPlan, make_plan
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


def test_a_camera_that_comes_or_changes_runs_where_its_address_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = ToldActors(NORTH)
    monkeypatch.setattr(actors_module, "RayActors", lambda _address: cluster)
    cameras = make_cameras(config(tmp_path, cluster={"address": "head:6379"}), ENGINE, LISTENERS)

    def plan(name: str, url: str) -> CameraPlan:
        return make_plan(name, CameraConfig(url=url), ServiceConfig())

    def nodes() -> dict[str, str]:
        return {name: health.node for name, health in cameras.health().items()}

    cameras.start()
    cameras.watch(plan("new", "rtsp://new/"))
    assert "new" in cameras.health(), "the page shows it at once"
    wait_until(lambda: nodes() == {"here": "", "far": "north", "new": "north"})
    cameras.watch(plan("new", str(tmp_path)))
    wait_until(lambda: all(actor.is_dead for actor in cluster.started if actor.name == "new"))
    assert nodes() == {"here": "", "far": "north", "new": ""}
    assert cameras.snapshot("new") is None
    cameras.watch(plan("new", "rtsp://new/"))
    wait_until(lambda: nodes()["new"] == "north")
    cameras.remove("new")
    assert list(nodes()) == ["here", "far"]
    cameras.stop(5)


def test_what_is_no_camera_is_refused_before_the_cluster_is_asked(tmp_path: Path) -> None:
    wrong = {"cameras": {"gate": {"url": "ftp://gate/"}}, "cluster": {"address": "head:6379"}}
    with pytest.raises(ConfigError, match="nothing is opened by"):
        make_cameras(ServiceConfig.model_validate(wrong), ENGINE, LISTENERS)
