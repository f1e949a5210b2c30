"""Events that nobody can take now wait in memory, which they must not fill."""

from collections.abc import Callable

import pytest

from platestream.core.errors import StoreError
from platestream.live import workers as cameras
from platestream.live.follow import Outcome, View
from platestream.live.plate_rules import PlateRules
from platestream.live.source import LiveSource
from platestream.live.updates import nobody
from platestream.live.workers import CameraWorker, Listeners
from platestream.store.records import NewEvent
from platestream.video.engine import Engine
from platestream.video.pipeline import Step
from tests.service.site import new_event


class OneEvent:
    """Sees a passage in each step."""

    def see(self, _step: Step) -> Outcome:
        return Outcome(events=[new_event()])


def worker(on_event: Callable[[NewEvent], None]) -> CameraWorker:
    engine = Engine(*[None] * 5)  # type: ignore[arg-type]
    listeners = Listeners(lambda _name, _update: None, on_event, nobody)
    source = LiveSource("gate", "missing.mp4")
    return CameraWorker(source, View(), PlateRules([], None), engine, listeners)


def test_only_the_first_that_wait_have_their_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras, "MAX_PENDING_FRAMES", 2)
    monkeypatch.setattr(cameras, "RETRY_S", 0.0)
    is_away, told = True, []

    def store(event: NewEvent) -> None:
        if is_away:
            msg = "the database is away"
            raise StoreError(msg)
        told.append(event)

    gate = worker(store)
    for _ in range(4):
        gate._take(Step(None, [], []), OneEvent())  # type: ignore[arg-type]
    is_away = False
    gate._take(Step(None, [], []), OneEvent())  # type: ignore[arg-type]
    assert [event.frame is not None for event in told] == [True, True, False, False, False]
    assert all(event.crop is not None and len(event.strip) == 4 for event in told)
    gate._take(Step(None, [], []), OneEvent())  # type: ignore[arg-type]
    assert told[-1].frame is not None


def test_an_event_that_breaks_something_of_ours_holds_up_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults, told = [ValueError("what is that?")], []

    def store(event: NewEvent) -> None:
        if faults:
            raise faults.pop()
        told.append(event)

    gate = worker(store)
    for _ in range(2):
        gate._take(Step(None, [], []), OneEvent())  # type: ignore[arg-type]
    assert len(told) == 1
    assert "is lost: a fault of ours" in caplog.text
    assert "what is that?" in caplog.text
