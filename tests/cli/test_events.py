"""`platestream events`, as a person types it."""

import csv
import json
import re
import shlex
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow.parquet as pq
import pytest

from platestream.core.local_time import local
from platestream.lab.data.labels_csv import read_labels
from platestream.store.privacy import Privacy
from platestream.store.records import Message, Query, WatchEntry
from platestream.store.store import open_store

from ..store.events import NOON, new_event
from .conftest import Cli, Result

HOUR = timedelta(hours=1)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A store with three events: 12:00, 13:00 and 14:00."""
    path = tmp_path / "events.db"
    store = open_store(str(path), tmp_path / "pictures")
    for i, plate in enumerate(("AB1234", "京A12345", "AB1284")):
        store.add(new_event(plate, NOON + i * HOUR, camera=("gate", "yard")[i % 2]))
    store.close()
    return path


def listed(cli: Cli, db: Path, *options: str) -> list[str]:
    result = cli("events", "list", "--db", db, "--json", *options)
    assert result.code == 0
    return [event["plate"] for event in json.loads(result.out)["events"]]


def assert_one_line(result: Result, code: int, *words: str) -> None:
    assert (result.code, result.out) == (code, "")
    (line,) = result.err.strip().splitlines()
    for word in ("platestream: ", *words):
        assert word in line


def test_list_finds_what_was_asked_for(cli: Cli, db: Path) -> None:
    assert listed(cli, db) == ["AB1284", "京A12345", "AB1234"]
    assert listed(cli, db, "--plate", "a1") == ["京A12345"]
    assert listed(cli, db, "--plate", "AB12?4") == ["AB1284", "AB1234"]
    assert listed(cli, db, "--looks-like", "AB1244") == ["AB1284", "AB1234"]
    assert listed(cli, db, "--camera", "yard") == ["京A12345"]
    assert listed(cli, db, "--since", "2026-11-23T12:30Z", "--until", "2026-11-23T13:30Z") == [
        "京A12345"
    ]
    assert listed(cli, db, "--since", "2026-11-23T15:00+01:00") == ["AB1284"]
    assert listed(cli, db, "--min-confidence", "0.99") == []
    assert listed(cli, db, "--known") == []
    assert len(listed(cli, db, "--unknown")) == 3


def test_list_goes_on_where_it_stopped(cli: Cli, db: Path) -> None:
    first = cli("events", "list", "--db", f"sqlite:///{db}", "--limit", "2")
    assert first.code == 0
    assert "AB1284" in first.out
    assert local(NOON + 2 * HOUR) in first.out
    cursor = first.out.split()[-1]
    rest = cli("events", "list", "--db", db, "--cursor", cursor)
    assert "AB1234" in rest.out
    assert "AB1284" not in rest.out
    assert "--cursor" not in rest.out


def event_of(cli: Cli, db: Path, plate: str) -> dict[str, Any]:
    found = json.loads(cli("events", "list", "--db", db, "--plate", plate, "--json").out)["events"]
    return dict(found[0])


def test_show_tells_all_and_where_the_pictures_are(cli: Cli, db: Path) -> None:
    event_id = event_of(cli, db, "AB1234")["id"]
    result = cli("events", "show", event_id, "--db", db, "--json")
    shown = json.loads(result.out)
    assert (shown["plate"], shown["camera"]) == ("AB1234", "gate")
    pictures = [shown["crop"], shown["frame"], *(frame["crop"] for frame in shown["strip"])]
    assert len(pictures) == 4
    assert all(Path(picture).is_file() for picture in pictures)
    assert not [key for key in shown if key.endswith("_file")], "each as the path it has here"
    text = cli("events", "show", event_id, "--db", db).out
    assert "AB1234" in text
    assert shown["crop"] in text
    assert_one_line(cli("events", "show", "nothing", "--db", db), 7, "no such event")


def test_export_writes_each_format(cli: Cli, db: Path, tmp_path: Path) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        out = tmp_path / f"out.{kind}"
        result = cli("events", "export", "--out", out, "--plate", "AB", "--db", db, "--json")
        assert json.loads(result.out) == {"events": 2, "out": str(out)}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["plate"] for row in csv.DictReader(file)] == ["AB1284", "AB1234"]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["plate"] for line in lines] == ["AB1284", "AB1234"]
    assert pq.read_table(tmp_path / "out.parquet")["plate"].to_pylist() == ["AB1284", "AB1234"]
    result = cli("events", "export", "--out", tmp_path / "all", "--format", "csv", "--db", db)
    assert result.out == f"3 events in {tmp_path / 'all'}\n"


def test_a_table_has_what_a_person_wants_first_and_all_if_asked(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    cli("events", "export", "--out", tmp_path / "few.csv", "--db", db)
    cli("events", "export", "--out", tmp_path / "all.csv", "--all-columns", "--db", db)
    tables = []
    for name in ("few.csv", "all.csv"):
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    few, every = tables[0][-1], tables[1][-1]
    assert list(few) == [
        "plate", "confidence", "started_at", "ended_at", "camera", "direction", "known_as",
        "regions", "crop_file", "id",
    ]  # fmt: skip
    assert few["ended_at"] == local(NOON)
    assert every["ended_at"] == "2026-11-23T12:00:00.000Z"
    assert set(few) < set(every)


def test_a_page_has_every_plate_with_its_pictures(cli: Cli, db: Path, tmp_path: Path) -> None:
    out = tmp_path / "plates.html"
    result = cli("events", "export", "--out", out, "--plate", "AB", "--db", db)
    assert result.out == f"2 events in {out}\n"
    page = out.read_text(encoding="utf-8")
    assert re.findall(r'data-value="(AB\d+)"', page) == ["AB1284", "AB1234"]
    assert page.count("data:image/jpeg;base64,") == 2 * 3  # crop and two frames of the strip
    assert NOON.astimezone().tzname() in page


def test_export_says_what_is_missing(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = cli("events", "export", "--out", tmp_path / "a.xlsx", "--db", db)
    assert_one_line(result, 2, "csv, jsonl, parquet, html")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = cli("events", "export", "--out", tmp_path / "a.parquet", "--db", db)
    assert_one_line(result, 2, "pip install 'platestream[parquet]'")


def test_without_the_extra_it_says_what_to_install(
    cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("platestream.store")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    result = cli("events", "list", "--db", db)
    assert_one_line(result, 2, "sqlalchemy", "pip install 'platestream[serve]'")


def test_prune_removes_by_age_and_by_size(cli: Cli, db: Path) -> None:
    assert_one_line(cli("events", "prune", "--db", db), 2, "--keep-days", "--max-gb")
    result = cli("events", "prune", "--max-gb", "0", "--db", db, "--json")
    pruned = json.loads(result.out)
    assert (pruned["events"], pruned["pictures"]) == (0, 12)
    assert pruned["freed_bytes"] > 3000
    assert event_of(cli, db, "AB1234")["crop_file"] == ""
    store = open_store(str(db), db.parent / "pictures")
    store.add(new_event("OLD1", NOON - timedelta(days=9000)))
    store.close()
    result = cli("events", "prune", "--keep-days", "5000", "--db", db)
    assert result.out.startswith("removed 1 event and 4 pictures, 0.0 MB")
    assert len(listed(cli, db)) == 3


def test_erase_removes_a_person_by_one_command(cli: Cli, db: Path) -> None:
    event_id = event_of(cli, db, "京A12345")["id"]
    store = open_store(str(db), db.parent / "pictures")
    store.watch(WatchEntry("staff", "AB1234", "Anna"))
    store.close()
    result = cli("events", "erase", "ab-1234", event_id, "--yes", "--db", db)
    assert result.out == "erased 2 events, 0 waiting messages and 1 watch list entry\n"
    assert listed(cli, db) == ["AB1284"]
    assert b"AB1234" not in db.read_bytes()


def test_erase_asks_first(cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse(question: str, **options: bool) -> None:
        asked.append(question)
        assert options["abort"]
        sys.exit(1)

    monkeypatch.setattr("typer.confirm", refuse)
    event_id = event_of(cli, db, "京A12345")["id"]
    store = open_store(str(db), db.parent / "pictures")
    store.watch(WatchEntry("staff", "XX0000", "Bert"))
    for kind in ("sure", "withdrawn"):  # of a passage that is no event any more
        store.enqueue([Message("hook", "gate", str(uuid4()), kind, '{"plate":"XX0000"}')])
    store.close()
    assert cli("events", "erase", "ab-1234", event_id, "--db", db).code == 1
    assert cli("events", "erase", "XX0000", "--db", db).code == 1
    whose = f"ab-1234, {event_id}"
    assert asked == [
        f"Erase 2 events, 0 waiting messages and 0 watch list entries of {whose}?",
        "Erase 0 events, 2 waiting messages and 1 watch list entry of XX0000?",
    ]
    assert len(listed(cli, db)) == 3
    erased = json.loads(cli("events", "erase", "XX0000", "--yes", "--db", db, "--json").out)
    assert erased == {"events": 0, "messages": 2, "watch_entries": 1}


def test_hashed_plates_are_found_and_erased_with_their_key(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "hashed.db"
    store = open_store(str(db), tmp_path / "pictures", privacy=Privacy("hash", b"k" * 16))
    hashed = store.get(store.add(new_event("AB1234"))).plate_hash
    store.close()
    for without in (("erase", "AB1234", "--yes"), ("list", "--plate", "AB1234")):
        result = cli("events", *without, "--db", db)
        assert (result.code, "set PLATESTREAM__STORE__HASH_KEY" in result.err) == (2, True)
    assert hashed[:12] in cli("events", "list", "--db", db).out
    monkeypatch.setenv("PLATESTREAM__STORE__HASH_KEY", "k" * 16)
    assert len(listed(cli, db, "--plate", "AB1234")) == 1
    assert cli("events", "erase", "AB1234", "--yes", "--db", db).out.startswith("erased 1 event, ")


def test_corrections_become_training_data(cli: Cli, db: Path, tmp_path: Path) -> None:
    event_id = event_of(cli, db, "AB1234")["id"]
    store = open_store(str(db), db.parent / "pictures")
    store.correct(event_id, "AB1235", by="Anna")
    store.close()
    out = tmp_path / "training"
    result = cli("events", "corrections", "--out", out, "--db", db)
    assert result.out == f"3 pictures labelled in {out}\n"
    assert {sample.text for sample in read_labels(out)} == {"AB1235"}


def test_the_store_may_be_named_by_the_environment(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATESTREAM__STORE__URL", f"sqlite:///{db}")
    monkeypatch.setenv("PLATESTREAM__STORE__PICTURES", str(tmp_path / "elsewhere"))
    listed_too = cli("events", "list", "--json")
    assert len(json.loads(listed_too.out)["events"]) == 3
    event_id = json.loads(listed_too.out)["events"][0]["id"]
    assert_one_line(cli("events", "show", event_id), 7, "elsewhere")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--db", "nowhere/events.db"], 7, ["nowhere/events.db", "no such event store"]),
        (["--db", "mysql://u:secret@x/y"], 2, ["postgresql://"]),
        (["--db", "postgresql://u:secret@x/y"], 2, ["--pictures"]),
        (["--since", "soon"], 2, ["--since", "yesterday"]),
        (["--cursor", "x"], 2, ["cursor"]),
    ],
)
def test_bad_options_are_one_line(
    cli: Cli, db: Path, options: list[str], code: int, words: list[str]
) -> None:
    result = cli("events", "list", *(options if "--db" in options else ["--db", db, *options]))
    assert_one_line(result, code, *words)
    assert "secret" not in result.err
    assert not Path("nowhere").exists()


def test_the_commands_of_the_docs_run(
    cli: Cli, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATESTREAM__STORE__URL", str(db))
    monkeypatch.chdir(tmp_path)
    event_id = event_of(cli, db, "AB1284")["id"]
    docs = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    commands = re.findall(r"^platestream (events .*)$", docs, re.MULTILINE)
    # A fingerprint can only be the one of the bundle: see tests/store/test_evidence.py.
    commands = [each for each in commands if not each.startswith("events verify")]
    assert len(commands) == 10
    for command in commands:
        words = re.sub(r"[0-9a-f-]{36}", event_id, command)
        result = cli(*shlex.split(words, comments=True), *(["--yes"] if "erase" in words else []))
        assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("verb", ["list", "show", "export", "corrections", "prune", "erase"])
def test_every_verb_takes_json_and_explains_itself(cli: Cli, verb: str) -> None:
    result = cli("events", verb, "--help")
    assert result.code == 0
    for option in ("--json", "--db"):
        assert option in result.out


def test_what_others_chose_is_text_and_nothing_else(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    store = open_store(str(path), tmp_path / "pictures")
    names = ("[/red]", "[bold]Anna[/bold]", "x;=1+1", "\x1b[2J\x9b31mBert", "\u202egnp")
    for hour, name in enumerate(names):
        store.add(new_event(at=NOON + hour * HOUR, known_as=name, camera=f"gate{hour}"))
    event_id = store.find(Query(camera="gate3")).events[0].id
    store.close()
    out = tmp_path / "out.csv"
    shown = cli("events", "list", "--db", path)
    assert shown.code == 0
    assert "[/red]" in shown.out
    assert "[bold]Anna[/bold]" in shown.out
    for result in (
        shown,
        cli("events", "list", "--db", path, "--json"),
        cli("events", "show", event_id, "--db", path),
        cli("events", "export", "--db", path, "--out", out),
    ):
        assert result.code == 0
        printed = result.out + result.err + out.read_text("utf-8") * out.exists()
        assert not set(printed) & set("\x1b\x9b\u202e\r")
    assert "x;'=1+1" in out.read_text("utf-8")


def test_a_bundle_of_evidence_is_proven_unchanged_or_not(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    out = tmp_path / "evidence.zip"
    made = cli("events", "export", "--db", db, "--plate", "AB12*", "--out", out, "--json")
    told = json.loads(made.out)
    assert (made.code, told["events"]) == (0, 2)
    checked = cli("events", "verify", out, "--fingerprint", told["fingerprint"])
    assert (checked.code, checked.out.splitlines()[-1]) == (0, f"fingerprint {told['fingerprint']}")
    assert "as exported" in checked.out
    other = cli("events", "verify", out, "--fingerprint", "0" * 64)
    assert (other.code, "the fingerprint is another one" in other.out) == (5, True)
    data = bytearray(out.read_bytes())
    data[data.index(b"\xff\xd8") + 300] ^= 1
    out.write_bytes(data)
    changed = cli("events", "verify", out, "--json")
    assert changed.code == 5
    (problem,) = json.loads(changed.out)["problems"]
    assert re.fullmatch(r"pictures/.*\.jpg: is changed", problem)
