"""What a user may configure of sinks: one model a type, made of that sink's own settings.

`sinks.registry` is the list; nothing here names a type, so that a new one needs no line here.
"""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import AfterValidator, BeforeValidator, SecretStr, SerializeAsAny, create_model
from pydantic import Field as Key
from pydantic.fields import FieldInfo

from platestream.core.errors import ConfigError
from platestream.core.plate_event import State
from platestream.live.health import CameraState
from platestream.service.model import Model, checked_by
from platestream.service.wrong_opens import confidence_for
from platestream.sinks.registry import SINKS
from platestream.sinks.settings import SinkSettings, annotations, checks, is_secret, written_as
from platestream.sinks.sink import Passage, Sink

_DIRECTION = written_as(
    "(([A-Za-z0-9_-]+:)?(in|out))?", "way over a line: in, out, or with a line's name, gate:in"
)
_LINKS = written_as(r"(https?://[^\s?#]+)?", "http:// or https:// address without ? and #")


class SinkConfig(Model):
    """What can be said of every sink, beside the settings of its type.

    Attributes:
        type: A key of `SINKS`.
        when: What of a passage's life is told: ``provisional``, ``sure``, ``improved``, ``final``,
            ``withdrawn``.
        cameras: Only these; all when empty.
        zones: Only what was in one of these; anything when empty.
        direction: Only what crossed a line this way: ``in``, ``out``, or a line's name and way,
            such as ``gate:in``.
        known_only: Only plates that `known_plates` or a watch list name.
        min_confidence: Only what is so sure.
        camera_states: States of a camera that are told, such as ``lost``, ``frozen``, ``black`` and
            ``live``.
        wrong_opens: Share of strangers that may be taken for a known plate: the confidence that
            keeps it, as measured, is asked for.
        links: Where our page is reached, such as ``https://plates.example``: messages then have
            addresses of their pictures there, which need no login; see `server.link_key`.
        link_hours: How long after the passage such an address is good.
    """

    type: str
    when: tuple[State, ...] = ("sure", "final")
    cameras: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    direction: Annotated[str, checked_by(_DIRECTION.check)] = ""
    known_only: bool = False
    min_confidence: float = Key(default=0.0, ge=0, le=1)
    camera_states: tuple[CameraState, ...] = ()
    wrong_opens: Annotated[float, checked_by(confidence_for)] | None = None
    links: Annotated[str, checked_by(_LINKS.check)] = ""
    link_hours: float = Key(default=24.0, gt=0, le=24 * 366)

    @property
    def least_confidence(self) -> float:
        """What it asks for, one way or the other."""
        measured = confidence_for(self.wrong_opens) if self.wrong_opens is not None else 0.0
        return max(self.min_confidence, measured)

    def hears(self, passage: Passage) -> bool:
        """Whether a passage, as it is now, is one it wants to hear of."""
        ways = passage.direction.split(",")
        return (
            (not self.cameras or passage.camera in self.cameras)
            and (not self.zones or not set(self.zones).isdisjoint(passage.zones))
            and (not self.direction or any(_goes(way, self.direction) for way in ways))
            and (not self.known_only or bool(passage.known_as))
            and passage.event.confidence >= self.least_confidence
        )

    def make(self, cameras: Iterable[str]) -> Sink:
        """The sink that is configured.

        Args:
            cameras: All there are, for a sink that does not choose.

        Raises:
            ConfigError: a setting makes no sense.
        """
        kind = SINKS[self.type]
        values = {name: _plain(getattr(self, name)) for name in annotations(kind)}
        return kind(**values).make(self.cameras or tuple(cameras))


def _goes(way: str, wanted: str) -> bool:
    """Whether a line crossed one way, ``gate:in``, is as wanted, ``in`` or ``gate:in``."""
    return way == wanted or way.endswith(f":{wanted}")


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _model(settings: type[SinkSettings]) -> type[SinkConfig]:
    """The model of a type of sink, key by key as its settings have them."""
    name = settings.__name__.removesuffix("Settings") + "Config"
    types = annotations(settings)
    keys: dict[str, Any] = {
        each.name: (_type(types[each.name]), _default(each, types[each.name]))
        for each in fields(settings)
    }
    return create_model(name, __base__=SinkConfig, __doc__=settings.__doc__, **keys)


def _type(annotation: Any) -> Any:
    validators = [_validator(check, annotation) for check in checks(annotation)]
    plain = get_args(annotation)[0] if hasattr(annotation, "__metadata__") else annotation
    kind = SecretStr if is_secret(annotation) else plain
    return Annotated[(kind, *validators)] if validators else kind


def _validator(check: Callable[[Any], object], annotation: Any) -> AfterValidator:
    if is_secret(annotation):
        return checked_by(lambda secret: check(secret.get_secret_value()))
    return checked_by(check)


def _default(field: "Field[Any]", annotation: Any) -> Any:
    if field.default_factory is not MISSING:
        return FieldInfo(default_factory=field.default_factory)
    if field.default is MISSING:
        return ...
    return SecretStr(field.default) if is_secret(annotation) else field.default


SINK_MODELS: dict[str, type[SinkConfig]] = {name: _model(kind) for name, kind in SINKS.items()}
"""By type."""


def _by_its_type(value: object) -> SinkConfig:
    if isinstance(value, SinkConfig):
        return value
    if not isinstance(value, dict) or "type" not in value:
        msg = f"its `type` is missing; choose one of {SINKS}"
        raise ValueError(msg)
    try:
        SINKS.choose(str(value["type"]))
    except ConfigError as error:
        raise ValueError(str(error)) from None
    return SINK_MODELS[value["type"]].model_validate(value)


AnySinkConfig: TypeAlias = Annotated[SerializeAsAny[SinkConfig], BeforeValidator(_by_its_type)]
"""The model that its ``type`` asks for."""
