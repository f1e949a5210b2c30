import json
import time
from pathlib import Path
from typing import Any

import pytest

from platestream.core.errors import ConfigError
from platestream.service.config import ServiceConfig
from platestream.service.delivery import Delivery
from platestream.service.receivers import make_sinks, tell_cameras
from platestream.service.telling import Telling
from platestream.sinks.mqtt import MqttSink
from platestream.sinks.signing import verify
from platestream.sinks.webhook import WebhookSink
from platestream.store.store import open_store
from tests.receivers import (
    PASSWORD,
    USER,
    Broker,
    HttpReceiver,
    http_receiver,
    listener,
    wait_until,
)
from tests.sinks.passages import passage


def configured(**sinks: dict[str, Any]) -> ServiceConfig:
    camera = {"url": "rtsp://10.0.0.7/stream"}
    return ServiceConfig.model_validate(
        {"cameras": {"gate": camera, "yard": camera}, "sinks": sinks}
    )


def webhook(receiver: HttpReceiver, **more: Any) -> dict[str, Any]:
    return {"type": "webhook", "url": receiver.url, "secret": "open sesame", **more}


def test_the_sinks_are_those_of_the_configuration() -> None:
    config = configured(
        hook={"type": "webhook", "url": "https://receiver.example/"},
        house={"type": "mqtt", "host": "broker.example"},
    )
    sinks = make_sinks(config)
    assert list(sinks) == ["hook", "house"]
    assert isinstance(sinks["hook"], WebhookSink)
    assert isinstance(sinks["house"], MqttSink)


@pytest.mark.parametrize(
    ("payload", "field", "value"),
    [
        ("native", "event_type", "plate"),
        ("openalpr", "data_type", "alpr_group"),
        ("platerecognizer", "hook", {"id": "gate", "event": "recognition", "filename": ""}),
        ("frigate", "type", "lpr"),
    ],
)
def test_a_webhook_has_the_payload_that_is_asked_for(payload: str, field: str, value: Any) -> None:
    config = configured(hook={"type": "webhook", "url": "http://a/", "payload": payload})
    (message,) = Telling(config, make_sinks(config)).messages(passage())
    assert json.loads(message.body)[field] == value


def test_a_sink_hears_of_the_cameras_it_wants() -> None:
    config = configured(
        some={"type": "webhook", "url": "http://a/", "cameras": ["yard"]},
        every={"type": "webhook", "url": "http://a/"},
    )
    sinks = make_sinks(config)
    for camera, wanted in [("gate", ["every"]), ("yard", ["some", "every"])]:
        messages = Telling(config, sinks).messages(passage(camera=camera))
        assert [m.sink for m in messages] == wanted
        assert {(m.camera, m.event_id, m.kind) for m in messages} == {
            (camera, passage().id, "final")
        }


def test_sinks_that_tell_of_cameras_learn_of_those_they_want() -> None:
    class Counting:
        def __init__(self) -> None:
            self.cameras: list[list[str]] = []

        def cameras_are(self, cameras: list[str]) -> None:
            self.cameras.append(cameras)

    mqtt = {"type": "mqtt", "host": "broker.example"}
    config = configured(
        some={**mqtt, "cameras": ["yard"]},
        every=mqtt,
        hook={"type": "webhook", "url": "http://a/"},
    )
    some, every = Counting(), Counting()
    sinks: Any = {**make_sinks(config), "some": some, "every": every}
    tell_cameras(config, sinks, ["gate", "yard"])
    tell_cameras(config, sinks, ["gate"])
    assert some.cameras == [["yard"], []]
    assert every.cameras == [["gate", "yard"], ["gate"]]


def test_a_bad_address_names_its_sink() -> None:
    config = configured(hook={"type": "webhook", "url": "http://a:b/"})
    with pytest.raises(ConfigError, match=r"sinks\.hook: "):
        make_sinks(config)


def test_from_the_store_to_a_server_through_a_restart(tmp_path: Path) -> None:
    url, pictures = f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures"
    with http_receiver() as receiver:
        receiver.answer = lambda _: (503, {})
        config = configured(hook=webhook(receiver))
        sinks = make_sinks(config)
        store = open_store(url, pictures)
        for number in range(3):
            event = passage(number)
            store.add(event, Telling(config, sinks).messages(store.as_kept(event)))
        delivery = Delivery(store, sinks, first_wait_s=0.001, poll_s=0.01)
        delivery.start()
        wait_until(lambda: delivery.health()["hook"].num_failed > 2)
        delivery.stop()
        store.close()

        receiver.answer = lambda _: (200, {})
        receiver.requests.clear()
        store = open_store(url, pictures)
        delivery = Delivery(store, make_sinks(config), poll_s=0.01)
        delivery.start()
        wait_until(lambda: delivery.health()["hook"].num_told == 3)
        delivery.stop()
        store.close()
    assert [json.loads(r.body)["id"] for r in receiver.requests] == [
        passage(number).id for number in range(3)
    ]
    assert all(verify("open sesame", r.headers, r.body, time.time()) for r in receiver.requests)


def test_mqtt_as_configured(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    address = {"type": "mqtt", "host": "127.0.0.1", "port": broker.port}
    login = {"username": USER, "password": PASSWORD}
    config = configured(
        house={**address, **login, "cameras": ["gate"]},
        frigate={**address, **login, "topic": "frigate", "payload": "frigate"},
        quiet={**address, **login, "topic": "quiet", "discovery": False},
    )
    sinks = make_sinks(config)
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    delivery = Delivery(store, sinks, first_wait_s=0.01, poll_s=0.01)
    try:
        with listener(broker) as heard:
            delivery.start()
            store.add(passage(), Telling(config, sinks).messages(passage()))
            delivery.wake()
            wait_until(lambda: len({m.topic for m in heard}) == 14)
        delivery.stop()
    finally:
        store.close()
        broker.kill()
    assert {m.topic for m in heard} == {
        "platestream/status",
        "platestream/gate/event",
        "platestream/gate/last",
        "platestream/gate/present",
        "platestream/gate/crop",
        "homeassistant/device/platestream_gate/config",
        "frigate/available",
        "frigate/tracked_object_update",
        "quiet/status",
        "quiet/gate/event",
        "quiet/gate/last",
        "quiet/gate/present",
        "quiet/gate/crop",
        "quiet/yard/present",
    }
