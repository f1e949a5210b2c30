"""What is wrong with a configuration, in words: the key, the fault, what to do."""

import re
from collections.abc import Sequence
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from platestream.core.choices import nearest
from platestream.service.model import NAME_PATTERN
from platestream.service.sink_config import SINK_MODELS, SinkConfig


def explain(error: ErrorDetails, model: type[BaseModel], raw: object) -> str:
    """One problem in words.

    Args:
        error: As pydantic tells it.
        model: Of the whole configuration.
        raw: What was given for it; none of its values is told.
    """
    loc = [part for part in error["loc"] if part != "[key]"]
    key = ".".join(str(part) for part in loc)
    what = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        near = nearest(str(loc[-1]), _keys_at(model, loc[:-1], raw))
        what = (
            f"there is no such key; {f'did you mean {near}?' if near else 'correct or remove it'}"
        )
    elif error["type"] == "missing":
        what = "is missing; add it"
    elif error["type"] == "string_type":
        what = "is no text; put it in quotes"
    elif error["type"] == "less_than_equal" and error["ctx"]["le"] == 1:
        what = "is more than 1; write a share of the whole, 0 to 1, such as 0.95 for 95 %"
    elif error["type"] == "string_pattern_mismatch" and error["ctx"]["pattern"] == NAME_PATTERN:
        what = "is no name; a name has 1 to 64 letters, digits, _ and -, as it stands in addresses"
    elif error["type"] == "literal_error":
        what = _unknown_word(error)
    return f"{key}: {what}" if key else what


def _unknown_word(error: ErrorDetails) -> str:
    """What to say of a value that none of a few words is; the value itself may be a secret."""
    words = re.findall("'(.*?)'", error["ctx"]["expected"])
    near = nearest(str(error["input"]), words)
    return f"is none of {', '.join(words)}; {f'did you mean {near}?' if near else 'choose one'}"


def _keys_at(model: type[BaseModel], path: Sequence[int | str], raw: Any) -> list[str]:
    """The keys that there are at a place of the configuration."""
    at: Any = model
    for part in path:
        at = at.model_fields[part].annotation if _is_model(at) else get_args(at)[-1]
        raw = raw[part]
        while not _is_model(at) and (inner := _inner(at)) is not None:
            at = inner
        if at is SinkConfig:
            at = SINK_MODELS[raw["type"]]
    return list(at.model_fields)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _inner(annotation: Any) -> Any:
    """What stands in ``Annotated[...]`` or beside None; None where there is neither."""
    if hasattr(annotation, "__metadata__"):
        return get_args(annotation)[0]
    args = get_args(annotation)
    if NoneType in args and get_origin(annotation) not in (dict, list, tuple):
        return next(arg for arg in args if arg is not NoneType)
    return None
