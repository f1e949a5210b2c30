"""One camera on a cluster, as the service knows it: where it is, what it told, how it does."""

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from platestream.cluster.actors import Actor, Call
from platestream.cluster.placement import Node
from platestream.core.backoff import Backoff
from platestream.core.plate_event import State
from platestream.live.health import CameraHealth, CameraState
from platestream.live.updates import LiveUpdate
from platestream.live.workers import Listeners
from platestream.service.camera_actor import News, ended
from platestream.service.wiring import CameraPlan
from platestream.store.records import NewEvent

logger = logging.getLogger(__name__)

STABLE_S = 30.0
"""An actor that worked for so long was a good one: the next wait is short again."""

LEAVE_WITHIN_S = 10.0
"""How long a camera that goes over to another node may take to end what is in view."""


class RemoteCamera:
    """Used by one thread; only `health` and `actor` are read, and `plan` is set, by others.

    Args:
        plan: What it does.
        listeners: Who is told.

    Attributes:
        plan: What it is to do; what does something else is replaced.
        health: How it does, as it told last.
        actor: What does it; None while there is none.
        node: Where that is.
        successor: What will do it, once its networks are loaded.
        successor_call: The question whether they are; None once they are.
        next_node: Where the successor is.
    """

    def __init__(self, plan: CameraPlan, listeners: Listeners) -> None:
        self.plan, self.name = plan, plan.name
        self._listeners = listeners
        self.health = CameraHealth("connecting", datetime.now(UTC))
        self.actor: Actor | None = None
        self.node: Node | None = None
        self.successor: Actor | None = None
        self.successor_call: Call | None = None
        self.next_node: Node | None = None
        self._call: Call | None = None
        self._at_work = self._next = plan
        self._asked_s = self._settled_s = self._succeeding_s = 0.0
        self._num_taken = 0
        self._has_answered = self._is_leaving = False
        self._open: dict[str, NewEvent] = {}
        self._shown: dict[str, LiveUpdate] = {}
        self._backoff, self._again_s, self._trouble = Backoff(), 0.0, ""

    @property
    def is_homeless(self) -> bool:
        """Whether it is to be put somewhere now."""
        is_alone = self.actor is None and self.successor is None
        return is_alone and time.monotonic() >= self._again_s

    @property
    def is_watching(self) -> bool:
        """Whether an actor is there that has not ended."""
        return self.actor is not None

    @property
    def is_settled(self) -> bool:
        """Whether it answers, and is not about to move."""
        return self.actor is not None and self._has_answered and self.successor is None

    @property
    def is_outdated(self) -> bool:
        """Whether it is to be replaced now, as it does something else than the plan says."""
        does = self._next if self.successor else self._at_work
        is_time = time.monotonic() >= self._again_s
        return self.actor is not None and does is not self.plan and is_time

    @property
    def home(self) -> Node | None:
        """Where it is, or is about to be."""
        return self.next_node or self.node

    def is_silent(self, silent_s: float, start_within_s: float) -> bool:
        """Whether it owes an answer for too long."""
        patience_s = silent_s if self._has_answered else start_within_s
        return self._call is not None and time.monotonic() - self._asked_s > patience_s

    def is_successor_late(self, start_within_s: float) -> bool:
        """Whether what will do it takes too long to start."""
        is_asked = self.successor_call is not None
        return is_asked and time.monotonic() - self._succeeding_s > start_within_s

    def settle(self, actor: Actor, node: Node, plan: CameraPlan) -> None:
        """Begin on a node, to do what the plan says."""
        self.actor, self.node, self._at_work, self._trouble = actor, node, plan, ""
        self._num_taken, self._has_answered, self._is_leaving = 0, False, False
        self._settled_s = time.monotonic()
        self.health = replace(self.health, node=node.name, node_load=None)
        actor.call("start")
        self._ask()

    def succeed(self, successor: Actor, node: Node, plan: CameraPlan) -> None:
        """Go over to another node, or another plan, as soon as the successor is ready."""
        self.successor, self.next_node, self._next = successor, node, plan
        self._succeeding_s = time.monotonic()
        self.successor_call = successor.call("ready")

    def give_up_successor(self, why: str) -> None:
        """Stay, as it cannot start there."""
        if self.successor:
            logger.warning("camera %s: stays, as it cannot go over: %s", self.name, why)
            self.successor.kill()
        self.successor = self.successor_call = self.next_node = None

    def lose_successor(self, why: str) -> None:
        """Stay for a while, as it cannot start there, and show why."""
        self.give_up_successor(why)
        self._again_s = time.monotonic() + self._backoff.fail()
        self._trouble = why

    def leave(self, within_s: float = LEAVE_WITHIN_S) -> None:
        """End what is in view; what it has to tell is heard before it is gone."""
        if self.actor and not self._is_leaving:
            self._is_leaving = True
            self.actor.call("stop", within_s)

    def calls(self) -> list[Call]:
        """Questions that are open."""
        return [call for call in (self._call, self.successor_call) if call]

    def hear(self, call: Call, answer: Any) -> None:
        """Take an answer, and ask again."""
        if call is self.successor_call:
            self.successor_call = None
            self._take_over() if self.actor is None else self.leave()
            return
        self._has_answered = True
        name = self.node.name if self.node else ""
        told = self._trouble or answer.health.last_error
        self.health = replace(answer.health, node=name, node_load=answer.load, last_error=told)
        try:
            for number, news in enumerate(answer.news, answer.first):
                if number >= self._num_taken:
                    self._num_taken = number + 1
                    self._tell(news)
        finally:
            self._depart() if answer.is_over else self._ask()

    def lose(self, why: str) -> None:
        """Its actor is gone: end what went on as it was known last, and wait a little."""
        self._let_go()
        if time.monotonic() - self._settled_s > STABLE_S:
            self._backoff.succeed()
        self._again_s = time.monotonic() + self._backoff.fail()
        state: CameraState = "connecting" if self.health.last_frame_at is None else "lost"
        self.health = replace(
            self.health,
            state=state,
            since=datetime.now(UTC),
            fps_in=0.0,
            fps_done=0.0,
            fps_dropped=0.0,
            node="",
        )
        self.note(why)
        self._take_over()

    def note(self, problem: str) -> None:
        """Show what is wrong with it."""
        self.health = replace(self.health, last_error=problem)

    def _depart(self) -> None:
        """It ended as it was asked to."""
        self._let_go()
        self._take_over()

    def _let_go(self) -> None:
        if self.actor:
            self.actor.kill()
        self._end_open()
        self.actor = self.node = self._call = None

    def _take_over(self) -> None:
        """Let the successor work, if there is one and its networks are loaded."""
        successor, node = self.successor, self.next_node
        if successor and node and self.successor_call is None:
            self.successor = self.next_node = None
            self.settle(successor, node, self._next)

    def _ask(self) -> None:
        if self.actor:
            self._asked_s = time.monotonic()
            self._call = self.actor.call("take", self._num_taken)

    def _tell(self, news: News) -> None:
        """Tell it on, with the name that the plate has here."""
        name = self._listeners.namer
        if isinstance(news, LiveUpdate):
            known_as = name(news.plate, masked=news.plate_masked, confidence=news.confidence)
            self._shown[news.event_id] = update = replace(news, known_as=known_as)
            if news.state in ("final", "withdrawn"):
                del self._shown[news.event_id]
            self._listeners.on_update(self.name, update)
            return
        read = news.event
        known_as = name(read.plate, masked=read.plate_masked, confidence=read.confidence)
        event = replace(news, known_as=known_as)
        self._open[event.id] = replace(event, crop=None, frame=None, stack=None, strip=())
        if event.is_over:
            del self._open[event.id]
            self._shown.pop(event.id, None)
        self._listeners.on_event(event)

    def _end_open(self) -> None:
        """Of passages whose end nobody saw, keep what is known, and take the others back."""
        for update in self._shown.values():
            state: State = "final" if update.event_id in self._open else "withdrawn"
            crop = update.crop_jpeg if state == "final" else None
            self._listeners.on_update(self.name, replace(update, state=state, crop_jpeg=crop))
        for event in self._open.values():
            self._listeners.on_event(ended(event))
        self._shown.clear()
        self._open.clear()
