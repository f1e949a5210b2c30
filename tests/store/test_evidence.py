"""A bundle of evidence: whatever is changed in it is found."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from platestream.core.errors import DataError
from platestream.store.evidence import SUMS, Bundle, verify_bundle, write_bundle
from platestream.store.records import Query
from platestream.store.store import open_store

from .events import NOON, new_event


@pytest.fixture
def bundle(tmp_path: Path) -> tuple[Path, Bundle]:
    store = open_store(str(tmp_path / "events.db"), tmp_path / "pictures")
    for plate in ("AB1234", "京A12345"):
        store.add(new_event(plate, NOON))
    page = tmp_path / "report.html"
    page.write_text("a page")
    path = tmp_path / "evidence.zip"
    made = write_bundle(
        store, store.each(Query()), path, about={"weights": "abc"}, more={"report.html": page}
    )
    store.close()
    return path, made


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewritten(path: Path, files: dict[str, bytes]) -> Path:
    """The same as somebody writes it who knows zip files."""
    with zipfile.ZipFile(path, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_it_has_the_events_and_all_their_pictures(bundle: tuple[Path, Bundle]) -> None:
    path, made = bundle
    files = contents(path)
    records = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    assert {record["plate"] for record in records} == {"AB1234", "京A12345"}
    for record in records:
        named = [record["crop_file"], record["frame_file"]]
        named += [frame["file"] for frame in record["strip"]]
        assert all(files[f"pictures/{name}"][:2] == b"\xff\xd8" for name in named if name)
        assert record["crop_file"]
        assert record["strip"]
    assert json.loads(files["about.json"])["weights"] == "abc"
    assert path.stat().st_mode & 0o077 == 0
    found = verify_bundle(path)
    assert (found.problems, found.num_files) == ((), len(files) - 1)
    assert (found.fingerprint, made.num_events) == (made.fingerprint, 2)


def test_one_byte_of_any_file_that_is_changed_is_found(bundle: tuple[Path, Bundle]) -> None:
    path, _ = bundle
    files = contents(path)
    for name in set(files) - {SUMS}:
        rewritten(path, {**files, name: flipped(files[name], len(files[name]) // 2)})
        assert verify_bundle(path).problems == (f"{name}: is changed",)


def test_one_byte_of_a_picture_as_it_lies_on_disk(bundle: tuple[Path, Bundle]) -> None:
    path, _ = bundle
    files, raw = contents(path), path.read_bytes()
    name = next(name for name in files if name.endswith("crop.jpg"))
    path.write_bytes(flipped(raw, raw.index(files[name]) + len(files[name]) // 2))
    assert verify_bundle(path).problems == (f"{name}: is changed",)


Change = Callable[[dict[str, bytes]], dict[str, bytes]]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda files: {**files, "more.txt": b"!"}, "more.txt: was added"),
        (
            lambda files: {n: d for n, d in files.items() if n != "events.jsonl"},
            "events.jsonl: is missing",
        ),
    ],
)
def test_a_file_more_or_less_is_found(
    bundle: tuple[Path, Bundle], change: Change, problem: str
) -> None:
    path, _ = bundle
    rewritten(path, change(contents(path)))
    assert verify_bundle(path).problems == (problem,)


def test_who_changes_the_sums_too_changes_the_fingerprint(bundle: tuple[Path, Bundle]) -> None:
    path, made = bundle
    files = contents(path)
    about = files["about.json"]
    forged = about.replace(b"abc", b"abd")
    sums = files[SUMS].decode()
    sums = sums.replace(hashlib.sha256(about).hexdigest(), hashlib.sha256(forged).hexdigest())
    rewritten(path, {**files, "about.json": forged, SUMS: sums.encode()})
    found = verify_bundle(path)
    assert found.problems == ()
    assert found.fingerprint != made.fingerprint


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "is no zip file"), (b"PK\x03\x04 no", "is no zip file"), (None, "cannot be read")],
)
def test_what_is_no_bundle_is_refused(tmp_path: Path, data: bytes | None, says: str) -> None:
    path = tmp_path / "x.zip"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DataError, match=says):
        verify_bundle(path)
    with pytest.raises(DataError, match="no SHA256SUMS"):
        verify_bundle(rewritten(path, {"a": b"b"}))
    with pytest.raises(DataError, match="damaged"):
        verify_bundle(rewritten(path, {SUMS: b"rubbish"}))
