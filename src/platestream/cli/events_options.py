"""Options that the verbs of `platestream events` share: which store, and which of its events."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from platestream.core.errors import ConfigError
from platestream.core.local_time import parse_time

if TYPE_CHECKING:
    from platestream.store.records import Query
    from platestream.store.store import EventStore

HASH_KEY = "PLATESTREAM__STORE__HASH_KEY"
"""Environment variable with the key of hashed plates; never an option, which others could see."""

Db: TypeAlias = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="PLATESTREAM__STORE__URL",
        help="SQLite file, sqlite:///FILE or postgresql://USER@HOST/NAME.",
    ),
]
Pictures: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--pictures",
        envvar="PLATESTREAM__STORE__PICTURES",
        help="Folder of the pictures.",
        show_default="`pictures` beside the SQLite file",
    ),
]
Plate: TypeAlias = Annotated[
    str, typer.Option(help="Part of a plate, or a whole one with * and ? as wildcards.")
]
LooksLike: TypeAlias = Annotated[
    str, typer.Option(help="A plate; finds those that may have been read for it.")
]
Camera: TypeAlias = Annotated[str, typer.Option(help="Name of the camera.")]
Since: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Seen at or after: today, yesterday, 2h (two hours ago), 3d, or a time such as "
        "2026-11-23T08:00, which is local if it has no zone."
    ),
]
Until: TypeAlias = Annotated[
    str, typer.Option(help="Seen before this time; written as for --since.")
]
MinConfidence: TypeAlias = Annotated[float, typer.Option(min=0, max=1, help="Least confidence.")]
Known: TypeAlias = Annotated[
    bool | None, typer.Option("--known/--unknown", help="Only plates that are on a list, or not.")
]

DB = "sqlite:///platestream/events.db"


def open_events(db: str, pictures: Path | None, *, by_plate: bool = False) -> "EventStore":
    """The store that the options name, as it is: it is never made here.

    Args:
        db: See `DB`.
        pictures: Folder of its pictures; None for the one beside it.
        by_plate: Whether plates will be looked for by their text.

    Raises:
        ConfigError: they are kept as hashes, and their key was not given.
        StoreError: it cannot be opened.
    """
    from platestream.store.database import pictures_beside
    from platestream.store.privacy import Privacy
    from platestream.store.store import open_store

    pictures = pictures or pictures_beside(db)
    if pictures is None:
        msg = "a PostgreSQL store has its pictures elsewhere; name their folder by --pictures"
        raise ConfigError(msg)
    key = os.environ.get(HASH_KEY, "").encode()
    privacy = Privacy("hash", key) if key else Privacy()
    store = open_store(db, pictures, privacy=privacy, create=False)
    if by_plate and not key and store.has_hashes():
        msg = f"plates are kept as hashes here; set {HASH_KEY} to the service's `store.hash_key`"
        raise ConfigError(msg)
    return store


def make_query(
    plate: str,
    looks_like: str,
    camera: str,
    since: str,
    until: str,
    min_confidence: float,
    known: bool | None,
) -> "Query":
    """What the options look for."""
    from platestream.store.records import Query

    return Query(
        plate=plate,
        looks_like=looks_like,
        camera=camera,
        since=parse_time("--since", since) if since else None,
        until=parse_time("--until", until) if until else None,
        min_confidence=min_confidence,
        known=known,
    )
