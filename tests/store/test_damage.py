"""Any value in any column, as a flipped bit or somebody's own SQL leaves it."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import PlatestreamError, StoreError
from platestream.core.plate_event import PlateEvent
from platestream.store import tolerant
from platestream.store.export import event_record, write_events
from platestream.store.picture_files import Pictures
from platestream.store.records import Message, Query, StripFrame, WatchEntry
from platestream.store.search import MAX_PAGE
from platestream.store.store import EventStore, open_store
from platestream.store.tables import METADATA
from platestream.store.training import write_corrections

from .events import NOON, new_event

BAD = (
    "",
    "x",
    "../../victim",
    "0" * 36,
    b"\xff\xfe\x00",
    -1,
    2**62,
    1e308,
    "2026-13-45 99:99:99",
    "[1, 2",
    '{"quality": "high", "candidates": 3, "box_xyxy": [1]}',
    "\ud83d\x1b[31m".encode("utf-8", "surrogatepass"),
)
COLUMNS = [
    (table.name, column.name)
    for table in METADATA.sorted_tables
    for column in table.columns
    if (table.name, column.name) not in {("messages", "number"), ("watch", "id")}
]
NUM_WHOLE = 3


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of as many events as there are columns to spoil, and some more, the newest ones."""
    folder = tmp_path_factory.mktemp("whole") / "store"
    store = open_store(str(folder / "events.db"), folder / "pictures")
    for hour in range(len(COLUMNS) + NUM_WHOLE):
        plate = f"AB{hour:04}"
        event = new_event(plate, NOON + timedelta(hours=hour), direction="gate:in", num_strip=1)
        store.add(event, [Message("hook", "gate", event.id, "event", "{}")])
        store.correct(event.id, plate, by="otto")
        store.watch(WatchEntry("staff", plate))
    store.close()
    return folder


@pytest.fixture(params=range(len(BAD)))
def damaged(sound: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[EventStore]:
    """The same; in each event another column has the bad value."""
    folder = tmp_path / "store"
    shutil.copytree(sound, folder)
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "crop.jpg").touch()
    with closing(sqlite3.connect(folder / "events.db")) as raw:
        for number, (table, column) in enumerate(COLUMNS, start=1):
            # One that a key refuses is damage that cannot be.
            statement = f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = {number}"
            raw.execute(statement, [BAD[request.param]])
        raw.commit()
    store = open_store(str(folder / "events.db"), folder / "pictures")
    yield store
    store.close()
    assert (tmp_path / "victim" / "crop.jpg").exists(), "what is outside the store is not ours"


def sound_ones(store: EventStore) -> list[str]:
    """Plates of the events that nobody spoiled, as far as they are there with their pictures."""
    first = len(COLUMNS)
    wanted = {f"AB{hour:04}" for hour in range(first, first + NUM_WHOLE)}
    found = store.find(Query(), limit=MAX_PAGE).events
    return sorted(wanted & {each.event.plate for each in found if each.crop_file})


def test_bad_rows_take_nothing_down(damaged: EventStore, tmp_path: Path) -> None:
    found = damaged.find(Query(), limit=MAX_PAGE).events
    assert len(found) == len(COLUMNS) + NUM_WHOLE
    assert len(sound_ones(damaged)) == NUM_WHOLE
    for event in found:
        event_record(event)
        f"{event.event.confidence:.2f} {event.event.quality:.2f} {event.ended_at:%H} {event.id:>3}"
    for event in found[:NUM_WHOLE]:
        assert damaged.get(event.id).strip
    for query in (Query(plate="A"), Query(camera="gate"), Query(since=NOON), Query(known=True)):
        damaged.find(query)
    assert damaged.find(Query(looks_like="AB0001")).events
    assert len(damaged.count_by_hour(Query())) >= NUM_WHOLE
    assert len(damaged.stays()) >= NUM_WHOLE
    assert "gate" in damaged.cameras()
    assert len(damaged.watch_entries()) >= len(COLUMNS)
    assert sum(damaged.num_waiting().values()) == len(COLUMNS) + NUM_WHOLE
    assert damaged.due(datetime.now(UTC))
    assert len(list(damaged.corrections())) >= len(COLUMNS)
    write_events(damaged.each(Query()), tmp_path / "out.csv")
    assert write_corrections(damaged, tmp_path / "out") >= NUM_WHOLE
    damaged.sweep()


@pytest.mark.parametrize("way", ["age", "size", "erase"])
def test_bad_rows_keep_nothing_else_from_going(damaged: EventStore, way: str) -> None:
    if way == "age":
        damaged.prune(max_age=timedelta(seconds=0))
    elif way == "size":
        damaged.prune(max_bytes=0)
    else:
        for plate in sound_ones(damaged):
            assert damaged.erase(plate).num_events == 1
    assert sound_ones(damaged) == []


@pytest.mark.parametrize("folder", ["../../victim", "2026-11-23/../../victim", "", ".", "/etc"])
def test_no_name_leads_out_of_the_pictures(tmp_path: Path, folder: str) -> None:
    pictures = Pictures(tmp_path / "store" / "pictures")
    for do in (pictures.mark, pictures.settle, pictures.remove, lambda f: pictures.write(f, {})):
        with pytest.raises(StoreError, match="no folder of this store"):
            do(folder)
    assert pictures.find(folder) == ""


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
NAMES = sorted(PlateEvent.__slots__)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_the_details_hold_an_event_comes_of_it(details: dict[str, object]) -> None:
    event = tolerant.make(PlateEvent, details)
    assert isinstance(event.plate, str)
    assert len(f"{event.quality:.2f} {event.first_pts_s:.2f} {event.num_frames:d}") >= 0
    assert len(event.box_xyxy) == 4


def test_what_is_whole_stays_as_it_is() -> None:
    event = new_event().event
    values = {name: getattr(event, name) for name in PlateEvent.__slots__}
    assert tolerant.make(PlateEvent, values) == event
    assert tolerant.make(StripFrame, {"at": NOON, "quality": 1}).quality == 1.0
    assert issubclass(StoreError, PlatestreamError)


def test_whatever_bytes_a_file_holds_it_opens_or_is_refused_by_name(
    sound: Path, tmp_path: Path
) -> None:
    whole, path = (sound / "events.db").read_bytes(), tmp_path / "events.db"
    # SQLite quotes what it cannot parse, which the driver cannot decode.
    mutations = [whole.replace(b"CREATE TABLE events", b"CREATE TABLE \xfb\xfbents")]
    dice = random.Random(6)
    for number in range(60):
        made = bytearray(whole)
        for _ in range(dice.choice((1, 3, 20))):
            at = dice.randrange(100 if number % 3 else 0, len(made))
            made[at : at + 8] = dice.randbytes(len(made[at : at + 8]))
        mutations.append(bytes(made))
    refusals = []
    for data in mutations:
        for left in tmp_path.glob("events.db*"):
            left.unlink()
        path.write_bytes(data)
        try:
            store = open_store(str(path), tmp_path / "pictures")
            try:
                store.find(Query())
                store.prune(max_age=timedelta(days=1), max_bytes=None)
            finally:
                store.close()
        except StoreError as error:
            refusals.append(str(error))
    assert all("events.db" in each for each in refusals)
    assert 1 <= len(refusals) < len(mutations)


def test_damaged_rows_are_told_once_and_without_what_they_hold(
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole = {"plate": "AB12", "confidence": 0.5}
    tolerant.make(PlateEvent, whole, "the-whole-one")
    assert caplog.text == ""
    for _ in range(3):
        tolerant.make(PlateEvent, {"plate": 7, "confidence": "QQ7777"}, "one\x1b[31m")
    (record,) = caplog.records
    assert record.getMessage() == (
        "event 'one\\x1b[31m' is damaged in the database: plate, confidence cannot be read"
    )
