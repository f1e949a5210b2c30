"""What all models of the configuration share."""

from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from platestream.core.errors import ConfigError

NAME_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"

Name: TypeAlias = Annotated[str, Field(pattern=NAME_PATTERN)]
"""Of a camera, a zone, a line, a sink: as it may stand in files, topics and addresses."""


class Model(BaseModel):
    """Base of all that is configured: no unknown keys, frozen, values never in messages.

    Numbers are numbers: neither database nor JSON has an infinite one.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )


def checked_by(check: Callable[[Any], object]) -> AfterValidator:
    """A validator of a check that raises `ConfigError`, such as `Choices.choose`."""

    def validate(value: Any) -> Any:
        try:
            check(value)
        except ConfigError as error:
            raise ValueError(str(error)) from None
        return value

    return AfterValidator(validate)
