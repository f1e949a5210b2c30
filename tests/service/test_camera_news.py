"""Cameras that are lost, frozen or black are told to those who ask."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from platestream.core.errors import StoreError
from platestream.live.health import CameraHealth, CameraState
from platestream.service.camera_news import CameraNews
from platestream.service.config import ServiceConfig
from platestream.service.receivers import make_sinks
from platestream.store.records import Message

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
