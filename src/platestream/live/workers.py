"""The cameras at work: one thread each from frames to events, networks shared by all."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from platestream.core.backoff import Backoff
from platestream.core.errors import PlatestreamError
from platestream.core.ids import uuid7
from platestream.core.types import Frame, PlateDecision, Rgb
from platestream.live.follow import Follower, View
from platestream.live.health import CameraHealth, PlateStatistics, Rate
from platestream.live.plate_rules import PlateRules
from platestream.live.source import CLOSE_S, LiveSource
from platestream.live.updates import LiveUpdate, Namer
from platestream.live.zones import ZonedDetector
from platestream.store.records import NewEvent
from platestream.video.drawing import Annotator
from platestream.video.engine import Engine
from platestream.video.pipeline import Pipeline, Step
from platestream.video.profile import Profile

logger = logging.getLogger(__name__)

REPLACE_WITHIN_S = 5.0
"""How long a camera that is changed has to hand over what was in view."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who is told and asked; all are called from the cameras' threads.

    Attributes:
        on_update: News of plates in view; it must not raise.
        on_event: A passage to store, over or going on; it takes it at once, as
            `service.keeping` does, and must not raise.
        namer: Knows whose plates they are.
    """

    on_update: Callable[[str, LiveUpdate], None]
    on_event: Callable[[NewEvent], None]
    namer: Namer


class CameraWorker:
    """One camera, from its frames to its events.

    Args:
        source: Its frames; its name is the camera's.
        view: What is watched in its picture.
        rules: What its plates are called, and which count.
        engine: The networks.
        listeners: Who is told.
    """

    def __init__(
        self,
        source: LiveSource,
        view: View,
        rules: PlateRules,
        engine: Engine,
        listeners: Listeners,
    ) -> None:
        self.name, self.source = source.name, source
        self._view, self._rules = view, rules
        self._listeners = listeners
        if view.zones:
            zoned = ZonedDetector(engine.detector, list(view.zones.values()))
            engine = replace(engine, detector=zoned)
        self._engine = engine
        self._plates, self._rate = PlateStatistics(), Rate()
        self._num_frames = self._num_events = 0
        self._delay_s = 0.0
        self._watch: Profile | None = None
        self._latest: tuple[Frame, list[PlateDecision], Annotator] | None = None
        self._drawing = threading.Lock()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"camera-{self.name}", daemon=True)

    def start(self) -> None:
        """Start the camera's thread."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let it end what is in view and hand over the events."""
        self._is_stopping.set()
        self.source.stop()

    def join(self, within_s: float | None = None) -> None:
        """Wait until it has, for no longer than that; the log says what is lost by it."""
        until_s = time.monotonic() + (within_s or 0.0)
        if self._thread.ident is not None:
            self._thread.join(within_s)
            if self._thread.is_alive():
                logger.error("camera %s: does not end; the plates in view are lost", self.name)
                return
        self.source.close(CLOSE_S if within_s is None else max(0.0, until_s - time.monotonic()))

    def health(self) -> CameraHealth:
        """How it is doing, now."""
        health = self.source.health()
        return replace(
            self._plates.add_to(health),
            fps_done=self._rate.per_s(),
            cpu_s=self._cpu_s(health),
            num_frames=self._num_frames,
            num_events=self._num_events,
            delay_s=self._delay_s,
        )

    def _cpu_s(self, health: CameraHealth) -> dict[str, float]:
        """What both threads of the camera took, for each stage."""
        spent_s = dict(health.cpu_s)
        if self._watch:
            for stage, seconds in self._watch.seconds().items():
                spent_s[stage] = spent_s.get(stage, 0.0) + seconds
        return spent_s

    def snapshot(self, *, with_plates: bool = False) -> Rgb | None:
        """The last frame that was looked at; not to be written to.

        Args:
            with_plates: Draw the plates in it, as `platestream run --annotate` does.
        """
        if self._latest is None:
            return None
        frame, decisions, annotator = self._latest
        if not with_plates:
            return frame.rgb
        with self._drawing:  # it remembers what it drew of each plate
            return annotator.draw(frame.rgb, decisions)

    def _run(self) -> None:
        """Run the source, again and again: each silence of a camera ends a run."""
        backoff, watch = Backoff(), Profile(is_alone=False)
        self._watch = watch
        while not self.source.is_over:
            try:
                with watch.stage("track"):
                    self._run_once(watch)
                backoff.succeed()
            except PlatestreamError as error:
                self.source.note(str(error))
                self._is_stopping.wait(backoff.fail())
            except Exception as error:  # noqa: BLE001 - one camera's trouble must stop no other
                self.source.note_unexpected(error)
                self._is_stopping.wait(backoff.fail())

    def _run_once(self, watch: Profile) -> None:
        wall_time = self.source.wall_time
        pipeline = Pipeline(
            watch.engine(self._engine),
            rules=self._view.life_rules(self._rules),
            new_id=lambda _, first_pts_s: uuid7(wall_time(first_pts_s)),
        )
        follower = Follower(self.name, self._view, self._rules, self._listeners.namer, wall_time)
        annotator = Annotator(self._view.min_confidence)  # it knows plates by their number
        steps = pipeline.run(watch.source(self.source))
        for step in steps:
            try:
                with watch.stage("write"):
                    self._take(step, follower, annotator)
            except Exception as error:
                # What was told of the plates in view is to have its end all the same.
                self._take(steps.throw(error), follower, annotator)
                raise

    def _take(self, step: Step, follower: Follower, annotator: Annotator) -> None:
        outcome = follower.see(step)
        self._plates.see(step.decisions)
        for plate in step.ended:
            self._plates.end(plate)
        self._plates.counts.update(outcome.directions)
        for event in outcome.events:
            self._num_events += event.state == "final"
            self._hand_over(event)
        for update in outcome.updates:
            self._listeners.on_update(self.name, update)
        if step.frame:
            self._latest = step.frame, list(step.decisions), annotator
            self._num_frames += 1
            self._rate.tick()
            taken_at = self.source.wall_time(step.frame.pts_s)
            self._delay_s = (datetime.now(UTC) - taken_at).total_seconds()
        for error in outcome.failures[1:]:
            self.source.note_unexpected(error)
        if outcome.failures:
            raise outcome.failures[0]

    def _hand_over(self, event: NewEvent) -> None:
        try:
            self._listeners.on_event(event)
        except Exception:
            # The others must not be lost with it.
            logger.exception("camera %s: event %s is lost: a fault of ours", self.name, event.id)


class Cameras:
    """All cameras that are watched; one may come, change and go while the others go on.

    Args:
        workers: One each, with names that differ.
    """

    def __init__(self, workers: Iterable[CameraWorker]) -> None:
        self._workers = {worker.name: worker for worker in workers}
        self._is_running = False
        self._changing = threading.Lock()

    def start(self) -> None:
        """Start them all."""
        with self._changing:
            self._is_running = True
            for worker in self._workers.values():
                worker.start()

    def put(self, worker: CameraWorker, within_s: float = REPLACE_WITHIN_S) -> None:
        """Watch with this worker from now on, in place of the one of its name, if there is one.

        Args:
            worker: One that was not started yet.
            within_s: Longest wait for the one before to hand over what was in view.
        """
        with self._changing:
            self._end(worker.name, within_s)
            self._workers = {**self._workers, worker.name: worker}
            if self._is_running:
                worker.start()

    def remove(self, name: str, within_s: float = REPLACE_WITHIN_S) -> None:
        """Watch no more with the worker of this name, if there is one."""
        with self._changing:
            self._end(name, within_s)
            self._workers = {n: worker for n, worker in self._workers.items() if n != name}

    def stop(self, within_s: float | None = None) -> None:
        """Stop them all, and wait until each has handed over the events of what was in view.

        Args:
            within_s: Longest wait for all of them; without end when omitted.
        """
        until_s = None if within_s is None else time.monotonic() + within_s
        # Who changes one of them holds this up no longer than the others take.
        is_alone = self._changing.acquire(timeout=-1 if within_s is None else within_s / 2)
        self._is_running = False
        workers = list(self._workers.values())
        if is_alone:
            self._changing.release()
        for worker in workers:
            worker.ask_to_stop()
        for worker in workers:
            worker.join(None if until_s is None else max(0.0, until_s - time.monotonic()))

    def health(self) -> dict[str, CameraHealth]:
        """How they are doing."""
        return {name: worker.health() for name, worker in self._workers.items()}

    def snapshot(self, name: str, *, with_plates: bool = False) -> Rgb | None:
        """A camera's last frame, not to be written to; None before the first.

        Args:
            name: The camera's.
            with_plates: Draw the plates in it, as `platestream run --annotate` does.
        """
        worker = self._workers.get(name)
        return worker.snapshot(with_plates=with_plates) if worker else None

    def _end(self, name: str, within_s: float) -> None:
        if worker := self._workers.get(name):
            worker.ask_to_stop()
            worker.join(within_s)
