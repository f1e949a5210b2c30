"""A camera's side of the cluster: what it keeps until the service has it."""

from dataclasses import replace
from pathlib import Path

import pytest

from platestream.service import camera_actor
from platestream.service.camera_actor import MAX_TAKEN, MAX_WAITING, Outbox, ended
from platestream.service.config import ServiceConfig
from platestream.service.wiring import CameraPlan, make_plans
from platestream.store.records import NewEvent
from tests.live.films import write_video
from tests.live.test_workers import TEXTS, passage
from tests.service.site import new_event, update
from tests.waiting import wait_until

from .road_actor import RoadActor


def test_news_stay_until_they_are_acknowledged() -> None:
    outbox = Outbox()
    events = [new_event(f"AB{number}") for number in range(MAX_TAKEN + 3)]
    for event in events:
        outbox.event(event)
    assert outbox.look() == (0, events[:MAX_TAKEN])
    assert outbox.look() == (0, events[:MAX_TAKEN]), "the answer may have been lost"
    outbox.forget(MAX_TAKEN)
    assert outbox.look() == (MAX_TAKEN, events[MAX_TAKEN:])
    outbox.forget(3)
    assert outbox.look() == (MAX_TAKEN, events[MAX_TAKEN:]), "an old question changes nothing"
    outbox.forget(MAX_TAKEN + 99)
    assert outbox.look() == (MAX_TAKEN + 3, [])


def test_while_nobody_asks_passages_make_room_for_themselves_and_memory_is_bounded(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [new_event(f"AB{number}") for number in range(MAX_WAITING + 2)]
    monkeypatch.setattr(camera_actor, "MAX_WAITING_BYTES", 3 * events[0].picture_bytes)
    outbox = Outbox()
    for _ in range(MAX_WAITING):
        outbox.update("gate", update("x", "sure", "AB1"))
    told = outbox.look()
    for event in events[:-2]:
        outbox.event(event)
    kept = [each.id for each in outbox.waiting if isinstance(each, NewEvent)]
    # Updates that may be on their way stay, then the first ten passages of the others are lost.
    assert outbox.look() == told
    assert kept == [event.id for event in events[MAX_TAKEN:-2]]
    assert caplog.text.count("is lost") == MAX_TAKEN
    assert f"event {events[0].id} of camera gate is lost" in caplog.text
    with_frames = [e for e in outbox.waiting if isinstance(e, NewEvent) and e.frame is not None]
    assert len(with_frames) < 10
    assert all(e.crop is not None for e in outbox.waiting if isinstance(e, NewEvent))
    outbox.update("gate", update("x", "sure", "AB1"))
    outbox.forget(2)
    for event in events[-2:]:
        outbox.event(event)
    assert caplog.text.count("is lost") == MAX_TAKEN
    assert len(outbox.waiting) == MAX_WAITING


def test_parked_cars_push_nobody_out(caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox()
    parked = [replace(new_event(f"P{n}"), state="sure") for n in range(3)]
    passing = [new_event(f"AB{n}") for n in range(60)]
    for event in passing:
        for each in parked:
            outbox.event(each)
            outbox.event(replace(each, is_news=False))
        outbox.event(event)
    kept = {each.id for each in outbox.waiting if isinstance(each, NewEvent)}
    assert kept == {event.id for event in (*parked, *passing)}
    assert "is lost" not in caplog.text


def test_the_end_of_what_was_lost_brings_no_pictures() -> None:
    event = new_event("AB1234")
    end = ended(event)
    assert (end.id, end.event, end.state, end.is_news) == (event.id, event.event, "final", False)
    assert (end.crop, end.frame, end.strip, end.since) == (None, None, (), event.ended_at)


@pytest.fixture
def plan(tmp_path: Path) -> CameraPlan:
    frames = [rgb for number in range(len(TEXTS)) for rgb in passage(number)]
    film = write_video(tmp_path / "road.mp4", frames, fps=10)
    config = ServiceConfig.model_validate({"cameras": {"gate": {"url": str(film)}}})
    (plan,) = make_plans(config)
    return plan


def test_a_camera_at_work_tells_all_its_passages_and_ends(
    plan: CameraPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_actor, "WAIT_S", 0.05)
    actor = RoadActor(plan)
    try:
        assert actor.take(0).health.state == "connecting"
        actor.start()
        wait_until(lambda: actor.take(0).health.state == "ended")
        assert not actor.take(0).is_over
        actor.stop(5)
        news, num_taken = [], 0
        while not (answer := actor.take(num_taken)).is_over or answer.news:
            news += answer.news
            num_taken = answer.first + len(answer.news)
    finally:
        actor._discreet.__exit__(None, None, None)
    over = [each for each in news if isinstance(each, NewEvent) and each.state == "final"]
    assert [event.event.plate for event in over] == list(TEXTS)
    assert actor.snapshot(False) is not None
    assert answer.load >= 0
