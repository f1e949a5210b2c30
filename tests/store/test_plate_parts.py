"""Parts of plates are found by an index, which holds the plates that have events and no other."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from platestream.store import plate_parts
from platestream.store.database import Database
from platestream.store.records import Query
from platestream.store.store import EventStore, open_store
from platestream.store.tables import PARTS

from .events import new_event


def plates(store: EventStore, part: str) -> list[str]:
    return sorted(event.event.plate for event in store.find(Query(plate=part)).events)


def indexed(url: str) -> set[tuple[str, str]]:
    database = Database(url)
    with database.reading() as connection:
        found = {(row.part, row.plate) for row in connection.execute(select(PARTS))}
    database.close()
    return found


def all_ends(*whole: str) -> set[tuple[str, str]]:
    return {(end, plate) for plate in whole for end in plate_parts.ends(plate)}


def test_a_part_is_found_wherever_it_stands(store: EventStore) -> None:
    for plate in ("ABC123", "XABC12", "12XABC", "ABX123", "沪A12345"):
        store.add(new_event(plate))
    assert plates(store, "abc") == ["12XABC", "ABC123", "XABC12"]
    assert plates(store, "沪a1") == ["沪A12345"]
    assert plates(store, "AB") == ["12XABC", "ABC123", "ABX123", "XABC12"]
    assert plates(store, "?ABC*") == ["XABC12"]
    assert plates(store, "*BC12*") == ["ABC123", "XABC12"]
    assert plates(store, "ABC999") == []


def test_what_is_erased_or_corrected_leaves_the_index(url: str, tmp_path: Path) -> None:
    store = open_store(url, tmp_path / "pictures")
    store.add(new_event("ABC123"))
    again = store.add(new_event("ABC123"))
    wrong = store.add(new_event("XYZ789"))
    store.correct(wrong, "XYZ788", by="anna")
    assert indexed(url) == all_ends("ABC123", "XYZ788")
    store.erase(again)
    assert indexed(url) == all_ends("ABC123", "XYZ788")
    store.erase("ABC123")
    store.erase("XYZ788")
    assert indexed(url) == set()
    store.close()


def test_an_older_store_is_indexed_when_it_is_opened(url: str, tmp_path: Path) -> None:
    store = open_store(url, tmp_path / "pictures")
    for plate in ("ABC123", "ABC123", "AAAA", ""):
        store.add(new_event(plate))
    store.close()
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("DROP TABLE plate_parts"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0004'"))
    database.close()
    assert indexed(url) == all_ends("ABC123", "AAAA")


def test_a_plate_that_is_read_better_while_it_passes_is_found_as_it_is_read_now(
    tmp_path: Path,
) -> None:
    url = str(tmp_path / "events.db")
    store = open_store(url, tmp_path / "pictures")
    going_on = replace(new_event("ABC128"), state="provisional")
    store.add(going_on)
    store.add(replace(going_on, event=replace(going_on.event, plate="ABC123"), state="sure"))
    store.close()
    assert indexed(url) == all_ends("ABC123")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.text("AB1", min_size=3, max_size=4))
def test_the_index_finds_what_a_scan_finds(many: tuple[EventStore, list[str]], part: str) -> None:
    store, known = many
    assert plates(store, part) == sorted(plate for plate in known if part in plate)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[EventStore, list[str]]:
    folder = tmp_path_factory.mktemp("many")
    store = open_store(str(folder / "events.db"), folder / "pictures")
    known = ["".join("AB1"[number // 3**digit % 3] for digit in range(5)) for number in range(40)]
    for plate in known:
        store.add(new_event(plate, num_strip=0))
    return store, known
