"""What is sealed opens with its key, for its own purpose, unchanged, and in no other way."""

import base64
import logging
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.core.errors import StoreError
from platestream.store.sealing import KEY_BYTES, SealKey, seal, unseal
from platestream.store.store import EventStore, open_store

from .conftest import OpenStore

KEY, OTHER = b"k" * KEY_BYTES, b"another key of some length"
CAMERA = {"url": "rtsp://10.0.0.1/geheim-path", "username": "viewer", "password": "kamera-geheim"}


@contextmanager
def opened(folder: Path, settings_key: bytes = b"") -> Iterator[EventStore]:
    url = f"sqlite:///{folder}/events.db"
    store = open_store(url, folder / "pictures", settings_key=settings_key)
    yield store
    store.close()


def held(folder: Path) -> bytes:
    """All that the database's files hold."""
    return b"".join(
        path.read_bytes() for path in folder.glob("events.db*") if path.suffix != ".key"
    )


@given(st.text(max_size=200), st.binary(min_size=1, max_size=64))
def test_what_is_sealed_can_be_opened(text: str, key: bytes) -> None:
    sealed = seal(key, text, "gate.password")
    assert unseal(key, sealed, "gate.password") == text
    assert unseal(key + b"x", sealed, "gate.password") is None
    assert unseal(key, sealed, "yard.password") is None
    assert seal(key, text, "gate.password") != sealed, "equal passwords do not show as equal"


@given(st.integers(0, 41), st.integers(1, 255))
def test_what_was_changed_opens_no_more(place: int, change: int) -> None:
    raw = bytearray(base64.b64decode(seal(KEY, "kamera-geheim", "a")))
    raw[place] ^= change
    assert unseal(KEY, base64.b64encode(raw).decode(), "a") is None


@pytest.mark.parametrize("sealed", ["", "%%%", "AAAA", base64.b64encode(b"\x02" * 40).decode()])
def test_what_is_no_seal_opens_not(sealed: str) -> None:
    assert unseal(KEY, sealed, "a") is None


def test_a_database_alone_tells_no_login(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.settings.put_camera("gate", {**CAMERA, "max_fps": 5})
        assert store.settings.cameras() == {"gate": {**CAMERA, "max_fps": 5}}
        for value in CAMERA.values():
            assert value.encode() not in held(tmp_path)
    key = tmp_path / "events.db.key"
    assert (key.stat().st_size, stat.S_IMODE(key.stat().st_mode)) == (KEY_BYTES, 0o600)
    with opened(tmp_path) as store:
        assert store.settings.cameras()["gate"]["password"] == "kamera-geheim"


def test_what_was_kept_in_clear_is_sealed(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.settings.put_camera("gate", {})
    with closing(sqlite3.connect(tmp_path / "events.db")) as raw:
        row = '{"url": "rtsp://10.0.0.1/geheim-path", "password": "kamera-geheim", "max_fps": 5}'
        raw.execute("UPDATE cameras SET settings = ?", [row])
        raw.commit()
    assert b"kamera-geheim" in held(tmp_path)
    with opened(tmp_path) as store:
        before = store.settings.cameras()
        store.settings.seal_cameras()
        assert store.settings.cameras() == before
        assert before["gate"] == {
            "url": "rtsp://10.0.0.1/geheim-path",
            "password": "kamera-geheim",
            "max_fps": 5,
        }
        assert b"geheim" not in held(tmp_path)


def test_without_its_key_a_login_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as store:
        store.settings.put_camera("gate", {**CAMERA, "max_fps": 5})
    key = tmp_path / "events.db.key"
    kept = key.read_bytes()
    for found in (None, OTHER * 2, bytes(KEY_BYTES)):
        key.unlink()
        if found is not None:
            key.write_bytes(found)
        with opened(tmp_path) as store, caplog.at_level(logging.WARNING):
            caplog.clear()
            assert store.settings.cameras() == {"gate": {"max_fps": 5}}
            assert "camera gate: its password was sealed by another key than" in caplog.text
            store.settings.seal_cameras()
        key.write_bytes(kept)
    with opened(tmp_path) as store:
        assert store.settings.cameras() == {"gate": {**CAMERA, "max_fps": 5}}


def test_a_key_that_is_damaged_is_not_written_over(tmp_path: Path) -> None:
    key = tmp_path / "events.db.key"
    key.write_bytes(b"half")
    with opened(tmp_path) as store, pytest.raises(StoreError, match=r"events\.db\.key: is no key"):
        store.settings.put_camera("gate", CAMERA)
    assert key.read_bytes() == b"half"


def test_a_key_of_the_configuration_takes_over(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        store.settings.put_camera("gate", CAMERA)
    with opened(tmp_path, OTHER) as store:
        assert store.settings.cameras() == {"gate": CAMERA}
        store.settings.seal_cameras()
    (tmp_path / "events.db.key").unlink()
    with opened(tmp_path, OTHER) as store:
        assert store.settings.cameras() == {"gate": CAMERA}
    assert not (tmp_path / "events.db.key").exists(), "what is not needed is not made"


def test_in_every_database_a_login_comes_back_as_it_was(open_again: OpenStore) -> None:
    store = open_again()
    store.settings.put_camera("gate", CAMERA)
    store.close()
    store = open_again()
    assert store.settings.cameras() == {"gate": CAMERA}
    store.settings.drop_camera("gate")


def test_two_that_make_the_key_at_once_have_one(tmp_path: Path) -> None:
    key = SealKey(tmp_path / "new" / "settings.key")
    assert key.to_seal() == key.to_seal() == key._made()
    assert list(SealKey(key.file).to_open()) == [key.to_seal()]
