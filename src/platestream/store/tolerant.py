"""Values out of a database that may be damaged, made to fit what they should be.

A flipped bit, a full disk or somebody's own SQL may leave any value in any column: SQLite checks
no types. One such row must not take down a page, nor keep old events from being pruned, so what
fits nowhere is read as empty.
"""

import logging
import math
import types
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

logger = logging.getLogger(__name__)

_T = TypeVar("_T")

LOST = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of what has none any more."""


def make(kind: type[_T], values: dict[str, Any], of: object = "") -> _T:
    """A record of a dataclass: each field that does not fit, or is missing, is empty.

    Args:
        kind: Its class.
        values: By the names of its fields.
        of: The event that the log names where something did not fit.
    """
    made, damaged = {}, []
    for name, hint, default in _hints(kind):  # type: ignore[arg-type]
        made[name], fits = _fit(hint, default, values.get(name))
        if not fits and name in values:
            damaged.append(name)
    if damaged:
        _report(ascii(of)[:60], ", ".join(damaged))
    return kind(**made)


@lru_cache(maxsize=1000)  # each is told once, not each time that somebody looks
def _report(of: str, names: str) -> None:
    logger.warning("event %s is damaged in the database: %s cannot be read", of, names)


def whole(value: object, most: int = 2**53) -> int:
    """A number that counts something; 0 where it is none, or more than can be."""
    is_number = isinstance(value, int | float | Decimal) and 0 <= value <= most
    return int(value) if is_number else 0  # type: ignore[call-overload]


def fit(hint: Any, value: Any) -> Any:
    """A value as its type says, lists as tuples.

    Raises:
        ValueError: it is of another type.
    """
    origin = get_origin(hint)
    if origin is tuple and isinstance(value, list | tuple):
        return _fit_tuple(get_args(hint), value)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in get_args(hint):
            return None
        return fit(next(each for each in get_args(hint) if each is not type(None)), value)
    if origin is Literal and value in get_args(hint):
        return value
    if hint is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(hint, type) and type(value) is hint and hint is not float:
        return value
    msg = f"{type(value).__name__} where {hint} should be"
    raise ValueError(msg)


def _fit_tuple(inner: tuple[Any, ...], value: list[Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(fit(inner[0], each) for each in value)
    return tuple(fit(each, one) for each, one in zip(inner, value, strict=True))


def _fit(hint: Any, default: Any, value: Any) -> tuple[Any, bool]:
    """What stands for a value, and whether it is that value."""
    try:
        return fit(hint, value), True
    except (ValueError, OverflowError, RecursionError):
        return (_blank(hint) if default is MISSING else default), False


@lru_cache
def _hints(kind: Any) -> list[tuple[str, Any, Any]]:
    known = get_type_hints(kind)
    return [(field.name, known[field.name], field.default) for field in fields(kind)]


def _blank(hint: Any) -> Any:
    if get_origin(hint) is tuple:
        inner = get_args(hint)
        return () if inner[-1] is Ellipsis else tuple(_blank(each) for each in inner)
    if get_origin(hint) is Literal:
        return get_args(hint)[0]
    if get_origin(hint) in (Union, types.UnionType):
        return None
    blank: dict[Any, Any] = {str: "", int: 0, float: 0.0, bool: False, datetime: LOST}
    return blank[hint]
