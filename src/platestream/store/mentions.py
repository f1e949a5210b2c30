"""Which of the messages that wait name a plate, in whoever's words they are.

Each receiver encodes in its own way: in small letters, in a sentence, as JSON within JSON. What all
have in common is that a plate is one word of a text.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import ColumnElement, Connection, func, or_, select

from platestream.core.alphabet import CHARACTERS
from platestream.core.ids import SHORT_HASH
from platestream.core.matching import UNSURE
from platestream.store.tables import MESSAGES

_BATCH = 100
"""Bodies that are looked at in one question: each may have a picture in it."""

_NO_PLATE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.+:-]*"
    r"|[A-Za-z0-9+/]{100,}={0,2}"
)
"""Ids, times and pictures: a plate may be a part of one by chance."""

_OTHERS = frozenset({"candidates"})
"""Keys of texts that a plate is not, but might have been: those of another car stay."""


def naming(
    connection: Connection, plate: str, plate_hash: str, after: int
) -> tuple[set[int], int | None]:
    """Numbers of some of the messages that wait and name a plate.

    Args:
        connection: To the database.
        plate: Normalised, not empty.
        plate_hash: What may stand for it; empty if nothing may.
        after: Number of the last one that was looked at; 0 before the first.

    Returns:
        The numbers, and the last one that was looked at; None where there is no other.
    """
    later = select(MESSAGES.c.number, MESSAGES.c.body).where(MESSAGES.c.number > after)
    wanted = later.where(_may_name(plate, plate_hash)).order_by(MESSAGES.c.number).limit(_BATCH)
    found = connection.execute(wanted).all()
    is_named = _pattern(plate, plate_hash)
    # A damaged one is told to nobody anyway.
    numbers = {
        number
        for number, body in found
        if not isinstance(body, str) or any(map(is_named.search, _texts(body)))
    }
    return numbers, found[-1].number if len(found) == _BATCH else None


def _may_name(plate: str, plate_hash: str) -> ColumnElement[bool]:
    """What the database can tell, so that few bodies are looked at: it reads no JSON.

    Letters and digits of a plate stand there in any case as they are, all others in many ways.
    """
    runs = re.findall("[0-9a-z]+", plate.lower())
    body = func.lower(MESSAGES.c.body)
    named: list[ColumnElement[bool]] = [body.like(f"%{'%'.join(runs)}%")]
    if plate_hash:
        named.append(body.contains(plate_hash[:SHORT_HASH]))
    return or_(*named)


def _pattern(plate: str, plate_hash: str) -> re.Pattern[str]:
    """The plate as a word: beside it stands nothing that could be more of a plate."""
    more = f"[{CHARACTERS}{UNSURE}]"
    word = f"(?<!{more}){re.escape(plate)}(?!{more})"
    named = [word, re.escape(plate_hash[:SHORT_HASH])] if plate_hash else [word]
    return re.compile("|".join(named), re.IGNORECASE)


def _texts(body: str) -> Iterator[str]:
    """All texts of a body without their ids and times; the whole of what is no JSON."""
    inner: object = None
    if body.startswith(("{", "[", '"')):
        with suppress(ValueError, RecursionError):
            inner = json.loads(body)
    if inner is None:
        yield _NO_PLATE.sub(" ", body)
    waiting = [inner]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield from _texts(value)
        elif isinstance(value, dict):
            for key, each in value.items():
                waiting += [key] if key in _OTHERS else [key, each]
        elif isinstance(value, list):
            waiting += value
