"""The service's side of cameras on a cluster, over actors that say what we want."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from platestream.cluster.actors import Actor, ActorLost, Call
from platestream.cluster.placement import Node
from platestream.core.types import Rgb
from platestream.live.health import CameraHealth
from platestream.live.updates import LiveUpdate
from platestream.live.workers import Listeners
from platestream.service import remote_cameras
from platestream.service.camera_actor import Answer, News
from platestream.service.camera_config import CameraConfig
from platestream.service.config import ServiceConfig
from platestream.service.remote_cameras import RemoteCameras
from platestream.service.wiring import CameraPlan, make_plan, make_plans
from platestream.store.records import NewEvent
from tests.service.site import new_event, update
from tests.waiting import wait_until

NORTH, SOUTH = Node("1111111", "north", 4), Node("2222222", "south", 4)
PICTURE = np.full((4, 6, 3), 7, np.uint8)


@dataclass(eq=False)
class ToldActor:
    """A camera that sees what a test says."""

    node: Node
    name: str
    news: list[News] = field(default_factory=list)
    is_dead: bool = False
    is_silent: bool = False
    is_over: bool = False
    num_calls: int = 0
    plan: CameraPlan | None = None

    def call(self, method: str, *args: Any) -> Call:
        if method == "stop":
            self.is_over = True
        return Call((self, method, args, time.monotonic() + 0.01))

    def kill(self) -> None:
        self.is_dead = True

    def take(self, num_taken: int) -> Answer:
        self.num_calls += 1
        first = max(0, num_taken - 1)  # the last one again: its acknowledgement was lost
        health = CameraHealth("live", datetime.now(UTC), num_events=len(self.news))
        return Answer(first, self.news[first:], health, 0.5, self.is_over)

    def snapshot(self, with_plates: bool) -> Rgb:
        return PICTURE + with_plates


class ToldActors:
    """A cluster whose nodes come and go as a test says."""

    def __init__(self, *nodes: Node) -> None:
        self.up, self.started, self.is_closed = list(nodes), list[ToldActor](), False
        self.fails_on: set[str] = set()

    def nodes(self) -> list[Node]:
        return list(self.up)

    def start(self, node: Node, make: Callable[..., Any], *args: CameraPlan) -> Actor:
        (plan,) = args
        actor = ToldActor(node, plan.name, is_dead=node.id in self.fails_on, plan=plan)
        self.started.append(actor)
        return actor

    def ready(self, calls: Sequence[Call], timeout_s: float) -> list[Call]:
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s:
            now_s = time.monotonic()
            found = [call for call in calls if self._is_ready(call, now_s)]
            if found:
                return found
            time.sleep(0.002)
        return []

    def answer(self, call: Call) -> Any:
        actor, method, args, _ = call.reference
        if actor.is_dead:
            msg = "its process ended"
            raise ActorLost(msg)
        return getattr(actor, method, lambda: None)(*args)

    def close(self) -> None:
        self.is_closed = True

    def at_work(self, name: str = "gate") -> ToldActor:
        """The actor that a camera has now, once there is one."""
        wait_until(lambda: [a for a in self.started if a.name == name and not a.is_dead], 5)
        return [a for a in self.started if a.name == name and not a.is_dead][-1]

    def _is_ready(self, call: Call, now_s: float) -> bool:
        actor, *_, ready_s = call.reference
        return actor.is_dead or (now_s >= ready_s and not actor.is_silent)


@dataclass
class Heard:
    events: list[NewEvent] = field(default_factory=list)
    updates: list[LiveUpdate] = field(default_factory=list)

    def names(self, plate: str, /, *, masked: str, confidence: float) -> str:
        return "Ada" if plate == "AB1234" else ""


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def run(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., RemoteCameras]]:
    monkeypatch.setattr(remote_cameras, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(remote_cameras, "STEADY_S", 0.0)
    started: list[RemoteCameras] = []

    def start(actors: ToldActors, *names: str) -> RemoteCameras:
        cameras = {name: {"url": f"rtsp://{name}/"} for name in names or ("gate",)}
        listeners = Listeners(
            lambda _, update: heard.updates.append(update), heard.events.append, heard.names
        )
        plans = make_plans(ServiceConfig.model_validate({"cameras": cameras}))
        started.append(RemoteCameras(plans, actors, listeners))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop(2)


def going_on(plate: str) -> NewEvent:
    return replace(new_event(plate), state="sure")


def test_news_are_told_once_in_order_and_named_here(
    run: Callable[..., RemoteCameras], heard: Heard
) -> None:
    actors = ToldActors(NORTH)
    cameras = run(actors)
    actor = actors.at_work()
    for plate in ("AB1234", "CD5678", "EF9012"):
        actor.news.append(replace(new_event(plate), known_as=""))
        actor.news.append(update(actor.news[-1].id, "sure", plate))
    wait_until(lambda: len(heard.updates) == 3)
    num_calls = actor.num_calls
    wait_until(lambda: actor.num_calls > num_calls + 5)
    assert [e.event.plate for e in heard.events] == ["AB1234", "CD5678", "EF9012"]
    assert [e.known_as for e in heard.events] == [u.known_as for u in heard.updates]
    assert [e.known_as for e in heard.events] == ["Ada", "", ""]
    health = cameras.health()["gate"]
    assert (health.state, health.node, health.node_load) == ("live", "north", 0.5)
    rgb = cameras.snapshot("gate")
    assert rgb is not None
    assert np.array_equal(rgb, PICTURE)
    rgb = cameras.snapshot("gate", with_plates=True)
    assert rgb is not None
    assert np.array_equal(rgb, PICTURE + 1)
    assert cameras.snapshot("none") is None


def test_a_removed_camera_ends_what_is_in_view_and_starts_nowhere(
    run: Callable[..., RemoteCameras], heard: Heard
) -> None:
    actors = ToldActors(NORTH, SOUTH)
    cameras = run(actors, "gate", "yard")
    gone, stays = actors.at_work("gate"), actors.at_work("yard")
    gone.news.append(going_on("AB1234"))
    wait_until(lambda: len(heard.events) == 1)
    assert cameras.snapshot("gate") is not None
    cameras.remove("gate")
    cameras.remove("none")
    assert list(cameras.health()) == ["yard"]
    assert cameras.snapshot("gate") is None, "also while it still ends"
    wait_until(lambda: gone.is_dead)
    wait_until(lambda: len(heard.events) == 2)
    assert (heard.events[-1].event.plate, heard.events[-1].state) == ("AB1234", "final")
    num_calls = stays.num_calls
    wait_until(lambda: stays.num_calls > num_calls + 5)
    assert len(actors.started) == 2
    assert cameras.snapshot("gate") is None


def changed(name: str = "gate") -> CameraPlan:
    return make_plan(name, CameraConfig(url=f"rtsp://{name}/other"), ServiceConfig())


def test_a_changed_camera_is_replaced_where_it_is_and_ends_what_is_in_view(
    run: Callable[..., RemoteCameras], heard: Heard
) -> None:
    actors = ToldActors(NORTH, SOUTH)
    cameras = run(actors, "gate", "yard")
    before, yard = actors.at_work("gate"), actors.at_work("yard")
    before.news.append(going_on("AB1234"))
    wait_until(lambda: len(heard.events) == 1)
    plan = changed()
    cameras.watch(plan)
    wait_until(lambda: before.is_dead)
    assert (heard.events[-1].event.plate, heard.events[-1].state) == ("AB1234", "final")
    after = actors.at_work("gate")
    assert (after.plan, after.node) == (plan, before.node)
    wait_until(lambda: cameras.health()["gate"].node == before.node.name)
    num_calls = after.num_calls
    wait_until(lambda: after.num_calls > num_calls + 5)
    assert len(actors.started) == 3, "it is replaced once"
    assert not yard.is_dead


def test_changes_that_come_quickly_end_in_the_last_one(run: Callable[..., RemoteCameras]) -> None:
    actors = ToldActors(NORTH)
    cameras = run(actors)
    wait_until(lambda: actors.at_work().num_calls > 2)
    plans = [changed() for _ in range(5)]
    for plan in plans:
        cameras.watch(plan)
        time.sleep(0.02)
    cameras.remove("gate")
    cameras.watch(plans[-1])
    wait_until(lambda: [a.plan for a in actors.started if not a.is_dead] == [plans[-1]])
    wait_until(lambda: cameras.health()["gate"].state == "live")


def test_a_change_that_cannot_start_is_shown_and_tried_again(
    run: Callable[..., RemoteCameras],
) -> None:
    actors = ToldActors(NORTH)
    cameras = run(actors)
    before = actors.at_work()
    wait_until(lambda: before.num_calls > 2)
    actors.fails_on.add(NORTH.id)
    plan = changed()
    cameras.watch(plan)
    wait_until(lambda: cameras.health()["gate"].last_error == "its process ended")
    assert not before.is_dead, "it goes on as it was"
    assert cameras.health()["gate"].state == "live"
    assert len(actors.started) <= 3, "it waits between"
    actors.fails_on.clear()
    wait_until(lambda: before.is_dead)
    assert actors.at_work().plan is plan
    wait_until(lambda: cameras.health()["gate"].last_error == "")


def test_a_lost_camera_goes_on_elsewhere_and_ends_what_it_had_in_view(
    run: Callable[..., RemoteCameras], heard: Heard
) -> None:
    actors = ToldActors(NORTH, SOUTH)
    cameras = run(actors)
    first = actors.at_work()
    over, open_ = new_event("AB1234"), going_on("CD5678")
    kept, unkept = update(open_.id, "sure", "CD5678"), update("unkept", "provisional", "EF9012")
    first.news += [over, open_, kept, unkept]
    wait_until(lambda: len(heard.updates) == 2)
    actors.up.remove(first.node)
    wait_until(lambda: len(actors.started) == 2)
    second = actors.at_work()
    assert second.node != first.node
    assert first.is_dead, "one that Ray knows nothing of yet must not go on"
    assert [(e.event.plate, e.state) for e in heard.events] == [
        ("AB1234", "final"), ("CD5678", "sure"), ("CD5678", "final")
    ]  # fmt: skip
    end = heard.events[-1]
    assert (end.crop, end.is_news, end.since) == (None, False, open_.ended_at)
    assert [(u.event_id, u.state) for u in heard.updates[2:]] == [
        (open_.id, "final"), ("unkept", "withdrawn")
    ]  # fmt: skip
    wait_until(lambda: cameras.health()["gate"].node == second.node.name)
    second.news.append(new_event("GH3456"))
    wait_until(lambda: heard.events[-1].event.plate == "GH3456")


def test_a_process_that_dies_or_falls_silent_is_replaced(
    run: Callable[..., RemoteCameras], monkeypatch: pytest.MonkeyPatch
) -> None:
    actors = ToldActors(NORTH, SOUTH)
    run(actors)
    first = actors.at_work()
    wait_until(lambda: first.num_calls > 2)
    first.kill()
    wait_until(lambda: len(actors.started) == 2)
    second = actors.at_work()
    assert second.node != first.node
    wait_until(lambda: second.num_calls > 2)
    monkeypatch.setattr(remote_cameras, "SILENT_S", 0.2)
    second.is_silent = True
    wait_until(lambda: len(actors.started) == 3)
    assert second.is_dead


def test_a_node_that_cannot_start_cameras_is_avoided_and_the_reason_told(
    run: Callable[..., RemoteCameras],
) -> None:
    actors = ToldActors(NORTH)
    actors.fails_on.add(NORTH.id)
    cameras = run(actors)
    wait_until(lambda: cameras.health()["gate"].last_error == "its process ended")
    assert cameras.health()["gate"].state == "connecting"
    time.sleep(0.3)
    assert len(actors.started) <= 3, "it waits between"
    actors.up.append(SOUTH)
    wait_until(lambda: cameras.health()["gate"].node == "south")


def test_without_a_node_it_waits_and_says_so(run: Callable[..., RemoteCameras]) -> None:
    actors = ToldActors()
    cameras = run(actors)
    wait_until(lambda: "no node of the cluster" in cameras.health()["gate"].last_error)
    actors.up.append(NORTH)
    wait_until(lambda: cameras.health()["gate"].state == "live")


def test_a_new_node_takes_cameras_over_and_a_leaving_one_hands_them_on(
    run: Callable[..., RemoteCameras], heard: Heard
) -> None:
    actors = ToldActors(NORTH)
    cameras = run(actors, "a", "b", "c", "d")

    def count(node: Node) -> int:
        return [health.node for health in cameras.health().values()].count(node.name)

    wait_until(lambda: count(NORTH) == 4)
    actors.up.append(SOUTH)
    wait_until(lambda: count(SOUTH) == 2)
    time.sleep(0.2)
    assert len(actors.started) == 6, "no camera is moved for nothing"
    # What a camera still tells while it is stopped is heard.
    last = actors.at_work("a")
    last.news.append(new_event("AB1234"))
    actors.up[:] = [replace(NORTH, is_draining=True), SOUTH]
    wait_until(lambda: count(SOUTH) == 4)
    assert count(NORTH) == 0
    assert [event.event.plate for event in heard.events] == ["AB1234"]
    alive = [actor.name for actor in actors.started if not actor.is_dead]
    assert sorted(alive) == ["a", "b", "c", "d"], "each is watched by one actor"


def test_stopping_hears_what_is_still_to_be_told(
    run: Callable[..., RemoteCameras], heard: Heard
) -> None:
    actors = ToldActors(NORTH)
    cameras = run(actors)
    actor = actors.at_work()
    wait_until(lambda: actor.num_calls > 2)
    done = threading.Event()
    call = actor.call

    def stop(method: str, *args: Any) -> Call:
        if method == "stop":
            actor.news.append(new_event("AB1234"))
            done.set()
        return call(method, *args)

    actor.call = stop  # type: ignore[method-assign]
    cameras.stop(3)
    assert done.is_set()
    assert [event.event.plate for event in heard.events] == ["AB1234"]
    assert actor.is_dead
    assert actors.is_closed


def test_two_nodes_of_one_name_can_be_told_apart(run: Callable[..., RemoteCameras]) -> None:
    cameras = run(ToldActors(NORTH, replace(SOUTH, name="north")), "a", "b")
    wait_until(
        lambda: (
            {health.node for health in cameras.health().values()}
            == {"north (111111)", "north (222222)"}
        )
    )
