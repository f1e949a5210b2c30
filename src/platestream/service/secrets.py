"""Every secret of a configuration is known, and looked for on every way out."""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, SecretStr

from platestream.core.errors import PlatestreamError
from platestream.core.text import plain, plain_line
from platestream.core.urls import Redactor, secrets_in


def secrets_of(config: object, key: str = "") -> set[str]:
    """All secrets anywhere in a configuration, and what of its addresses may be one.

    Args:
        config: Models, or what stands in them.
        key: What it is called. The value of a ``url`` may be a plain path, which is no secret;
            that of any other key is one as a whole, whatever signs it has.
    """
    if isinstance(config, SecretStr):
        value = config.get_secret_value()
        if key == "url":
            return secrets_in(value)
        return {value, *(secrets_in(value) if "://" in value else ())}
    inner: Any = ()
    if isinstance(config, BaseModel):
        inner = ((name, getattr(config, name)) for name in type(config).model_fields)
    elif isinstance(config, Mapping):
        inner = config.items()
    elif isinstance(config, list | tuple):
        inner = ((key, each) for each in config)
    return {secret for name, each in inner for secret in secrets_of(each, str(name))}


@contextmanager
def discreet(redact: Redactor) -> Iterator[None]:
    """While this lasts, no library's log tells a secret, nor does an error that leaves it."""
    before = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        return _cleaned(before(*args, **kwargs), redact)

    logging.setLogRecordFactory(make)
    try:
        yield
    except PlatestreamError as error:
        if (cleaned := redact(str(error))) == str(error):
            raise
        raise type(error)(cleaned) from None
    finally:
        logging.setLogRecordFactory(before)


def _cleaned(record: logging.LogRecord, redact: Callable[[str], str]) -> logging.LogRecord:
    """A record whose message and traceback are text already, without secrets or orders."""
    # Only what is told in several lines from the start may hold further ones, as tracebacks do.
    is_one_line = "\n" not in str(record.msg)
    if isinstance(record.args, tuple) and is_one_line:
        record.args = tuple(map(_on_one_line, record.args))
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):  # logging would print the arguments as they are
        message = str(record.msg)
    record.msg, record.args = plain(redact(message)), ()
    if record.exc_info and record.exc_info[1]:
        told = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
        record.exc_text, record.exc_info = plain(redact(told)), None
    return record


def _on_one_line(value: object) -> object:
    """What others chose cannot look like further lines of ours."""
    return plain_line(str(value)) if isinstance(value, str | BaseException) else value
