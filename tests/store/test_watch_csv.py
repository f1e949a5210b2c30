"""Watch lists out of spreadsheets."""

import pytest

from platestream.core.errors import DataError
from platestream.store import watch_csv
from platestream.store.records import WatchEntry
from platestream.store.store import EventStore
from platestream.store.watch_csv import read_watch_csv

ADA, BERT = WatchEntry("staff", "AB 1234", "Ada"), WatchEntry("staff", "京A12345", "Bert; he")


@pytest.mark.parametrize(
    "text",
    [
        'plate,list,label\nAB 1234,staff,Ada\n京A12345,staff,"Bert; he"\n',
        'label;list;plate\r\nAda;staff;AB 1234\r\n"Bert; he";staff;京A12345\r\n',
        "\ufeffPlate\tWhose\tList\tcolour\nAB 1234\tAda\tstaff\tred\n\n京A12345\tBert; he\tstaff\n",
    ],
)
def test_commas_semicolons_and_tabs_in_any_order(text: str) -> None:
    assert read_watch_csv(text.encode()) == [ADA, BERT]


def test_rows_without_a_list_go_where_one_says() -> None:
    text = b"plate,list\nAB1,\nAB2,guests\nAB3\n"
    found = read_watch_csv(text, "staff")
    assert [entry.list_name for entry in found] == ["staff", "guests", "staff"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "first row must name the columns"),
        (b"AB1234\nCD5678\n", "first row must name the columns"),
        (b"plate,list\n", "no row has a plate"),
        (b"plate,list\nAB1234,staff\n\xa7,staff\n", "not UTF-8"),
        ("plate,list\nAB1234,staff\n§,staff\n".encode(), "row 3: "),
        (b"plate,list\nAB1234,staff\n,staff\n", "row 3: .*empty"),
        (b"plate\nAB1234\n", "row 2: names no list"),
        (b"plate,list,label\nAB1234,staff," + b"x" * 201 + b"\n", "row 2: label"),
        (b"plate,list\nAB1234,st\x1baff\n", "row 2: list_name"),
        (b'plate,list\nAB1234,"staff\n', "row .*no CSV"),
    ],
)
def test_what_is_wrong_is_told_with_its_row(data: bytes, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_watch_csv(data)


def test_no_more_rows_than_anybody_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_csv, "MAX_ENTRIES", 2)
    read_watch_csv(b"plate,list\nA1,x\nA2,x\n")
    with pytest.raises(DataError, match="more than 2 rows"):
        read_watch_csv(b"plate,list\nA1,x\nA2,x\nA3,x\n")


def test_all_are_put_on_their_lists_or_none(store: EventStore) -> None:
    store.watch_all([ADA, BERT])
    with pytest.raises(DataError):
        store.watch_all([WatchEntry("staff", "CD5678"), WatchEntry("staff", "§")])
    assert [entry.plate for entry in store.watch_entries()] == ["AB1234", "京A12345"]


def test_an_entry_is_changed_where_it_stands(store: EventStore) -> None:
    store.watch_all([ADA, BERT])
    first, second = store.watch_entries()
    changed = store.rewatch(first.id, WatchEntry("guests", "AB1284", "Ada"))
    assert set(store.watch_entries()) == {second, changed}
    with pytest.raises(DataError):
        store.rewatch(second.id, WatchEntry("staff", "§"))
    assert second in store.watch_entries(), "a plate that is none takes nothing away"
    store.rewatch(changed.id, WatchEntry("staff", second.plate, "Both"))
    assert [(e.plate, e.label) for e in store.watch_entries()] == [(second.plate, "Both")]
