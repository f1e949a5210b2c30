"""A known car stands before the gate for forty seconds: who is told what, and when."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from platestream.core.errors import ConfigError
from platestream.core.ids import uuid7
from platestream.live.follow import Follower, View
from platestream.live.plate_rules import PlateRules
from platestream.service.bookkeeper import Bookkeeper
from platestream.service.config import ServiceConfig
from platestream.service.delivery import Delivery
from platestream.service.receivers import make_keeping, make_sinks
from platestream.service.telling import Telling
from platestream.service.wrong_opens import WRONG_OPENS
from platestream.sinks.sink import Sink
from platestream.store.records import NewEvent, Query
from platestream.store.store import EventStore, open_store
from platestream.video.pictures import decode_picture
from platestream.video.pipeline import Pipeline
from tests.receivers import PASSWORD, USER, Broker, http_receiver, listener, wait_until
from tests.service.scenes import Car, Scene, names, wall_time
from tests.sinks.passages import passage

STANDS = range(5, 405)
CAMERAS = {"gate": {"url": "rtsp://10.0.0.7/stream", "zones": {"drive": [[0, 0], [1, 0], [1, 1]]}}}


def configured(**sinks: dict[str, Any]) -> ServiceConfig:
    return ServiceConfig.model_validate({"cameras": CAMERAS, "sinks": sinks})


@contextmanager
def delivering(store: EventStore, sinks: dict[str, Sink]) -> Iterator[Callable[[], None]]:
    delivery = Delivery(store, sinks, poll_s=0.01)
    delivery.start()
    try:
        yield delivery.wake
    finally:
        delivery.stop()


def test_a_gate_opens_while_the_car_stands_there(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.start()
    store = open_store(f"sqlite:///{tmp_path}/events.db", tmp_path / "pictures")
    try:
        with http_receiver() as receiver:
            login = {"username": USER, "password": PASSWORD, "host": "127.0.0.1"}
            config = configured(
                gate={"type": "webhook", "url": receiver.url, "known_only": True},
                house={"type": "mqtt", "port": broker.port, **login},
            )
            sinks = make_sinks(config)
            with listener(broker) as heard, delivering(store, sinks) as wake:
                wait_until(lambda: any(m.topic == "platestream/status" for m in heard))
                keeper = Bookkeeper(store, Telling(config, sinks), wake)
                took_s = _stand(config, keeper, store, lambda: len(receiver.requests))
                wait_until(lambda: len(receiver.requests) == 2)
                wait_until(lambda: sum(m.topic == "platestream/gate/event" for m in heard) == 2)
            bodies = [json.loads(request.body) for request in receiver.requests]
    finally:
        store.close()
        broker.kill()
    assert took_s < 1.0
    assert [body["state"] for body in bodies] == ["sure", "final"]
    assert {body["known_as"] for body in bodies} == {"Anna"}
    assert len({body["id"] for body in bodies}) == 1
    assert bodies[0]["since"] == wall_time(0.5).isoformat()
    assert bodies[1]["ended_at"] == wall_time(40.4).isoformat()
    said = [json.loads(m.payload) for m in heard if m.topic == "platestream/gate/event"]
    assert [each["state"] for each in said] == ["sure", "final"]


def _stand(
    config: ServiceConfig, keeper: Bookkeeper, store: EventStore, num_told: Callable[[], int]
) -> float:
    """Let the car stand; returns how long the first message took once it was sure."""
    scene = Scene([Car("AB123CD", STANDS, step=(0, 0), sure=0.99)], 460)
    rules, engine = PlateRules([], None), scene.engine()
    view = View(keeping=make_keeping(config))
    follower = Follower("gate", view, rules, names({"AB123CD": "Anna"}), wall_time)
    pipeline = Pipeline(
        engine,
        new_id=lambda _, first_pts_s: uuid7(wall_time(first_pts_s)),
    )
    took_s = float("inf")
    for step in pipeline.run(scene):
        begin_s = time.monotonic()
        for event in follower.see(step).events:
            keeper.keep(event)
        if step.frame and step.frame.index == STANDS.start:
            wait_until(lambda: num_told() == 1)
            took_s = time.monotonic() - begin_s
        if step.frame and step.frame.index == STANDS.stop - 1:
            assert num_told() == 1, "sure is told once"
            (stored,) = store.find(Query()).events
            assert (stored.state, stored.known_as) == ("sure", "Anna")
            # What is known of it is as old as `again_after_s`, at most.
            assert wall_time(20.4) <= stored.ended_at <= wall_time(40.4)
            assert stored.started_at == wall_time(0.5)
    (stored,) = store.find(Query()).events
    assert (stored.state, stored.ended_at) == ("final", wall_time(40.4))
    return took_s


class Words:
    """A sink that only encodes."""

    wants_frame = False

    def encode(self, told: NewEvent) -> str:
        return told.state


def tell(events: list[NewEvent], **wants: Any) -> list[str]:
    """The kinds of what one receiver is told."""
    config = configured(hook={"type": "webhook", "url": "http://a/", **wants})
    telling = Telling(config, {"hook": Words()})  # type: ignore[dict-item]
    kinds = []
    for event in events:
        messages = telling.messages(event)
        assert telling.messages(event) == messages, "what is not noted is told again"
        telling.note(event, messages)
        kinds += [message.kind for message in messages]
    assert not telling._heard or not events[-1].is_over
    return kinds


SEEN = replace(passage(), state="provisional", zones=(), direction="", known_as="")
SURE = replace(SEEN, state="sure", sure_at=SEEN.started_at)
MORE = replace(SURE, is_news=False)
FINAL = replace(SURE, state="final")
BETTER = replace(SURE, state="improved")
LIFE = [SEEN, SURE, BETTER, MORE, BETTER, FINAL]


@pytest.mark.parametrize(
    ("events", "wants", "told"),
    [
        (LIFE, {}, ["sure", "final"]),
        (LIFE, {"when": ["final"]}, ["final"]),
        (
            LIFE,
            {"when": ["provisional", "improved", "sure", "final"]},
            ["provisional", "sure", "improved-1", "improved-2", "final"],
        ),
        ([SEEN, FINAL], {}, ["final"]),
        ([SEEN, replace(SEEN, state="withdrawn")], {"when": ["sure", "withdrawn"]}, []),
        ([SURE, replace(SEEN, state="withdrawn")], {"when": ["sure", "withdrawn"]},
         ["sure", "withdrawn"]),
        (LIFE, {"known_only": True}, []),
        # Known, in the zone, through the line or sure enough only later.
        ([SURE, replace(MORE, known_as="Anna"), FINAL], {"known_only": True}, ["sure", "final"]),
        ([SURE, replace(MORE, zones=("drive",)), MORE], {"zones": ["drive"]}, ["sure"]),
        ([SURE, replace(MORE, direction="door:in")], {"direction": "in"}, ["sure"]),
        ([SURE, replace(MORE, direction="door:out")], {"direction": "in"}, []),
        (
            [SURE, replace(MORE, event=replace(MORE.event, confidence=0.999))],
            {"min_confidence": 0.99},
            ["sure"],
        ),
        # What is in force now is not sure, whatever was before.
        ([replace(BETTER, sure_at=None, known_as="Anna")], {"known_only": True}, []),
        (LIFE, {"cameras": ["gate"]}, ["sure", "final"]),
    ],
)  # fmt: skip
def test_a_receiver_hears_what_it_asked_for(
    events: list[NewEvent], wants: dict[str, Any], told: list[str]
) -> None:
    assert tell(events, **wants) == told


@pytest.mark.parametrize(
    ("wants", "problem"),
    [
        ({"when": ["maybe"]}, "provisional"),
        ({"direction": "up"}, "direction"),
        ({"wrong_opens": 1e-12}, "best that was measured"),
        ({"wrong_opens": 1e-4}, "match_distance: 0"),
    ],
)
def test_a_wish_that_cannot_come_true_is_refused(wants: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        configured(hook={"type": "webhook", "url": "http://a/", **wants})


@pytest.mark.parametrize(
    ("wants", "problem"),
    [
        ({"cameras": ["gat"]}, r"cameras: no camera 'gat'; did you mean gate\?"),
        ({"zones": ["garden"]}, "zones: no zone 'garden'; choose one of drive"),
        ({"direction": "door:in"}, "direction: no line 'door'; or add it on the page first"),
    ],
)
def test_what_a_receiver_names_must_be_there(wants: dict[str, Any], problem: str) -> None:
    config = configured(hook={"type": "webhook", "url": "http://a/", **wants})
    with pytest.raises(ConfigError, match=rf"sinks\.hook\.{problem}"):
        config.check_receivers()


def test_what_a_killed_service_left_ends_as_it_was_known_last(tmp_path: Path) -> None:
    config, url = configured(hook={"type": "webhook", "url": "http://a/"}), f"{tmp_path}/e.db"
    store = open_store(url, tmp_path / "pictures")
    Bookkeeper(store, Telling(config, {}), lambda: None).keep(SURE)
    store.close()  # and dies
    store = open_store(url, tmp_path / "pictures")
    (left,) = store.left_open()
    assert (left.state, left.id) == ("sure", SURE.id)
    Bookkeeper(store, Telling(config, make_sinks(config)), lambda: None).end_what_was_left()
    (ended,) = store.find(Query()).events
    assert (ended.state, ended.ended_at, ended.crop_file) == (
        "final",
        SURE.ended_at,
        left.crop_file,
    )
    assert store.picture(ended.crop_file).is_file()
    (message,) = store.due(SURE.ended_at)
    assert (message.kind, json.loads(message.body)["plate"]) == ("final", SURE.event.plate)
    assert store.left_open() == []
    store.close()


def test_a_share_of_wrong_opens_picks_the_confidence_that_was_measured() -> None:
    hook = {"type": "webhook", "url": "http://a/", "wrong_opens": 2e-5, "min_confidence": 0.5}
    config = ServiceConfig.model_validate({"match_distance": 0, "sinks": {"hook": hook}})
    assert config.sinks["hook"].least_confidence == 0.995
    assert make_keeping(config).alarms == (0.995,)
    # Each step asks for more and lets fewer in; the docs say the same.
    assert list(WRONG_OPENS) == sorted(WRONG_OPENS, key=lambda step: (step[0], -step[1]))
    page = Path("docs/integrations.md").read_text("utf-8")
    for confidence, at_most in WRONG_OPENS:
        (line,) = [row for row in page.splitlines() if row.startswith(f"| {confidence:g} |")]
        assert f"{at_most:.1e}" in line


def test_only_who_wants_the_frame_gets_it_and_no_larger_than_it_says() -> None:
    hook = {"type": "webhook", "url": "http://a/", "crop": True}
    config = configured(plain=hook, all={**hook, "frame": True})
    seen = replace(FINAL, frame=np.full((1440, 2560, 3), 90, np.uint8))
    plain, everything = (
        json.loads(message.body) for message in Telling(config, make_sinks(config)).messages(seen)
    )
    sizes = {
        key: decode_picture(base64.b64decode(everything[key]), key).shape[:2]
        for key in ("crop_jpeg", "frame_jpeg")
    }
    assert sizes == {"crop_jpeg": (26, 90), "frame_jpeg": (720, 1280)}
    assert "frame_jpeg" not in plain
    assert plain["crop_jpeg"] == everything["crop_jpeg"]
