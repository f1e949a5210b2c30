"""From the configuration to sinks, and what their wishes ask of the cameras."""

from collections.abc import Collection, Mapping

from platestream.core.errors import ConfigError
from platestream.live.ongoing import KEEP_AFTER_S, Keeping
from platestream.service.config import ServiceConfig
from platestream.sinks.sink import HearsOfCameras, Sink


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


def tell_cameras(
    config: ServiceConfig, sinks: Mapping[str, Sink], cameras: Collection[str]
) -> None:
    """Say to the sinks that need to know which cameras there are now.

    Args:
        config: Says of which of them each sink hears.
        sinks: Of `make_sinks`.
        cameras: All of them, those of the page among them.
    """
    for name, sink in sinks.items():
        if isinstance(sink, HearsOfCameras):
            wanted = config.sinks[name].cameras or cameras
            sink.cameras_are([camera for camera in cameras if camera in wanted])


def make_keeping(config: ServiceConfig) -> Keeping:
    """When passages that go on are stored, so that everybody is told in time."""
    sinks = config.sinks.values()
    is_early = any({"provisional", "improved"} & set(sink.when) for sink in sinks)
    alarms = sorted({sink.least_confidence for sink in sinks if sink.least_confidence > 0})
    return Keeping(0.0 if is_early else KEEP_AFTER_S, alarms=tuple(alarms))
