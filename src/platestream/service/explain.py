"""What is wrong with a configuration, in words: the key, the fault, what to do."""

import re
from collections.abc import Sequence
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from platestream.core.choices import nearest
from platestream.service.model import NAME_PATTERN
from platestream.service.sink_config import SINK_MODELS, SinkConfig

_LIST = "is no list; put it in brackets, also a single value: {key}[VALUE]"
_EMPTY = "is empty; write a value, or remove the key"
_GROUP = "is no group of keys; write its keys below it"
_WHOLE = "is no whole number; write one, such as 10"
_NUMBER = "is no number; write one, such as 0.5"
_SWITCH = "is neither true nor false; write one of the two"

_WORDS = {
    "missing": "is missing; add it",
    "extra_forbidden": "there is no such key; correct or remove it",
    "string_type": "is no text; put it in quotes",
    "string_unicode": "is no text that can be written; type it anew",
    "invalid_key": "is no name; write one as a text",
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": "is no group of names; write each below it, as NAME: VALUE",
    "model_type": _GROUP,
    "model_attributes_type": _GROUP,
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "is not finite; write a number, such as 0.5",
    "path_type": "is no path; put it in quotes",
    "greater_than": "is too small; write more than {gt:.10g}",
    "greater_than_equal": "is too small; write {ge:.10g} or more",
    "less_than": "is too large; write less than {lt:.10g}",
    "less_than_equal": "is too large; write {le:.10g} or less",
    "too_short": "has too few entries; write {min_length} or more",
    "too_long": "has too many entries; write no more than {max_length}",
    "string_too_short": "is too short; write {min_length} or more characters",
    "string_too_long": "is too long; write no more than {max_length} characters",
    "datetime_parsing": "is no time; write one such as 2026-05-31T08:00:00Z",
    "datetime_from_date_parsing": "is no time; write one such as 2026-05-31T08:00:00Z",
    "timezone_aware": "has no time zone; end it with Z or an offset such as +02:00",
    "string_pattern_mismatch": "is not whole, or has a character too many; copy it as it was given",
    "json_invalid": "is no JSON; correct it",
}
"""By pydantic's word for the kind of fault, see its list of validation errors: what to say."""


def explain(error: ValidationError, model: type[BaseModel], raw: object) -> str:
    """All problems in words, each with its key.

    Args:
        error: As pydantic tells it.
        model: Of the whole configuration.
        raw: What was given for it; none of its values is told.
    """
    problems = error.errors(include_url=False)
    places = [each["loc"] for each in problems]
    told = (
        _with_key(each, model, raw)
        for each in problems
        # A list whose entries are wrong counts as too short, without them.
        if not (each["type"] == "too_short" and _has_below(places, each["loc"]))
    )
    return "; ".join(told)


def fault(error: ErrorDetails) -> str:
    """What is wrong with one value and what to do, without the value, which may be a secret."""
    kind, context = error["type"], error.get("ctx", {})
    if error.get("input", "") is None and kind.endswith("_type"):
        return _EMPTY
    if kind == "string_type" and isinstance(error.get("input"), list | dict):
        return "is a list or a group; write one text"
    if kind == "less_than_equal" and context["le"] == 1:
        return "is more than 1; write a share of the whole, 0 to 1, such as 0.95 for 95 %"
    if kind == "string_pattern_mismatch" and context["pattern"] == NAME_PATTERN:
        return "is no name; a name has 1 to 64 letters, digits, _ and -, as it stands in addresses"
    if kind == "literal_error":
        return _unknown_word(error)
    last = error["loc"][-1] if error["loc"] else ""
    key = f"{last}: " if isinstance(last, str) and last else ""
    if words := _WORDS.get(kind):
        return words.format_map({**context, "key": key})
    return error["msg"].removeprefix("Value error, ")


def _with_key(error: ErrorDetails, model: type[BaseModel], raw: object) -> str:
    loc = [part for part in error["loc"] if part != "[key]"]
    key, what = ".".join(str(part) for part in loc), fault(error)
    if error["type"] == "extra_forbidden":
        if near := nearest(str(loc[-1]), _keys_at(model, loc[:-1], raw)):
            what = f"there is no such key; did you mean {near}?"
    elif error["type"] == "model_type":
        keys = ", ".join(_keys_at(model, loc, raw)[:3])
        what = f"{what.partition(';')[0]}; write its keys below it, such as {keys}"
    return f"{key}: {what}" if key else what


def _has_below(places: Sequence[tuple[int | str, ...]], loc: tuple[int | str, ...]) -> bool:
    return any(len(each) > len(loc) and each[: len(loc)] == loc for each in places)


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
