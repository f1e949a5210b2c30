"""From the configuration to sinks, and from an event to the messages they are to get."""

from collections.abc import Mapping

from platestream.core.errors import ConfigError
from platestream.service.config import MqttConfig, ServiceConfig, WebhookConfig
from platestream.sinks.frigate import frigate
from platestream.sinks.mqtt import MqttSink
from platestream.sinks.native import native
from platestream.sinks.openalpr import openalpr
from platestream.sinks.platerecognizer import platerecognizer
from platestream.sinks.sink import Sink
from platestream.sinks.topics import frigate_topics, native_topics
from platestream.sinks.webhook import WebhookSink
from platestream.store.records import Message, NewEvent

PAYLOADS = {
    "native": native,
    "openalpr": openalpr,
    "platerecognizer": platerecognizer,
    "frigate": frigate,
}
"""Those of webhooks."""


def make_sinks(config: ServiceConfig) -> dict[str, Sink]:
    """Everybody to tell, by the names they have in the configuration.

    Raises:
        ConfigError: an address or a secret makes no sense; names the sink.
    """
    sinks: dict[str, Sink] = {}
    for name, sink in config.sinks.items():
        try:
            sinks[name] = _webhook(sink) if isinstance(sink, WebhookConfig) else _mqtt(sink, config)
        except ConfigError as error:
            msg = f"sinks.{name}: {error}"
            raise ConfigError(msg) from error
    return sinks


def make_messages(
    event: NewEvent, sinks: Mapping[str, Sink], config: ServiceConfig
) -> list[Message]:
    """What is to be told of an event, a message for each sink that wants its camera.

    Args:
        event: As the store keeps it, see `EventStore.as_kept`: what may not be kept is not told.
        sinks: Of `make_sinks`.
        config: The same.
    """
    return [
        Message(name, event.camera, event.id, "event", sink.encode(event))
        for name, sink in sinks.items()
        if event.camera in (config.sinks[name].cameras or (event.camera,))
    ]


def _webhook(config: WebhookConfig) -> WebhookSink:
    return WebhookSink(
        config.url.get_secret_value(),
        PAYLOADS[config.payload],
        secret=config.secret.get_secret_value(),
        timeout_s=config.timeout_s,
    )


def _mqtt(config: MqttConfig, service: ServiceConfig) -> MqttSink:
    cameras = config.cameras or tuple(service.cameras)
    prefix = config.discovery_prefix if config.discovery else ""
    topics = (
        frigate_topics(config.topic)
        if config.payload == "frigate"
        else native_topics(config.topic, cameras, prefix)
    )
    return MqttSink(
        config.host,
        config.port,
        topics,
        username=config.username,
        password=config.password.get_secret_value(),
        tls=config.tls,
    )
