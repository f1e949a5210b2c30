"""Events as files."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from platestream.core.errors import ConfigError, StoreError
from platestream.core.plate_event import PlateEvent
from platestream.store.export import event_record, write_events
from platestream.store.records import Query, StoredEvent
from platestream.store.store import EventStore, open_store

from .events import NOON, new_event


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    yield store
    store.close()


@pytest.fixture
def events(store: EventStore) -> list[StoredEvent]:
    store.add(new_event("京A12345", NOON + timedelta(microseconds=250_000)))
    corrected = store.add(new_event("AB1234", camera="-gate"))
    store.correct(corrected, "AB1284", by="@Anna", name=lambda _: '=cmd|" /C calc"!A1')
    return list(store.each(Query()))


def test_a_record_has_every_field(store: EventStore, events: list[StoredEvent]) -> None:
    names = {field.name for kind in (StoredEvent, PlateEvent) for field in fields(kind)}
    assert set(event_record(events[0])) == names - {"event", "crop", "stack", "strip"} | {
        "stack_file"
    }
    with_strip = event_record(store.get(events[0].id))
    assert [frame["text"] for frame in with_strip["strip"]] == ["京A12345", None]
    assert json.loads(json.dumps(with_strip))["strip"][0]["at"] == "2026-11-23T11:59:56.250Z"


def test_json_lines(events: list[StoredEvent], tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert write_events(events, path) == 2
    text = path.read_text(encoding="utf-8")
    assert "京A12345" in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines == [json.loads(json.dumps(event_record(event))) for event in events]
    assert lines[0]["ended_at"] == "2026-11-23T12:00:00.250Z"
    assert lines[0]["candidates"] == [["京A12345", 0.9], ["京A12345X", 0.1]]
    assert (lines[1]["plate"], lines[1]["read_plate"]) == ("AB1284", "AB1234")


def test_csv_holds_no_formula(events: list[StoredEvent], tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    assert write_events(events, path) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")  # else spreadsheets guess the encoding
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["plate"], first["confidence"], first["corrected_at"]) == ("京A12345", "0.98", "")
    assert (first["zones"], first["regions"]) == ("drive barrier", "BR:0.9 AR:0.1")
    assert first["candidates"] == "京A12345:0.9 京A12345X:0.1"
    assert first["started_at"] == "2026-11-23T11:59:56.250Z"
    assert second["known_as"] == '\'=cmd|" /C calc"!A1'
    assert (second["camera"], second["corrected_by"]) == ("'-gate", "'@Anna")


@pytest.mark.parametrize(
    ("start", "disarmed"),
    [
        *((start, f"'{start}") for start in ("=", "+", "-", "@", " =", "＝", "＋")),
        ("\t=", "' ="),
        ("\r=", "\\x0d="),
        ("\n=", "\\n="),
        ("x;=", "x;'="),
    ],
)
def test_every_start_of_a_formula_is_disarmed(
    events: list[StoredEvent], tmp_path: Path, start: str, disarmed: str
) -> None:
    path = tmp_path / "events.csv"
    write_events([replace(events[0], known_as=f"{start}1+1")], path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["known_as"] == f"{disarmed}1+1"


def test_parquet_keeps_types(events: list[StoredEvent], tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    assert write_events(iter(events * 600), path) == 1200  # more than one batch
    table = pq.read_table(path)
    assert table.num_rows == 1200
    assert str(table.schema.field("ended_at").type) == "timestamp[us, tz=UTC]"
    assert str(table.schema.field("box_xyxy").type) == "list<element: double>"
    first, second = table.slice(0, 2).to_pylist()
    assert first["ended_at"] == events[0].ended_at
    assert first["candidates"][1] == {"text": "京A12345X", "share": 0.1}
    assert first["continued"] == [7, 9]
    assert (first["corrected_at"], second["corrected_at"]) == (None, events[1].corrected_at)
    assert second["known_as"] == '=cmd|" /C calc"!A1'


def test_parquet_without_pyarrow_says_what_to_install(
    events: list[StoredEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'platestream\[parquet\]'"):
        write_events(events, tmp_path / "events.parquet")


def test_no_events_make_a_file_too(tmp_path: Path) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        assert write_events([], tmp_path / "none", kind) == 0
        assert (tmp_path / "none").exists()


def test_a_file_is_whole_or_not_there(events: list[StoredEvent], tmp_path: Path) -> None:
    def fails() -> Iterator[StoredEvent]:
        yield events[0]
        raise StoreError("the database is gone")  # noqa: EM101

    path = tmp_path / "events.jsonl"
    path.write_text("an earlier one")
    with pytest.raises(StoreError, match="gone"):
        write_events(fails(), path)
    assert path.read_text() == "an earlier one"
    assert [p.name for p in tmp_path.glob("*.part")] == []


def test_what_cannot_be_written_says_why(events: list[StoredEvent], tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        write_events(events, tmp_path / "nowhere" / "events.csv")
    with pytest.raises(ConfigError, match="csv, jsonl, parquet"):
        write_events(events, tmp_path / "events.xlsx")
