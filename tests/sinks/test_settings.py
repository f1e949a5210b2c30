"""Settings check themselves, and knowing them loads no library."""

import subprocess
import sys
from typing import Any

import pytest

from platestream.core.errors import ConfigError
from platestream.sinks.mqtt import MqttSettings
from platestream.sinks.native import native
from platestream.sinks.openalpr import openalpr
from platestream.sinks.payloads import PAYLOADS
from platestream.sinks.registry import SINKS
from platestream.sinks.settings import SinkSettings, annotations, is_secret
from platestream.sinks.topics import topics_of
from platestream.sinks.webhook import WebhookSettings


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        (WebhookSettings, {"url": "ftp://a"}, "url: is no http:// or https:// address; correct it"),
        (
            WebhookSettings,
            {"url": "http://a", "secret": "whsec_?"},
            "secret: a secret that starts with whsec_ must go on in base64",
        ),
        (
            WebhookSettings,
            {"url": "http://a", "payload": "natve"},
            "payload: no payload 'natve'; did you mean native?",
        ),
        (
            WebhookSettings,
            {"url": "http://a", "timeout_s": 601},
            "timeout_s: is 601; give 0.001 to",
        ),
        (MqttSettings, {"host": "h", "port": 0}, "port: is 0; give 1 to 65535"),
        (MqttSettings, {"host": "h", "topic": "a/#"}, "topic: is no topic, without"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_key(
    kind: type[SinkSettings], given: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        kind(**given)
    assert str(caught.value).startswith(says)


def test_no_secret_shows_in_what_is_printed() -> None:
    settings = WebhookSettings(url="https://u:hunter2@a", secret="hunter2")
    assert "hunter2" not in repr(settings) + str(settings)


def test_what_may_hold_a_secret_is_marked() -> None:
    secrets = {
        (kind, key)
        for kind, settings in SINKS.items()
        for key, annotation in annotations(settings).items()
        if is_secret(annotation)
    }
    assert secrets == {
        ("webhook", "url"),
        ("webhook", "secret"),
        ("mqtt", "password"),
        ("ntfy", "topic"),
        ("ntfy", "token"),
        ("email", "password"),
        ("telegram", "token"),
    }


def test_to_know_the_kinds_loads_no_library_of_theirs() -> None:
    code = """
import sys, platestream.sinks.registry
print([m for m in ("httpx", "paho", "pydantic", "yaml") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_mqtt_takes_every_payload(payload: str) -> None:
    topics = topics_of(payload, "root", "homeassistant")
    assert topics.make is PAYLOADS[payload]
    # Home Assistant reads our own words only.
    assert bool(topics.greetings("gate")) == (payload == "native")


def test_frigate_has_topics_of_its_own_and_others_have_ours() -> None:
    assert list(topics_of("frigate", "frigate", "").of_passage("gate", "sure")) == [
        "frigate/tracked_object_update"
    ]
    ours = topics_of("openalpr", "root", "")
    assert ours.of_passage("gate", "final") == {"root/gate/event": False, "root/gate/last": True}
    assert (ours.make, topics_of("native", "root", "").make) == (openalpr, native)
