"""Events to an MQTT broker, each acknowledged by it (QoS 1)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Annotated, Any

from platestream.core.errors import SinkError
from platestream.core.reach import NO_ANSWER, WRONG_LOGIN, why_not_reached
from platestream.sinks.payloads import PAYLOADS, with_links
from platestream.sinks.settings import Secret, SinkSettings, between, one_of, written_as
from platestream.sinks.sink import CAMERA, Notice, Passage, to_json
from platestream.sinks.topics import Topics, topics_of

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

_QOS = 1
_MAX_RECONNECT_WAIT_S = 60
_MAX_QUEUED = 100
"""Messages that a broker which answers nothing can leave waiting in memory."""


_CROP = "crop_jpeg"

_NOT_LET_IN = ("Not authorized", "Bad user name or password")
"""What brokers say of a wrong login."""

SHOWING = ("live", "frozen", "black")
"""States of a camera that is connected."""

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
            topics_of(self.payload, self.topic, prefix),
            cameras=cameras,
            username=self.username,
            password=self.password,
            tls=self.tls,
        )


MAX_PRESENT = 1000
"""Of one camera; a sink that does not hear how passages end would gather them for ever."""

MAX_GONE = 300
"""Cameras that are gone, and of which the broker may still have something: more than run at a
time. Who adds and removes them for ever must fill no memory."""

MAX_DEVICE_BYTES = 100_000
"""What Home Assistant is told of a device of ours is some 2,000; anybody may tell it more."""


class Present:
    """Who is in view of each camera, as far as the receiver was told."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, None]] = {}

    def see(self, notice: Notice) -> None:
        """Take a message on a passage."""
        if notice.kind == "sure":
            ids = self._ids.setdefault(notice.camera, {})
            ids[notice.event_id] = None
            if len(ids) > MAX_PRESENT:
                del ids[next(iter(ids))]
        elif notice.kind in ("final", "withdrawn"):
            self._ids.get(notice.camera, {}).pop(notice.event_id, None)

    def forget(self, camera: str) -> None:
        """A camera is gone, and whoever was in its view."""
        self._ids.pop(camera, None)

    def of(self, camera: str) -> str:
        """``ON`` while somebody is."""
        return "ON" if self._ids.get(camera) else "OFF"


def _is_told_with(payload: bytes | bytearray, status: str) -> bool:
    """Whether a device that Home Assistant knows is one of ours, by the topic of our status."""
    if len(payload) > MAX_DEVICE_BYTES:
        return False
    try:
        told = json.loads(payload)
        is_ours = told["origin"]["name"] == "platestream"
        return bool(is_ours and {"topic": status} in told["availability"])
    except (ValueError, KeyError, TypeError, RecursionError):  # anybody may publish there
        return False


class MqttSink:
    """Publishes each message and waits until the broker has it; a `Sink`.

    The connection is kept, and made again by itself. When it is there, the status topic says
    ``online``; the broker says ``offline`` in its place when it breaks (the last will).

    Args:
        host: The broker.
        port: Its port.
        topics: What goes where.
        cameras: Those that there are; `cameras_are` says when that changes.
        username: None needed when empty.
        password: Of that user.
        tls: Whether to encrypt; the broker's certificate must then be one the system trusts.
        timeout_s: Longest wait for an acknowledgement.
    """

    hears_cameras, wants_frame = True, False

    def __init__(
        self,
        host: str,
        port: int,
        topics: Topics,
        *,
        cameras: Sequence[str] = (),
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
        self._cameras, self._gone = tuple(cameras), tuple[str, ...]()
        self._present = Present()
        self._trouble = "not yet connected"
        self._client = client = Client(CallbackAPIVersion.VERSION2)
        client.will_set(topics.status, "offline", _QOS, retain=True)
        client.reconnect_delay_set(1, _MAX_RECONNECT_WAIT_S)
        client.max_queued_messages_set(_MAX_QUEUED)
        # Its thread would end with an error in one of our methods, and nothing be told ever again.
        client.suppress_exceptions = True
        if username:
            client.username_pw_set(username, password)
        if tls:
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_message = self._on_message

    def start(self) -> None:
        """Connect in the background, for as long as it takes."""
        self._client.connect_async(*self._address)
        self._client.loop_start()

    def cameras_are(self, cameras: Sequence[str]) -> None:
        """See `HearsOfCameras`; what the broker kept of a camera that is gone is taken back."""
        before, self._cameras = self._cameras, tuple(cameras)
        gone = [camera for camera in before if camera not in cameras]
        still_gone = [camera for camera in self._gone if camera not in cameras]
        self._gone = (*still_gone, *gone)[-MAX_GONE:]
        for camera in gone:
            self._present.forget(camera)
        if not self._client.is_connected():
            return  # all of it is told at the next connection
        for camera in cameras:
            if camera not in before:
                self._greet(self._client, camera)
        for camera in gone:
            self._take_back(self._client, camera)

    def encode(self, passage: Passage) -> str:
        """See `Sink`; with the crop, which goes under a topic of its own."""
        body: dict[str, object] = dict(with_links(self._topics.make(passage), passage))
        if self._topics.of_camera and passage.crop_jpeg:
            body[_CROP] = base64.b64encode(passage.crop_jpeg).decode()
        return to_json(body)

    def tell(self, notice: Notice) -> None:
        """Publish a message to all its topics.

        Raises:
            SinkError: the broker is away, or did not acknowledge in time.
        """
        # What is published without a connection would pile up in the client, beside the outbox.
        if not self._client.is_connected():
            msg = f"{self._who}: not connected to the MQTT broker ({self._trouble})"
            raise SinkError(msg)
        body = json.loads(notice.body)
        is_gone = notice.camera in self._gone
        # Of a camera that is gone nothing is kept, though the end of its last passage is told.
        of_camera = None if is_gone else self._topics.of_camera
        own = of_camera and of_camera(notice.camera)
        if notice.kind.startswith(CAMERA):
            if own:
                status = "online" if body["state"] in SHOWING else "offline"
                self._publish(own.status, status, retain=True)
            return
        crop = body.pop(_CROP, "")
        if own and crop:
            self._publish(own.crop, base64.b64decode(crop), retain=True)
        payload = to_json(body)
        for topic, retain in self._topics.of_passage(notice.camera, notice.kind).items():
            if not (retain and is_gone):
                self._publish(topic, payload, retain=retain)
        if own:
            self._present.see(notice)
            self._publish(own.present, self._present.of(notice.camera), retain=True)

    def check(self) -> str:
        """See `Sink`; connects without a word, so that nobody is told that we come or go."""
        answers: SimpleQueue[str] = SimpleQueue()
        self._client.will_clear()
        self._client.on_connect = lambda _c, _u, _f, reason, _p: answers.put(
            str(reason) if reason.is_failure else ""
        )
        try:
            self._client.connect(*self._address)
            self._client.loop_start()
            trouble = answers.get(timeout=self._timeout_s)
        except (OSError, ValueError) as error:
            why = why_not_reached(error) or f"cannot be reached ({error})"
            msg = f"{self._who}: {why}"
            raise SinkError(msg) from error
        except Empty:
            msg = f"{self._who}: {NO_ANSWER}"
            raise SinkError(msg) from None
        finally:
            self._client.disconnect()
            self._client.loop_stop()
        if trouble:
            why = WRONG_LOGIN if trouble in _NOT_LET_IN else f"did not let us in ({trouble})"
            msg = f"{self._who}: {why}"
            raise SinkError(msg)
        return "it lets us in"

    def close(self) -> None:
        """Say ``offline`` and leave."""
        if self._client.is_connected():
            with suppress(SinkError):
                self._publish(self._topics.status, "offline", retain=True)
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, topic: str, payload: str | bytes, *, retain: bool) -> None:
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
        for camera in self._cameras:
            self._greet(client, camera)
        for camera in self._gone:
            self._take_back(client, camera)
        if self._topics.discovered:
            client.subscribe(self._topics.discovered, _QOS)

    def _greet(self, client: Client, camera: str) -> None:
        for topic, payload in self._topics.greetings(camera).items():
            client.publish(topic, payload, _QOS, retain=True)
        if self._topics.of_camera:
            present = self._topics.of_camera(camera).present
            client.publish(present, self._present.of(camera), _QOS, retain=True)

    def _take_back(self, client: Client, camera: str) -> None:
        own = self._topics.of_camera(camera).all() if self._topics.of_camera else ()
        for topic in (*self._topics.greetings(camera), *own):
            client.publish(topic, b"", _QOS, retain=True)

    def _on_message(self, client: Client, _userdata: Any, message: MQTTMessage) -> None:
        """Let Home Assistant forget a camera of ours that is gone."""
        if not _is_told_with(message.payload, self._topics.status):
            return  # most are of others
        known = {topic for camera in self._cameras for topic in self._topics.greetings(camera)}
        if message.topic not in known:
            client.publish(message.topic, b"", _QOS, retain=True)

    def _on_connect_fail(self, _client: Client, _userdata: Any) -> None:
        self._trouble = "it cannot be reached"
