"""Cameras that are lost, frozen or black are told to those who ask."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from platestream.core.errors import StoreError
from platestream.live.health import CameraHealth, CameraState
from platestream.service import camera_news
from platestream.service.camera_news import CameraNews
from platestream.service.config import ServiceConfig
from platestream.service.receivers import make_sinks
from platestream.store.records import Message
from tests.waiting import wait_until

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def configured(**wants: Any) -> ServiceConfig:
    camera = {"url": "rtsp://10.0.0.7/stream"}
    hook = {"type": "webhook", "url": "http://a/"}
    house = {"type": "mqtt", "host": "broker.example", "cameras": ["gate"]}
    sinks = {"asks": {**hook, **wants}, "quiet": hook, "house": house}
    cameras = {"gate": camera, "yard": camera}
    return ServiceConfig.model_validate({"cameras": cameras, "sinks": sinks})


class Watched:
    """Cameras that are as a test says, and an outbox that may fail."""

    def __init__(self, config: ServiceConfig) -> None:
        self.states: dict[str, CameraState] = {}
        self.told: list[Message] = []
        self.fails = False
        self.news = CameraNews(config, make_sinks(config), self.health, self.enqueue, lambda: None)

    def health(self) -> dict[str, CameraHealth]:
        return {name: CameraHealth(state, NOON) for name, state in self.states.items()}

    def enqueue(self, messages: list[Message]) -> None:
        if self.fails:
            msg = "the database is away"
            raise StoreError(msg)
        self.told += messages

    def look(self, **states: CameraState) -> list[tuple[str, str, str]]:
        self.states, self.told = states, []
        self.news.look()
        return [(m.sink, m.camera, m.kind) for m in self.told]


def test_who_asks_is_told_once_for_each_change() -> None:
    watched = Watched(configured(camera_states=["lost", "frozen"]))
    assert watched.look(gate="live", yard="live") == [("house", "gate", "camera-live")]
    assert watched.look(gate="live", yard="live") == []
    assert watched.look(gate="lost", yard="frozen") == [
        ("asks", "gate", "camera-lost"),
        ("house", "gate", "camera-lost"),
        ("asks", "yard", "camera-frozen"),
    ]
    body = json.loads(watched.told[0].body)
    assert body == {
        "event_type": "camera",
        "camera": "gate",
        "state": "lost",
        "since": NOON.isoformat(),
    }
    assert len({message.event_id for message in watched.told}) == 3


def test_what_cannot_be_told_now_is_told_with_the_next_look() -> None:
    watched = Watched(configured(camera_states=["lost"], cameras=["yard"]))
    watched.fails = True
    with pytest.raises(StoreError):
        watched.look(yard="lost")
    watched.fails = False
    assert watched.look(yard="lost") == [("asks", "yard", "camera-lost")]


def test_cameras_that_come_and_go_fill_no_memory() -> None:
    watched = Watched(configured())
    for number in range(20):
        watched.look(gate="live", **{f"c{number}": "live"})
    assert set(watched.news._told) == {"gate", "c19"}


def test_an_error_that_nobody_thought_of_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(camera_news, "LOOK_EVERY_S", 0.01)
    watched = Watched(configured(camera_states=["lost"]))
    watched.states = {"gate": "lost"}
    real, calls = watched.news._health, iter([KeyError("a fault of ours")])

    def health() -> Any:
        if error := next(calls, None):
            raise error
        return real()

    watched.news._health = health
    watched.news.start()
    wait_until(lambda: any(message.sink == "asks" for message in watched.told))
    watched.news.stop(5)
    assert "a fault of ours" in caplog.text
