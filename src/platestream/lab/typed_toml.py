"""Typed dataclasses out of TOML tables: a slip is told by name."""

import difflib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from platestream.core.errors import ConfigError

_Table = TypeVar("_Table")


def table(kind: type[_Table], content: Mapping[str, Any], where: str) -> _Table:
    """Make a dataclass of a TOML table.

    Args:
        kind: The dataclass; its fields may be others, tuples, mappings and literals.
        content: The table.
        where: Named in errors.

    Raises:
        ConfigError: a key is unknown or missing, or a value has another type.
    """
    hints = get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    for key in content:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            msg = f"{where}: no key {key!r}" + (f"; do you mean {near[0]!r}?" if near else "")
            raise ConfigError(msg)
    for name, f in known.items():
        if f.default is MISSING and f.default_factory is MISSING and name not in content:
            msg = f"{where}: {name!r} is missing"
            raise ConfigError(msg)
    values = {key: _value(hints[key], value, f"{where}: {key}") for key, value in content.items()}
    return kind(**values)


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        if value in arguments:
            return value
        near = difflib.get_close_matches(str(value), [str(a) for a in arguments], 1)
        msg = f"{where} {value!r}: choose one of {', '.join(map(str, near or arguments))}"
        raise ConfigError(msg)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(arguments[0], v, f"{where} {i}") for i, v in enumerate(value, start=1))
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, dict):
        return {key: _value(arguments[1], v, f"{where}.{key}") for key, v in value.items()}
    if isinstance(hint, type) and isinstance(value, dict):
        return table(hint, value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    is_right = isinstance(hint, type | UnionType) and isinstance(value, hint)
    if is_right and (hint is bool or not isinstance(value, bool)):
        return value
    msg = f"{where}: {value!r} is no {getattr(hint, '__name__', hint)}"
    raise ConfigError(msg)
