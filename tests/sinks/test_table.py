"""Events as a table that a spreadsheet opens as it is meant."""

import csv
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.store.events import new_event

from platestream.core.errors import StoreError
from platestream.sinks.table import ALL_COLUMNS, FIRST_COLUMNS, TableWriter


def test_the_first_ten_columns_are_a_persons(tmp_path: Path) -> None:
    event = asdict(new_event("京A12345").event)
    with TableWriter(tmp_path) as table:
        table.write(event)
        table.write(event | {"plate": "=1+1", "regions": (("DE", 0.6), ("NL", 0.3))})
    assert len(FIRST_COLUMNS) == 10
    with (tmp_path / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert list(first) == list(FIRST_COLUMNS)
    assert (first["plate"], first["confidence"]) == ("京A12345", str(event["confidence"]))
    assert (second["plate"], second["regions"]) == ("'=1+1", "DE:0.6 NL:0.3")


def test_all_columns_are_every_field(tmp_path: Path) -> None:
    event = asdict(new_event("AB12").event)
    with TableWriter(tmp_path, ALL_COLUMNS) as table:
        table.write(event)
    with (tmp_path / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(next(iter(csv.DictReader(file)))) == list(event)


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    (tmp_path / "events.csv").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"events\.csv"):
        TableWriter(tmp_path)
