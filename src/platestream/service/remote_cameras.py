"""Cameras on the nodes of a cluster: put there, heard, moved, and started anew where one is lost.

One thread does it all. It asks each camera for news, and each answer says what has come since the
one before. Who is asked, and by whom, is decided here alone, so no passage is told twice; and of a
camera that is lost, the passages that went on are ended as they were known last.
"""

import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from platestream.cluster.actors import Actor, ActorLost, Actors, Call
from platestream.cluster.placement import Node, choose, moves
from platestream.core.types import Rgb
from platestream.core.urls import mask_url
from platestream.live.health import CameraHealth
from platestream.live.workers import Listeners
from platestream.service.camera_actor import CameraActor
from platestream.service.remote_camera import RemoteCamera
from platestream.service.wiring import CameraPlan

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""How often the nodes are looked at."""

SILENT_S = 15.0
"""A camera that has not answered for so long is taken for lost, whatever Ray knows yet."""

START_WITHIN_S = 120.0
"""How long an actor may take to start and load its networks; machines may be busy."""

AVOID_S = 60.0
"""A node that lost a camera takes no other for so long, unless there is none else."""

STEADY_S = 10.0
"""A node takes over cameras that do well once it has been up for so long."""

SNAPSHOT_WITHIN_S = 3.0

ANSWER_S = 0.5
"""Of the time that is left at the end, what the last answers may take."""


class RemoteCameras:
    """See `RunsCameras`.

    Args:
        plans: Of the cameras.
        actors: What carries them.
        listeners: Who is told, from one thread.
        make: The class of the actors.
    """

    def __init__(
        self,
        plans: Iterable[CameraPlan],
        actors: Actors,
        listeners: Listeners,
        make: type[CameraActor] | None = None,
    ) -> None:
        self._actors, self._make = actors, make or CameraActor
        self._listeners = listeners
        # Replaced and never changed in place, as several threads go through it.
        self._cameras = {plan.name: RemoteCamera(plan, listeners) for plan in plans}
        self._changing = threading.Lock()
        self._nodes: dict[str, Node] = {}
        self._seen_s: dict[str, float] = {}
        self._avoided_s: dict[str, float] = {}
        self._removed: set[str] = set()
        self._stop_at_s: float | None = None
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)

    def start(self) -> None:
        """See `RunsCameras`."""
        self._thread.start()

    def stop(self, within_s: float | None = None) -> None:
        """See `RunsCameras`."""
        self._stop_at_s = time.monotonic() + (START_WITHIN_S if within_s is None else within_s)
        if self._thread.ident is not None:
            self._thread.join(within_s)
        self._actors.close()

    def watch(self, plan: CameraPlan) -> None:
        """See `RunsCameras`; a camera that is there goes on until one with this plan is ready."""
        with self._changing:
            self._removed.discard(plan.name)
            camera = self._cameras.get(plan.name)
            if camera:
                camera.plan = plan
            else:
                camera = RemoteCamera(plan, self._listeners)
                self._cameras = {**self._cameras, plan.name: camera}

    def remove(self, name: str) -> None:
        """See `RunsCameras`; what it still has to tell is heard."""
        with self._changing:
            self._removed.add(name)

    def health(self) -> dict[str, CameraHealth]:
        """See `RunsCameras`."""
        cameras = self._cameras.items()
        return {name: camera.health for name, camera in cameras if name not in self._removed}

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """See `RunsCameras`."""
        camera = self._cameras.get(name)
        actor = camera.actor if camera and name not in self._removed else None
        if actor is None:
            return None
        call = actor.call("snapshot", with_plates)
        try:
            rgb: Rgb | None = (
                self._actors.answer(call) if self._actors.ready([call], SNAPSHOT_WITHIN_S) else None
            )
        except ActorLost:
            return None
        return rgb

    def _run(self) -> None:
        looked_s = -LOOK_EVERY_S
        while self._stop_at_s is None:
            try:
                if time.monotonic() - looked_s >= LOOK_EVERY_S:
                    looked_s = time.monotonic()
                    self._look()
                self._hear(LOOK_EVERY_S)
            except Exception:
                # A thread that ends in silence would blind all cameras for ever.
                logger.exception("the cluster's cameras: an unexpected error")
                time.sleep(LOOK_EVERY_S)
        self._end(self._stop_at_s)

    def _end(self, until_s: float) -> None:
        """Stop all cameras, and hear what each still has to tell."""
        for camera in self._cameras.values():
            camera.give_up_successor("the service ends")
            camera.leave(max(0.0, until_s - time.monotonic() - ANSWER_S))
        while (left_s := until_s - time.monotonic()) > 0 and any(
            camera.is_watching for camera in self._cameras.values()
        ):
            self._hear(min(LOOK_EVERY_S, left_s))
        for camera in self._cameras.values():
            if camera.is_settled:
                logger.error("camera %s: does not end; the plates in view are lost", camera.name)
            camera.lose("the service ended")

    def _look(self) -> None:
        """See which nodes are up, put cameras that have none there, and move others."""
        now_s = time.monotonic()
        self._nodes = {node.id: node for node in self._actors.nodes()}
        self._seen_s = {i: self._seen_s.get(i, now_s) for i in self._nodes}
        self._avoided_s = {i: s for i, s in self._avoided_s.items() if i in self._nodes}
        self._see_what_is_lost()
        self._let_removed_go()
        for camera in self._cameras.values():
            if camera.name in self._removed:
                continue
            if camera.is_homeless:
                self._place(camera)
            elif camera.is_outdated and camera.node:
                camera.give_up_successor("it was changed")
                self._move(camera, camera.node)
        for name, node in self._moves(now_s).items():
            if name not in self._removed:
                self._move(self._cameras[name], node)

    def _see_what_is_lost(self) -> None:
        for camera in self._cameras.values():
            if camera.node and camera.node.id not in self._nodes:
                self._lose(camera, "its node is gone")
            elif camera.is_silent(SILENT_S, START_WITHIN_S):
                self._lose(camera, "it did not answer")
            if camera.next_node and camera.next_node.id not in self._nodes:
                camera.give_up_successor("that node is gone")
            elif camera.is_successor_late(START_WITHIN_S):
                self._lose_successor(camera, "it did not start")

    def _let_removed_go(self) -> None:
        with self._changing:
            for name in self._removed & self._cameras.keys():
                camera = self._cameras[name]
                camera.give_up_successor("it was removed")
                camera.leave()
            self._cameras = {
                name: camera
                for name, camera in self._cameras.items()
                if camera.is_watching or name not in self._removed
            }
            self._removed &= self._cameras.keys()

    def _moves(self, now_s: float) -> Mapping[str, Node]:
        is_steady = all(camera.is_settled for camera in self._cameras.values())
        young = {i for i, seen_s in self._seen_s.items() if now_s - seen_s < STEADY_S}
        found = moves(self._nodes.values(), self._where(), self._avoided() | young)
        leaving = {i for i, node in self._nodes.items() if node.is_draining}
        where = self._where()
        # A camera that is well is moved for balance only while nothing else is going on.
        return {name: to for name, to in found.items() if is_steady or where[name] in leaving}

    def _where(self) -> dict[str, str]:
        """Where cameras are, or will be soon."""
        homes = ((name, camera.home) for name, camera in self._cameras.items())
        return {name: home.id for name, home in homes if home}

    def _avoided(self) -> set[str]:
        now_s = time.monotonic()
        return {i for i, until_s in self._avoided_s.items() if now_s < until_s}

    def _place(self, camera: RemoteCamera) -> None:
        node = choose(self._nodes.values(), self._where(), self._avoided())
        if node is None:
            camera.note("no node of the cluster carries cameras; start one with CPUs")
            return
        logger.info("camera %s: starts on %s", camera.name, self._shown(node))
        plan = camera.plan
        camera.settle(self._start(plan, node), self._called(node), plan)

    def _move(self, camera: RemoteCamera, node: Node) -> None:
        if camera.successor is None and camera.is_watching:
            logger.info("camera %s: is to go on on %s", camera.name, self._shown(node))
            plan = camera.plan
            camera.succeed(self._start(plan, node), self._called(node), plan)

    def _start(self, plan: CameraPlan, node: Node) -> Actor:
        return self._actors.start(node, self._make, plan)

    def _lose(self, camera: RemoteCamera, why: str) -> None:
        if camera.node:
            logger.warning("camera %s: lost on %s: %s", camera.name, camera.node.name, why)
            self._avoided_s[camera.node.id] = time.monotonic() + AVOID_S
        camera.lose(why)

    def _lose_successor(self, camera: RemoteCamera, why: str) -> None:
        if camera.next_node:
            self._avoided_s[camera.next_node.id] = time.monotonic() + AVOID_S
        camera.lose_successor(why)

    def _hear(self, timeout_s: float) -> None:
        """Take what cameras tell."""
        asked = {call: camera for camera in self._cameras.values() for call in camera.calls()}
        if not asked:
            time.sleep(timeout_s / 4)
            return
        for call in self._actors.ready(list(asked), timeout_s):
            self._take(asked[call], call)

    def _take(self, camera: RemoteCamera, call: Call) -> None:
        try:
            answer = self._actors.answer(call)
        except ActorLost as error:
            why = mask_url(str(error))
            if call is camera.successor_call:
                self._lose_successor(camera, why)
            else:
                self._lose(camera, why)
            return
        camera.hear(call, answer)

    def _called(self, node: Node) -> Node:
        """The node with a name that no other has."""
        return replace(node, name=self._shown(node))

    def _shown(self, node: Node) -> str:
        same = sum(other.name == node.name for other in self._nodes.values())
        return f"{node.name} ({node.id[:6]})" if same > 1 else node.name
