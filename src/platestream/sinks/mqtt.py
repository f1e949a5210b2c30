"""Events to an MQTT broker, each acknowledged by it (QoS 1)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from platestream.core.errors import SinkError
from platestream.sinks.payloads import PAYLOADS
from platestream.sinks.settings import Secret, SinkSettings, between, one_of, written_as
from platestream.sinks.sink import Notice, Passage, to_json
from platestream.sinks.topics import Topics, topics_of

if TYPE_CHECKING:
    from paho.mqtt.client import Client
    from paho.mqtt.reasoncodes import ReasonCode

_QOS = 1
_MAX_RECONNECT_WAIT_S = 60
_MAX_QUEUED = 100
"""Messages that a broker which answers nothing can leave waiting in memory."""


_TOPIC = r"[^+#/\x00]([^+#\x00]*[^+#/\x00])?"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MqttSettings(SinkSettings):
    """Events to an MQTT broker.

    Attributes:
        host: The broker.
        port: Its port.
        username: None needed when empty.
        password: Of that user.
        topic: Before all its topics.
        payload: In whose words, a key of `PAYLOADS`; ``frigate`` goes with ``topic: frigate``.
        discovery: Whether Home Assistant is told of each camera; for our own payload only.
        discovery_prefix: Where Home Assistant listens.
        tls: Whether the connection is encrypted.
    """

    host: str
    port: Annotated[int, between(1, 65535)] = 1883
    username: str = ""
    password: Secret = ""
    topic: Annotated[str, written_as(_TOPIC, "topic, without + and #, or / at an end")] = (
        "platestream"
    )
    payload: Annotated[str, one_of(PAYLOADS)] = "native"
    discovery: bool = True
    discovery_prefix: str = "homeassistant"
    tls: bool = False

    def make(self, cameras: Sequence[str]) -> MqttSink:
        """See `SinkSettings`."""
        prefix = self.discovery_prefix if self.discovery else ""
        return MqttSink(
            self.host,
            self.port,
            topics_of(self.payload, self.topic, cameras, prefix),
            username=self.username,
            password=self.password,
            tls=self.tls,
        )


class MqttSink:
    """Publishes each message and waits until the broker has it; a `Sink`.

    The connection is kept, and made again by itself. When it is there, the status topic says
    ``online``; the broker says ``offline`` in its place when it breaks (the last will).

    Args:
        host: The broker.
        port: Its port.
        topics: What goes where.
        username: None needed when empty.
        password: Of that user.
        tls: Whether to encrypt; the broker's certificate must then be one the system trusts.
        timeout_s: Longest wait for an acknowledgement.
    """

    def __init__(
        self,
        host: str,
        port: int,
        topics: Topics,
        *,
        username: str = "",
        password: str = "",
        tls: bool = False,
        timeout_s: float = 10.0,
    ) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self._who = f"{host}:{port}"
        self._address = (host, port)
        self._topics = topics
        self._timeout_s = timeout_s
        self._trouble = "not yet connected"
        self._client = client = Client(CallbackAPIVersion.VERSION2)
        client.will_set(topics.status, "offline", _QOS, retain=True)
        client.reconnect_delay_set(1, _MAX_RECONNECT_WAIT_S)
        client.max_queued_messages_set(_MAX_QUEUED)
        if username:
            client.username_pw_set(username, password)
        if tls:
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail

    def start(self) -> None:
        """Connect in the background, for as long as it takes."""
        self._client.connect_async(*self._address)
        self._client.loop_start()

    def encode(self, passage: Passage) -> str:
        """See `Sink`."""
        return to_json(self._topics.make(passage))

    def tell(self, notice: Notice) -> None:
        """Publish a message to all its topics.

        Raises:
            SinkError: the broker is away, or did not acknowledge in time.
        """
        # What is published without a connection would pile up in the client, beside the outbox.
        if not self._client.is_connected():
            msg = f"{self._who}: not connected to the MQTT broker ({self._trouble})"
            raise SinkError(msg)
        for topic, retain in self._topics.of_camera(notice.camera).items():
            self._publish(topic, notice.body, retain=retain)

    def close(self) -> None:
        """Say ``offline`` and leave."""
        if self._client.is_connected():
            with suppress(SinkError):
                self._publish(self._topics.status, "offline", retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, topic: str, payload: str, *, retain: bool) -> None:
        from paho.mqtt.client import error_string
        from paho.mqtt.enums import MQTTErrorCode

        info = self._client.publish(topic, payload, _QOS, retain)
        if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            info.wait_for_publish(self._timeout_s)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS or not info.is_published():
            why = error_string(info.rc) if info.rc else "no acknowledgement"
            msg = f"{self._who}: the MQTT broker did not take a message ({why})"
            raise SinkError(msg)

    def _on_connect(
        self, client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _: Any
    ) -> None:
        """Greet at each connection: a broker that was restarted may have forgotten everything."""
        if reason.is_failure:
            self._trouble = str(reason)
            return
        self._trouble = "the connection was lost"  # told only once it is
        client.publish(self._topics.status, "online", _QOS, retain=True)
        for topic, payload in self._topics.greetings.items():
            client.publish(topic, payload, _QOS, retain=True)

    def _on_connect_fail(self, _client: Client, _userdata: Any) -> None:
        self._trouble = "it cannot be reached"
