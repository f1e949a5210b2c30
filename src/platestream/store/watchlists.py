"""Plates to look out for, on lists that people keep."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from platestream.core.alphabet import encode, normalize
from platestream.core.errors import DataError, EventNotFound
from platestream.store.records import WatchEntry
from platestream.store.search import clean
from platestream.store.tables import WATCH

MAX_ENTRIES = 50_000
"""On all lists: the cameras compare each plate with all of them."""

_MAX_ID = 2**63 - 1


def parse_plate(text: str) -> str:
    """A plate as a person wrote it, in our alphabet.

    Raises:
        DataError: it is empty, too long, or has a character outside the alphabet.
    """
    plate = normalize(text)
    if not plate:
        msg = "the plate is empty; write its characters"
        raise DataError(msg)
    encode(plate)
    return plate


def entries(connection: Connection) -> list[WatchEntry]:
    """All of them, by list and plate."""
    found = connection.execute(select(WATCH).order_by(WATCH.c.list_name, WATCH.c.plate))
    return [WatchEntry(**row) for row in found.mappings()]


def is_watched(connection: Connection, plate: str) -> bool:
    """Whether a plate is on any list."""
    return connection.scalar(select(WATCH.c.id).where(WATCH.c.plate == plate).limit(1)) is not None


def put(connection: Connection, entry: WatchEntry) -> WatchEntry:
    """Add an entry; one for the same plate on the same list gets its label."""
    entry = replace(entry, plate=parse_plate(entry.plate))
    values = {
        "list_name": clean("list_name", entry.list_name),
        "plate": entry.plate,
        "label": clean("label", entry.label),
    }
    # Two dialects, one grammar; both need it, since two people may add at once.
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    adding = dialect.insert(WATCH).values(values)
    keys = [WATCH.c.list_name, WATCH.c.plate]
    adding = adding.on_conflict_do_update(index_elements=keys, set_={"label": entry.label})
    return replace(entry, id=connection.execute(adding.returning(WATCH.c.id)).scalar_one())


def check_number(connection: Connection) -> None:
    """Refuse what was just put where there are too many now.

    Raises:
        DataError: there are.
    """
    num = connection.scalar(select(func.count()).select_from(WATCH)) or 0
    if num > MAX_ENTRIES:
        msg = f"{num} plates on all lists are more than {MAX_ENTRIES}; take some off first"
        raise DataError(msg)


def change(connection: Connection, entry_id: int, entry: WatchEntry) -> WatchEntry:
    """Put another entry in the place of one; the same plate on the same list is there once.

    Raises:
        DataError: the plate has a character outside the alphabet, or none.
        EventNotFound: there is none of this id.
    """
    remove(connection, entry_id)
    return put(connection, entry)


def remove(connection: Connection, entry_id: int) -> None:
    """Take an entry off.

    Raises:
        EventNotFound: there is none of this id.
    """
    exists = 0 < entry_id <= _MAX_ID
    if exists:
        gone = connection.execute(delete(WATCH).where(WATCH.c.id == entry_id))
        exists = gone.rowcount > 0
    if not exists:
        msg = f"watch entry {entry_id}: there is none of this id; list them again"
        raise EventNotFound(msg)


def num_of(connection: Connection, plates: Iterable[str]) -> int:
    """How many entries of all lists are of these plates."""
    theirs = select(func.count()).select_from(WATCH).where(WATCH.c.plate.in_(list(plates)))
    return connection.scalar(theirs) or 0


def forget(connection: Connection, plate: str) -> int:
    """Take a plate off every list; returns how many it was on."""
    return connection.execute(delete(WATCH).where(WATCH.c.plate == plate)).rowcount
