import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from tests.receivers import PASSWORD, USER, Broker, listener, wait_until
from tests.sinks.passages import passage

from platestream.core.errors import SinkError
from platestream.core.plate_event import State
from platestream.sinks.mqtt import MAX_GONE, MAX_PRESENT, MqttSink, Present
from platestream.sinks.topics import Topics, frigate_topics, native_topics
from platestream.store.records import Message

TOPICS = native_topics("home/plates", "homeassistant")
CAMERAS = ("gate", "yard")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.kill()


def make_sink(
    broker: Broker,
    topics: Topics = TOPICS,
    password: str = PASSWORD,
    cameras: Sequence[str] = CAMERAS,
) -> MqttSink:
    login = {"username": USER, "password": password}
    return MqttSink("127.0.0.1", broker.port, topics, cameras=cameras, timeout_s=5, **login)


def message(sink: MqttSink, number: int = 1, camera: str = "gate") -> Message:
    told = passage(number, camera=camera)
    return Message("mqtt", camera, told.id, "event", sink.encode(told))


def tell(sink: MqttSink, number: int = 1, camera: str = "gate") -> None:
    """Tell as soon as there is a connection."""

    def has_it() -> bool:
        try:
            sink.tell(message(sink, number, camera))
        except SinkError:
            return False
        return True

    wait_until(has_it)


def retained(broker: Broker, num: int) -> dict[str, bytes]:
    """What a newcomer is told, once there is as much as that."""
    with listener(broker) as heard:
        wait_until(lambda: len(heard) >= num)
        assert all(m.retain for m in heard)
        return {m.topic: bytes(m.payload) for m in heard}


def of_topic(heard: list[paho.MQTTMessage], topic: str) -> list[bytes]:
    return [bytes(m.payload) for m in heard if m.topic == topic]


def test_each_passage_is_an_event_and_the_last_one(broker: Broker) -> None:
    sink = make_sink(broker)
    with listener(broker) as heard:
        sink.start()
        tell(sink, 1)
        tell(sink, 2)
        tell(sink, 3, "yard")
        wait_until(lambda: of_topic(heard, "home/plates/yard/last"))
        ids = [json.loads(body)["id"][-1] for body in of_topic(heard, "home/plates/gate/event")]
        assert ids == ["1", "2"]
        assert all(m.qos == 1 for m in heard)
    left = retained(broker, 5)
    assert json.loads(left["home/plates/gate/last"])["id"].endswith("2")
    assert "home/plates/gate/event" not in left  # nothing opens a gate twice
    sink.close()


def test_home_assistant_finds_each_camera(broker: Broker) -> None:
    sink = make_sink(broker)
    sink.start()
    tell(sink)
    left = retained(broker, 5)
    device = json.loads(left["homeassistant/device/home_plates_gate/config"])
    assert "homeassistant/device/home_plates_yard/config" in left
    # What the documentation of device discovery demands.
    assert device["device"]["identifiers"] == ["home_plates_gate"]
    assert device["origin"]["name"] == "platestream"
    topics = ["home/plates/status", "home/plates/gate/status"]
    assert device["availability"] == [{"topic": topic} for topic in topics]
    assert device["availability_mode"] == "all"
    components = device["components"]
    assert all({"platform", "unique_id"} <= c.keys() for c in components.values())
    assert all(c.keys() & {"state_topic", "image_topic"} for c in components.values())
    assert all(key == c["unique_id"] for key, c in components.items())
    by_name = {c["name"]: c for c in components.values()}
    sensors = {"Last plate", "Last confidence", "Vehicle present", "Plate picture"}
    assert by_name.keys() == {"Plate", *sensors}
    # The sensors read what is retained; the event takes what is not.
    assert by_name["Last plate"]["state_topic"] in left
    assert by_name["Last confidence"]["state_topic"] in left
    assert by_name["Vehicle present"]["state_topic"] in left
    assert by_name["Plate"]["state_topic"] == "home/plates/gate/sure"
    assert by_name["Plate"]["state_topic"] not in left
    body = json.loads(left["home/plates/gate/last"])
    assert body["event_type"] in by_name["Plate"]["event_types"]
    assert {"plate", "confidence"} <= body.keys()
    sink.close()


def test_status_tells_life_from_death(broker: Broker) -> None:
    sink = make_sink(broker)
    with listener(broker) as heard:
        sink.start()
        tell(sink)
        sink.close()
        wait_until(lambda: len(of_topic(heard, "home/plates/status")) == 2)
        assert of_topic(heard, "home/plates/status") == [b"online", b"offline"]


def test_the_last_will_is_offline(broker: Broker) -> None:
    sink = make_sink(broker)
    with listener(broker) as heard:
        sink.start()
        tell(sink)
        sink._client.socket().close()  # as when the process dies: no goodbye
        wait_until(lambda: b"offline" in of_topic(heard, "home/plates/status"))
    sink.close()


def test_a_wrong_password_is_named(broker: Broker) -> None:
    sink = make_sink(broker, password="wrong")
    sink.start()
    wait_until(lambda: "Not authorized" in why_not(sink))
    assert "wrong" not in why_not(sink)
    sink.close()


def test_a_broker_that_is_killed_and_started_again(broker: Broker) -> None:
    sink = make_sink(broker)
    sink.start()
    tell(sink, 1)
    broker.kill()
    wait_until(lambda: "not connected" in why_not(sink))
    broker.start()  # it kept nothing
    with listener(broker) as heard:
        tell(sink, 2)
        wait_until(lambda: of_topic(heard, "home/plates/gate/last"))
    left = retained(broker, 4)
    assert left["home/plates/status"] == b"online"
    assert "homeassistant/device/home_plates_gate/config" in left
    sink.close()


def test_a_broker_that_was_never_there_does_not_stop_the_start(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    sink = make_sink(broker)
    sink.start()
    wait_until(lambda: "cannot be reached" in why_not(sink))
    sink.close()


def test_topics_as_frigate_names_them(broker: Broker) -> None:
    sink = make_sink(broker, frigate_topics("frigate"))
    with listener(broker) as heard:
        sink.start()
        tell(sink)
        wait_until(lambda: of_topic(heard, "frigate/tracked_object_update"))
        (body,) = of_topic(heard, "frigate/tracked_object_update")
        assert json.loads(body)["type"] == "lpr"
    assert retained(broker, 1) == {"frigate/available": b"online"}
    sink.close()


def test_two_services_on_one_broker_have_devices_of_their_own() -> None:
    ours = native_topics("platestream", "ha").greetings("gate")
    theirs = native_topics("the lot/2", "ha").greetings("gate")
    assert list(ours) == ["ha/device/platestream_gate/config"]
    assert list(theirs) == ["ha/device/the_lot_2_gate/config"]
    assert json.loads(theirs["ha/device/the_lot_2_gate/config"])["device"]["identifiers"] == [
        "the_lot_2_gate"
    ]


def test_without_discovery_home_assistant_is_told_nothing() -> None:
    assert native_topics("p").greetings("gate") == {}


def why_not(sink: MqttSink) -> str:
    """What telling fails with; empty where it works."""
    try:
        sink.tell(message(sink))
    except SinkError as error:
        return str(error)
    return ""


def state_message(sink: MqttSink, state: State, number: int = 1) -> Message:
    told = replace(passage(number), state=state, crop_jpeg=b"\xff\xd8 a crop")
    return Message("mqtt", "gate", told.id, state, sink.encode(told))


def test_a_vehicle_is_present_from_sure_to_its_end_and_sure_is_told_once(broker: Broker) -> None:
    sink = make_sink(broker)
    with listener(broker) as heard:
        sink.start()
        tell(sink)
        sink.tell(state_message(sink, "sure", 2))
        sink.tell(state_message(sink, "sure", 3))
        sink.tell(state_message(sink, "final", 2))
        sink.tell(state_message(sink, "withdrawn", 3))
        wait_until(lambda: len(of_topic(heard, "home/plates/gate/present")) >= 6)
        present = of_topic(heard, "home/plates/gate/present")
        assert present[-5:] == [b"OFF", b"ON", b"ON", b"ON", b"OFF"]
        ids = [json.loads(body)["id"][-1] for body in of_topic(heard, "home/plates/gate/sure")]
        assert ids == ["2", "3"]
        assert of_topic(heard, "home/plates/gate/crop")[-1] == b"\xff\xd8 a crop"
        assert all(b"crop_jpeg" not in m.payload for m in heard)
    sink.close()


def test_a_camera_that_is_lost_is_not_available(broker: Broker) -> None:
    sink = make_sink(broker)
    with listener(broker) as heard:
        sink.start()
        tell(sink)
        for state in ("live", "lost", "black"):
            body = json.dumps({"event_type": "camera", "camera": "gate", "state": state})
            sink.tell(Message("mqtt", "gate", "", f"camera-{state}", body))
        wait_until(lambda: len(of_topic(heard, "home/plates/gate/status")) == 3)
        assert of_topic(heard, "home/plates/gate/status") == [b"online", b"offline", b"online"]
    sink.close()


def test_home_assistant_forgets_cameras_that_are_gone(broker: Broker) -> None:
    for root in ("home/plates", "other"):
        topics = native_topics(root, "homeassistant")
        sink = make_sink(broker, topics, cameras=["old"])
        sink.start()
        tell(sink)
        sink.close()
    sink = make_sink(broker)
    sink.start()
    tell(sink)
    old = "homeassistant/device/home_plates_old/config"
    wait_until(lambda: old not in retained(broker, 4))
    left = retained(broker, 4)
    assert "homeassistant/device/other_old/config" in left, "another service's"
    assert "homeassistant/device/home_plates_gate/config" in left
    sink.close()


HOSTILE_DEVICES = {
    "deep": b"[" * 50_000,
    "deeper": b'{"origin":' * 9_000,
    "large": b'{"origin": {"name": "platestream"}, "availability": [%s]}' % (b"1," * 200_000),
    "no-text": b"\xff\xfe\x00",
    "a-number": b"1e999",
    "other-kinds": b'{"origin": [], "availability": 7}',
}
"""What anybody who may publish can say of a device."""


def test_what_others_say_of_devices_ends_nothing(broker: Broker) -> None:
    with listener(broker) as heard:
        sink = make_sink(broker)
        sink.start()
        tell(sink)
        other = paho.Client(paho.CallbackAPIVersion.VERSION2)
        other.username_pw_set(USER, PASSWORD)
        other.connect("127.0.0.1", broker.port)
        other.loop_start()
        for name, payload in HOSTILE_DEVICES.items():
            other.publish(f"homeassistant/device/{name}/config", payload, 1).wait_for_publish(10)
        num = len(of_topic(heard, "home/plates/gate/event"))
        for number in (2, 3):
            tell(sink, number)
        wait_until(lambda: len(of_topic(heard, "home/plates/gate/event")) == num + 2)
        for name in HOSTILE_DEVICES:
            said = of_topic(heard, f"homeassistant/device/{name}/config")
            assert said == [HOSTILE_DEVICES[name]], "it is not ours to take back"
        other.disconnect()
        other.loop_stop()
        sink.close()


def test_a_fault_of_our_own_in_the_client_s_thread_does_not_end_it(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(MqttSink, "_on_message", fail)
    sink = make_sink(broker)
    sink.start()
    for number in (1, 2, 3):  # its own device comes back to it at once
        tell(sink, number)
    sink.close()


def test_a_camera_that_comes_or_goes_is_told_without_a_restart(broker: Broker) -> None:
    sink = make_sink(broker, cameras=["gate"])
    sink.start()
    tell(sink)
    body = json.dumps({"event_type": "camera", "camera": "gate", "state": "live"})
    sink.tell(Message("mqtt", "gate", "", "camera-live", body))
    of_gate = {f"home/plates/gate/{name}" for name in ("status", "present", "last")}
    config = "homeassistant/device/home_plates_{}/config"
    assert of_gate | {config.format("gate")} <= retained(broker, 5).keys()
    sink.cameras_are(["yard"])
    tell(sink, camera="gate")  # the end of what was in its view
    wait_until(lambda: "home/plates/yard/present" in retained(broker, 3))
    left = retained(broker, 3)
    assert set(left) == {"home/plates/status", "home/plates/yard/present", config.format("yard")}
    sink.cameras_are(["gate", "yard"])
    tell(sink, camera="gate")
    assert {"home/plates/gate/last", config.format("gate")} <= retained(broker, 6).keys()
    sink.close()


def test_a_camera_that_goes_while_the_broker_is_away_is_taken_back_later(broker: Broker) -> None:
    sink = make_sink(broker)
    sink.start()
    tell(sink, camera="yard")
    broker.kill()
    sink.cameras_are(["gate"])
    broker.start()
    tell(sink)
    wait_until(lambda: not any("yard" in topic for topic in retained(broker, 4)))
    sink.close()


def test_who_hears_of_no_end_gathers_so_many_and_no_more() -> None:
    present = Present()
    for number in range(3 * MAX_PRESENT):
        present.see(Message("hook", "gate", f"event-{number}", "sure", "{}"))
    assert len(present._ids["gate"]) == MAX_PRESENT
    assert present.of("gate") == "ON"
    for number in range(2 * MAX_PRESENT, 3 * MAX_PRESENT):
        present.see(Message("hook", "gate", f"event-{number}", "final", "{}"))
    assert present.of("gate") == "OFF"


def test_cameras_that_come_and_go_for_ever_fill_no_memory() -> None:
    sink = MqttSink("127.0.0.1", 1, TOPICS)
    for number in range(3 * MAX_GONE):
        sink.cameras_are(["gate", f"camera-{number}"])
        for camera in ("gate", f"camera-{number}"):
            sink._present.see(Message("mqtt", camera, f"event-{number}", "sure", "{}"))
    assert len(sink._gone) == MAX_GONE
    assert sink._gone[-1] == f"camera-{3 * MAX_GONE - 2}", "the newest are taken back"
    assert set(sink._present._ids) == {"gate", f"camera-{3 * MAX_GONE - 1}"}
    assert sink._present.of("gate") == "ON", (
        "who is in view of a camera that stays is not forgotten"
    )
