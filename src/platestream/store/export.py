"""Events as files: JSON Lines, CSV for spreadsheets, Parquet for analysis."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from platestream.core.cells import cell, json_value
from platestream.core.choices import unknown
from platestream.core.errors import ConfigError, StoreError
from platestream.core.event_fields import EVENT_FIELDS
from platestream.core.local_time import local
from platestream.core.private import open_private
from platestream.core.text import plain_json
from platestream.store.records import StoredEvent, StripFrame

Record: TypeAlias = dict[str, Any]

_COLUMNS = {each.name: each.kind for each in EVENT_FIELDS}
"""Every field of an event, in the order of the files' columns."""

FIRST_COLUMNS = (
    "plate",
    "confidence",
    "started_at",
    "ended_at",
    "camera",
    "direction",
    "known_as",
    "regions",
    "crop_file",
    "id",
)
"""What a person wants of an event in a spreadsheet."""

_BATCH = 1000


def event_record(event: StoredEvent) -> Record:
    """An event as one flat object, ready for JSON; its strip is there if the event has it."""
    record = {name: json_value(value) for name, value in _values(event).items()}
    if event.strip:
        record["strip"] = [
            {n: json_value(getattr(frame, n)) for n in StripFrame.__slots__ if n != "rgb"}
            for frame in event.strip
        ]
    return record


def _values(event: StoredEvent) -> Record:
    return {each.name: each.of(event) for each in EVENT_FIELDS}


def write_events(
    events: Iterable[StoredEvent], path: Path, kind: str = "", *, all_columns: bool = True
) -> int:
    """Write events into a file, which appears when it is whole.

    Args:
        events: What to write.
        path: The file; replaced.
        kind: One of `FORMATS`; told from the file's suffix when empty.
        all_columns: Of a table for spreadsheets: every field with times in UTC, or only
            `FIRST_COLUMNS` with times in this machine's zone. The others always have all.

    Returns:
        How many events.

    Raises:
        ConfigError: there is no such format.
        StoreError: the file cannot be written.
    """
    kind = kind or path.suffix.removeprefix(".")
    if kind not in FORMATS:
        raise ConfigError(unknown("format", kind, FORMATS))
    write = _write_first_columns if kind == "csv" and not all_columns else FORMATS[kind]
    part = path.with_name(f"{path.name}.part")
    try:
        try:
            num_events = write(map(_values, events), part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error
    return num_events


def _write_jsonl(records: Iterator[Record], path: Path) -> int:
    num_events = 0
    with open_private(path, encoding="utf-8", errors="backslashreplace") as file:
        for record in records:
            values = {name: json_value(value) for name, value in record.items()}
            file.write(plain_json(values, (",", ":")) + "\n")
            num_events += 1
    return num_events


def csv_lines(events: Iterable[StoredEvent]) -> Iterator[str]:
    """The lines of a CSV file of events, its head first, as they come."""
    return _csv_lines(map(_values, events), tuple(_COLUMNS))


def _csv_lines(records: Iterable[Record], columns: Sequence[str]) -> Iterator[str]:
    written: list[str] = []

    class Written:
        def write(self, line: str) -> None:
            written.append(line)

    writer = csv.writer(Written())
    # The mark at the start tells spreadsheets that it is UTF-8.
    written.append("\ufeff")
    writer.writerow(columns)
    yield "".join(written)
    for record in records:
        written.clear()
        writer.writerow([cell(record[name]) for name in columns])
        yield "".join(written)


def _write_csv(records: Iterator[Record], path: Path) -> int:
    return _write_table(records, path, tuple(_COLUMNS))


def _write_first_columns(records: Iterator[Record], path: Path) -> int:
    here = (
        {name: local(v) if isinstance(v, datetime) else v for name, v in record.items()}
        for record in records
    )
    return _write_table(here, path, FIRST_COLUMNS)


def _write_table(records: Iterator[Record], path: Path, columns: Sequence[str]) -> int:
    num_lines = 0
    options = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
    with open_private(path, **options) as file:
        for line in _csv_lines(records, columns):
            file.write(line)
            num_lines += 1
    return num_lines - 1


def check_pyarrow() -> None:
    """See that Parquet can be written.

    Raises:
        ConfigError: pyarrow is not installed.
    """
    if find_spec("pyarrow") is None:
        msg = "Parquet needs pyarrow: pip install 'platestream[parquet]', or choose csv or jsonl"
        raise ConfigError(msg)


def _write_parquet(records: Iterator[Record], path: Path) -> int:
    check_pyarrow()
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, number = pa.string(), pa.float64()
    types = {
        "text": text,
        "texts": pa.list_(text),
        "time": pa.timestamp("us", tz="UTC"),
        "bool": pa.bool_(),
        "int": pa.int64(),
        "ints": pa.list_(pa.int64()),
        "float": number,
        "floats": pa.list_(number),
        "points": pa.list_(pa.list_(number)),
        "shares": pa.list_(pa.struct([("text", text), ("share", number)])),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in _COLUMNS.items()])
    shares = [name for name, kind in _COLUMNS.items() if kind == "shares"]
    num_events = 0
    with open_private(path, "wb") as file, pq.ParquetWriter(file, schema) as writer:
        while batch := list(islice(records, _BATCH)):
            for record in batch:
                for name in shares:
                    record[name] = [{"text": text, "share": of} for text, of in record[name]]
            writer.write_table(pa.Table.from_pylist(batch, schema))
            num_events += len(batch)
    return num_events


FORMATS: Mapping[str, Callable[[Iterator[Record], Path], int]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
}
"""What events can be written as, by the suffix of the file."""
