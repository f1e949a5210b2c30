"""From the configuration to sinks, and from an event to the messages they are to get."""

from collections.abc import Mapping

from platestream.core.errors import ConfigError
from platestream.service.config import ServiceConfig
from platestream.sinks.sink import EVENT, Sink
from platestream.store.records import Message, NewEvent


def make_sinks(config: ServiceConfig) -> dict[str, Sink]:
    """Everybody to tell, by the names they have in the configuration.

    Raises:
        ConfigError: an address or a secret makes no sense; names the sink.
    """
    sinks: dict[str, Sink] = {}
    for name, sink in config.sinks.items():
        try:
            sinks[name] = sink.make(config.cameras)
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
        Message(name, event.camera, event.id, EVENT, sink.encode(event))
        for name, sink in sinks.items()
        if event.camera in (config.sinks[name].cameras or (event.camera,))
    ]
