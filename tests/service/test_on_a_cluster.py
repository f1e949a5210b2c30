"""Cameras on a real Ray cluster of several nodes, with real RTSP streams and a real PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from platestream.service import remote_cameras, running
from platestream.service.config import ServiceConfig
from platestream.service.web.context import Services
from platestream.store.records import Query, StoredEvent
from platestream.store.store import EventStore, open_store
from tests.live.test_workers import TEXTS, passage
from tests.ray_nodes import forget_ray, started
from tests.rtsp import Clip, RtspServer, make_clip, needs_rtsp_server
from tests.store.postgres import running_server
from tests.waiting import wait_until

from .road_actor import RoadActor

if os.environ.get("CI") != "true":
    pytest.importorskip("ray", reason="Ray is not installed (pip install 'platestream[cluster]')")

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
    # Ray's own threads read from processes that were killed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

LIVE_WITHIN_S = 30.0
"""How long a camera may be unseen when its node dies."""

FPS = 10


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with running_server() as url:
        yield url


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Each plate goes by once in a round, which is long enough for a passage to be over."""
    needs_rtsp_server()
    frames = [rgb for number in range(len(TEXTS)) for rgb in passage(number, 30)]
    return make_clip(tmp_path_factory.mktemp("clip") / "road", frames, FPS, keyframe_every=FPS)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head that carries no cameras, as the service's own machine may be, and two nodes."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        # By default its workers yield to all others, which on a busy machine is for minutes.
        patch.setenv("RAY_worker_niceness", "0")
        head = {"num_cpus": 0, "node_name": "head", "include_dashboard": False}
        head |= {"object_store_memory": 10**8}
        made = started(lambda: Cluster(initialize_head=True, head_node_args=head))
        made.nodes_by_name = {name: add_node(made, name) for name in ("north", "south")}
        yield made
        made.shutdown()
        forget_ray()


def add_node(cluster: Any, name: str) -> Any:
    options = {"num_cpus": 1, "node_name": name, "object_store_memory": 10**8}
    return started(lambda: cluster.add_node(**options))


def drain(cluster: Any, node: Any) -> None:
    """As somebody would who is about to take a machine away."""
    ray = Path(sys.executable).with_name("ray")
    reason = ["--reason", "DRAIN_NODE_REASON_PREEMPTION", "--reason-message", "maintenance"]
    where = ["--address", cluster.address, "--node-id", node.node_id]
    subprocess.run([ray, "drain-node", *where, *reason], check=True, capture_output=True)


class Watched:
    """The service at work, and what it has kept."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def nodes(self) -> dict[str, str]:
        """Where each camera is live now."""
        health = self._services.health()
        return {name: each.node for name, each in health.items() if each.state == "live"}

    def passages(self, camera: str) -> list[StoredEvent]:
        """Those that are over, oldest first."""
        found = self._services.store.find(Query(camera=camera), limit=200).events
        return sorted((e for e in found if e.state == "final"), key=lambda e: e.started_at)

    def wait_for_more(self, *cameras: str, num: int = 3) -> None:
        """Until each has so many more passages."""
        before = {camera: len(self.passages(camera)) for camera in cameras}
        wait_until(
            lambda: all(len(self.passages(c)) >= before[c] + num for c in cameras), timeout_s=90
        )


def test_cameras_outlive_their_nodes(
    cluster: Any, postgresql: str, clip: Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_cameras, "CameraActor", RoadActor)
    monkeypatch.setattr(remote_cameras, "STEADY_S", 1.0)
    monkeypatch.setattr(running, "load_configured", lambda _config: None)
    # A busy machine may not store within ten seconds what was in view at the end.
    monkeypatch.setattr(running, "STOP_WITHIN_S", 90.0)
    with RtspServer({"gate": clip, "yard": clip}) as rtsp:
        config = ServiceConfig.model_validate(
            {
                "cameras": {name: {"url": rtsp.url(name)} for name in ("gate", "yard")},
                "cluster": {"address": cluster.address},
                "store": {"url": postgresql, "pictures": str(tmp_path / "pictures")},
            }
        )
        with running.running(config) as app:
            service = Watched(app.state.services)
            wait_until(lambda: len(service.nodes()) == 2, 90)
            home = service.nodes()
            assert set(home.values()) == {"north", "south"}
            service.wait_for_more("gate", "yard")

            # A node dies.
            survivor = home["yard"]
            cluster.remove_node(cluster.nodes_by_name[home["gate"]], allow_graceful=False)
            both_there = {"gate": survivor, "yard": survivor}
            wait_until(lambda: service.nodes() == both_there, LIVE_WITHIN_S)
            service.wait_for_more("gate", "yard")

            # Another one comes, takes a camera over, and leaves again.
            east = add_node(cluster, "east")
            wait_until(lambda: service.nodes() == {"gate": "east", "yard": survivor}, 60)
            service.wait_for_more("gate", num=1)
            drain(cluster, east)
            wait_until(lambda: service.nodes() == both_there, 60)
            service.wait_for_more("gate", "yard")
            gate, yard = service.passages("gate"), service.passages("yard")
    with open_store_again(postgresql, tmp_path) as store:
        assert not store.left_open()
    assert len({event.id for event in gate + yard}) == len(gate + yard)
    for found in (gate, yard):
        for before, after in pairwise(found):
            assert before.ended_at < after.started_at, "no passage is told twice"
    assert num_gaps(yard) == 0, "where nothing died, no passage is missing"
    assert num_gaps(gate) <= 3, "one for each time that it went elsewhere"


@contextmanager
def open_store_again(url: str, folder: Path) -> Iterator[EventStore]:
    store = open_store(url, folder / "pictures")
    try:
        yield store
    finally:
        store.close()


def num_gaps(found: list[StoredEvent]) -> int:
    """How often a passage is not followed by the one that comes next on the road."""
    plates = [TEXTS.index(event.event.plate) for event in found]
    return sum(after != (before + 1) % len(TEXTS) for before, after in pairwise(plates))
