"""What a user says of a sink: plain dataclasses that check themselves.

Each kind of sink has its settings, in its own file, as a subclass of `SinkSettings`. The service
makes its configuration's models of them (`service.sink_config`), so a key is written once. What a
type alone does not say stands beside it::

    timeout_s: Annotated[float, between(0.1, 600)] = 10.0
    password: Secret = ""
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, get_type_hints

from platestream.core.choices import Choices
from platestream.core.errors import ConfigError
from platestream.sinks.sink import Sink


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a value must be.

    Attributes:
        check: Given the value; raises `ConfigError` that says what is wrong and what to do.
    """

    check: Callable[[Any], object]


class _Secret:
    """Marks what is never shown."""


Secret: TypeAlias = Annotated[str, _Secret]
"""A password, or an address that may hold one: never shown or logged."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SinkSettings(ABC):
    """Settings of one kind of sink; a subclass adds fields, each with a default or required.

    Raises:
        ConfigError: a value makes no sense; names its key.
    """

    def __post_init__(self) -> None:
        for name, annotation in annotations(type(self)).items():
            for check in checks(annotation):
                try:
                    check(getattr(self, name))
                except ConfigError as error:
                    msg = f"{name}: {error}"
                    raise ConfigError(msg) from error

    @abstractmethod
    def make(self, cameras: Sequence[str]) -> Sink:
        """The sink; libraries that it needs are imported here, not with its file.

        Args:
            cameras: The names of those it hears of.
        """


def annotations(settings: type[SinkSettings]) -> dict[str, Any]:
    """The fields of a kind's settings: name to type, with what stands beside it."""
    return get_type_hints(settings, include_extras=True)


def checks(annotation: Any) -> list[Callable[[Any], object]]:
    """What a field's value must pass."""
    marks = getattr(annotation, "__metadata__", ())
    return [mark.check for mark in marks if isinstance(mark, Check)]


def is_secret(annotation: Any) -> bool:
    """Whether a field's value is never shown."""
    return _Secret in getattr(annotation, "__metadata__", ())


def one_of(choices: Choices[Any]) -> Check:
    """A name that a registry knows."""
    return Check(choices.choose)


def between(low: float, high: float) -> Check:
    """A number from `low` to `high`."""

    def check(value: float) -> None:
        if not low <= value <= high:
            msg = f"is {value:g}; give {low:g} to {high:g}"
            raise ConfigError(msg)

    return Check(check)


def written_as(pattern: str, what: str) -> Check:
    """A text that a regular expression matches as a whole; `what` says in words what it is."""

    def check(value: str) -> None:
        if not re.fullmatch(pattern, value):
            msg = f"is no {what}; correct it"
            raise ConfigError(msg)

    return Check(check)
