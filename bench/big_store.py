"""Fill an event store with made-up events, and time what people ask of it.

python bench/big_store.py [--events 10000000] [--url postgresql://...]

Without a URL the store is a SQLite file in a temporary folder, which takes 1.2 kB for each event.
A store that has so many events already is asked only, so that a busy machine can fill it and a
quiet one be timed. A third of the plates pass once, the others again and again; every fifth passage
is over a line.
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.schema import CreateIndex

from platestream.store.records import Query
from platestream.store.store import EventStore, open_store
from platestream.store.tables import EVENTS, PARTS

BATCH = 500_000
BEGUN_S, EVERY_S = 1_767_225_600, 3
BEGUN = datetime.fromtimestamp(BEGUN_S, UTC)
LETTERS = "'ABCDEFGHJKLMNPQRSTUVWXYZ'"
DETAILS = json.dumps(
    {
        "plate_masked": "", "candidates": [["AB12", 0.9]], "regions": [["GB", 0.9]], "quality": 0.8,
        "track_id": 1, "continued": [], "source": "archive/camera/1.mp4", "first_pts_s": 1.0,
        "last_pts_s": 3.0, "best_pts_s": 2.0, "first_frame": 1, "last_frame": 75,
        "best_frame": 50, "box_xyxy": [1, 2, 3, 4], "num_frames": 75, "num_scored": 75,
        "num_read": 3, "quad": None, "is_cut": False, "num_stacked": 0,
    }
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{folder}/events.db"
        store = open_store(url, Path(folder) / "pictures")
        engine: Engine = store._database._engine
        with engine.connect() as connection:
            num_there = connection.scalar(text("SELECT count(*) FROM events"))
        fill_s = {} if num_there == given.events else fill(engine, url, given.events)
        found: dict[str, Any] = {
            "database": engine.dialect.name,
            "num_events": given.events,
            "fill_s": fill_s,
            **sizes(engine),
            "load": round(os.getloadavg()[0], 1),
        }
        with engine.connect() as connection:
            often = connection.scalar(text("SELECT plate FROM events WHERE id LIKE '00000001%'"))
        for name, ask in questions(store, str(often)).items():
            found[name] = timed(ask)
            sys.stderr.write(f"{name}: {found[name]}\n")
        store.close()
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


def questions(store: EventStore, often: str) -> dict[str, Callable[[], int]]:
    """What people ask; each gives how many it found."""
    day = Query(camera="camera-7", since=BEGUN, until=BEGUN + timedelta(days=1))
    long_ago = replace(day, since=BEGUN + timedelta(days=2), until=BEGUN + timedelta(days=3))

    def find(**query: Any) -> Callable[[], int]:
        return lambda: len(store.find(Query(**query)).events)

    return {
        "newest": find(),
        "a whole plate": find(plate=often),
        "a part, rare (QX7)": find(plate="QX7"),
        "a part, common (123)": find(plate="123"),
        "a part that no plate has": find(plate="ZZZZZ"),
        "wildcards (?B12*Q)": find(plate="?B12*Q"),
        "a camera's day": lambda: len(store.find(day).events),
        "a day long ago": lambda: len(store.find(replace(long_ago, camera="")).events),
        "a camera's day long ago": lambda: len(store.find(long_ago).events),
        "how many on a day long ago": lambda: store.total(long_ago).num_events,
        "hours of a day long ago": lambda: len(store.count_by_hour(long_ago)),
        "plates of watch lists": find(known=True),
        "a camera's plates of watch lists": find(known=True, camera="camera-7"),
        "stays": lambda: len(store.stays()),
        "who is inside": lambda: len(store.stays(inside_only=True)),
        "cameras": lambda: len(store.cameras()),
    }


def timed(ask: Callable[[], int]) -> dict[str, float]:
    """Milliseconds the first time, and the median of five more."""
    times_ms = []
    for _ in range(6):
        begun_s = time.perf_counter()
        num = ask()
        times_ms.append(round(1000 * (time.perf_counter() - begun_s), 1))
    return {"first_ms": times_ms[0], "ms": statistics.median(times_ms[1:]), "num": num}


def fill(engine: Engine, url: str, num_events: int) -> dict[str, int]:
    """Have the database itself make the rows.

    Indices by time only grow at their end, and stay. Those by plate come last: each row would go
    to another place, but an index that is made anew is sorted first.

    Returns:
        Seconds that each step took.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    batches = [(at, min(at + BATCH, num_events)) for at in range(0, num_events, BATCH)]
    by_plate = [
        index for index in EVENTS.indexes if {"plate", "read_plate"} & set(index.columns.keys())
    ]
    drops = [f"DROP INDEX {index.name}" for index in by_plate]
    makes = [str(CreateIndex(index).compile(dialect=engine.dialect)) for index in by_plate]
    steps = {
        "rows": [*drops, *(rows_sql(is_sqlite, *batch, num_events) for batch in batches)],
        "indices": makes,
        "parts": [parts_sql(), "ANALYZE"],
    }
    took_s = {}
    engine.dispose()  # SQLite is to have no other reader while it keeps no journal
    with executing(url) as execute:
        for name, statements in steps.items():
            begun_s = time.perf_counter()
            for statement in statements:
                execute(statement)
            took_s[name] = round(time.perf_counter() - begun_s)
            sys.stderr.write(f"{name}: {took_s[name]} s\n")
    return took_s


@contextmanager
def executing(url: str) -> Iterator[Callable[[str], Any]]:
    """A plain connection: the store's own waits for nothing so long."""
    if url.startswith("sqlite"):
        database = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        # Nothing is written twice; what breaks off is made anew.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            database.execute(f"PRAGMA {pragma}")
        yield database.execute
        database.close()
        return
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection.execute


def rows_sql(is_sqlite: bool, begin: int, end: int, num_events: int) -> str:
    """Insert the events from one number to another."""
    # Two of three are of a tenth as many plates; a number is scrambled, and spelt as a plate.
    seed = f"CASE n % 3 WHEN 0 THEN n ELSE 1000000000 + n * 7919 % {max(1, num_events // 10)} END"
    letters = [
        f"substr({LETTERS}, CAST(1 + s / {one} % 24 AS INTEGER), 1)"
        for one in (1, 24, 5_760_000, 138_240_000)
    ]
    digits = "substr(CAST(10000 + s / 576 % 10000 AS TEXT), 2, 4)"
    plate = " || ".join([*letters[:2], digits, *letters[2:]])
    seconds = f"{BEGUN_S} + {EVERY_S} * n"
    if is_sqlite:
        numbers = (
            f"WITH RECURSIVE numbers(n) AS (SELECT {begin} UNION ALL"
            f" SELECT n + 1 FROM numbers WHERE n < {end - 1})"
        )
        at = f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"
        number = "printf('%08x', n)"
    else:
        numbers = f"WITH numbers AS (SELECT n FROM generate_series({begin}::bigint, {end - 1}) n)"
        at, number = f"to_timestamp({seconds})", "lpad(to_hex(n), 8, '0')"
    values = {
        "id": f"{number} || '-0000-7000-8000-000000000000'",
        "camera": "'camera-' || (n % 50)",
        "plate": "p", "read_plate": "p", "plate_hash": "''", "confidence": "0.9",
        "started_at": "at", "ended_at": "at", "best_at": "at", "zones": "'[]'",
        "direction": "CASE n % 10 WHEN 0 THEN 'gate:in' WHEN 5 THEN 'gate:out' ELSE '' END",
        "known_as": "''", "corrected_by": "''", "corrected_at": "NULL",
        "crop_file": "''", "frame_file": "''", "picture_bytes": "0",
        "details": f"'{DETAILS}'", "state": "'final'", "since": "at",
    }  # fmt: skip
    return (
        f"INSERT INTO events ({', '.join(values)}) {numbers},"
        f" seeds AS (SELECT n, ({seed}) * 2654435761 % 4294967296 AS s FROM numbers),"
        f" plates AS (SELECT n, {plate} AS p, {at} AS at FROM seeds)"
        f" SELECT {', '.join(values.values())} FROM plates"
    )


def parts_sql() -> str:
    """Fill the index of parts of plates, in its own order."""
    numbers = " UNION ALL ".join(f"SELECT {at} AS k" for at in range(1, 9))
    return (
        f"INSERT INTO {PARTS.name} (part, plate) SELECT substr(plate, k) AS part, plate"
        f" FROM (SELECT DISTINCT plate FROM events) p, ({numbers}) k ORDER BY 1, 2"
    )


def sizes(engine: Engine) -> dict[str, float]:
    """Of the database, and how many plates it has."""
    if engine.dialect.name == "sqlite":
        size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        size = "SELECT pg_database_size(current_database())"
    count = "SELECT count(*) FROM plate_parts WHERE part = plate"
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":  # which may take longer than people are to wait
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        num_bytes, num_plates = (int(connection.scalar(text(sql)) or 0) for sql in (size, count))
    return {"gb": round(num_bytes / 1e9, 2), "num_plates": num_plates}


if __name__ == "__main__":
    main()
