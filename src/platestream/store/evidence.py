"""Events with their pictures in one file that can be proven unchanged.

A zip file: ``events.jsonl``, the pictures under ``pictures/``, ``about.json``, what else it is
given, and ``SHA256SUMS`` over all of them, as ``sha256sum --check`` reads it. Whoever changes a
file can also change the sums; so the fingerprint, the sum of the sums, is kept apart from it.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from platestream.core.errors import DataError, EventNotFound, StoreError
from platestream.core.private import open_private
from platestream.core.text import plain_json, plain_line
from platestream.store.export import event_record
from platestream.store.records import StoredEvent
from platestream.store.store import EventStore

SUMS = "SHA256SUMS"
_CHUNK_BYTES = 1 << 20
_MAX_SUMS_BYTES = 64 << 20
"""Half a million files; a sum file beyond that is none of ours."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was written, or found.

    Attributes:
        fingerprint: SHA-256 of the sums, in hexadecimal: of the whole content.
        num_events: Events in it; None where it was only looked at.
        num_files: Files with a sum.
        problems: Files that are changed, missing, or there without a sum; none where all is well.
    """

    fingerprint: str
    num_files: int
    num_events: int | None = None
    problems: tuple[str, ...] = ()


def write_bundle(
    store: EventStore,
    events: Iterable[StoredEvent],
    path: Path,
    *,
    about: Mapping[str, object],
    more: Mapping[str, Path],
) -> Bundle:
    """Write events and all their pictures into a bundle, which appears when it is whole.

    Args:
        store: Has the pictures.
        events: What to write.
        path: The file; replaced.
        about: What else is to be known, such as the checksums of the weights.
        more: Other files, by their names in the bundle.

    Raises:
        StoreError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        try:
            with open_private(part, "wb") as file, zipfile.ZipFile(file, "w") as bundle:
                written = _write(store, events, bundle, about, more)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        msg = f"{path}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error
    return written


def _write(
    store: EventStore,
    events: Iterable[StoredEvent],
    bundle: zipfile.ZipFile,
    about: Mapping[str, object],
    more: Mapping[str, Path],
) -> Bundle:
    sums: dict[str, str] = {}

    def add(name: str, data: bytes, kind: int = zipfile.ZIP_DEFLATED) -> None:
        bundle.writestr(name, data, kind)
        sums[name] = hashlib.sha256(data).hexdigest()

    lines = []
    for found in events:
        with suppress(EventNotFound):  # erased since
            event = store.get(found.id)  # alone it comes with its strip
            lines.append(plain_json(event_record(event), (",", ":")) + "\n")
            for picture in _pictures(event):
                with suppress(OSError, EventNotFound):  # pruned since
                    data = store.picture(picture).read_bytes()
                    add(f"pictures/{picture}", data, zipfile.ZIP_STORED)
    add("events.jsonl", "".join(lines).encode(errors="backslashreplace"))
    for name, file in more.items():
        add(name, file.read_bytes())
    made = {"made_at": datetime.now(UTC).isoformat(), "platestream": version("platestream")}
    add("about.json", json.dumps({**made, "num_events": len(lines), **about}, indent=1).encode())
    told = "".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode()
    bundle.writestr(SUMS, told)
    return Bundle(hashlib.sha256(told).hexdigest(), len(sums), len(lines))


def _pictures(event: StoredEvent) -> list[str]:
    strip = [frame.file for frame in event.strip]
    files = [event.crop_file, event.frame_file, event.stack_file, *strip]
    return [file for file in dict.fromkeys(files) if file]


def verify_bundle(path: Path) -> Bundle:
    """Compare every file of a bundle with its sum.

    Raises:
        DataError: it is no bundle.
    """
    with _opened(path) as bundle:
        told = _read_sums(bundle, path)
        sums = _parse_sums(told, path)
        names = [info.filename for info in bundle.infolist() if info.filename != SUMS]
        problems = [f"{name}: is there twice" for name in sorted({*names}) if names.count(name) > 1]
        problems += [f"{name}: is missing" for name in sums if name not in names]
        problems += [f"{name}: was added" for name in names if name not in sums]
        problems += [
            f"{name}: is changed"
            for name, digest in sums.items()
            if name in names and _digest(bundle, name) != digest
        ]
    shown = tuple(plain_line(problem) for problem in problems)
    return Bundle(hashlib.sha256(told).hexdigest(), len(sums), problems=shown)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as bundle:
            yield bundle
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}); check the path"
        raise DataError(msg) from error
    except zipfile.BadZipFile as error:
        msg = f"{path}: is no zip file any more, or none at all; ask for it again"
        raise DataError(msg) from error


def _read_sums(bundle: zipfile.ZipFile, path: Path) -> bytes:
    try:
        with bundle.open(SUMS) as file:
            told = file.read(_MAX_SUMS_BYTES)
    except Exception as error:
        msg = f"{path}: has no {SUMS} that can be read, so it is no bundle of ours, or damaged"
        raise DataError(msg) from error
    return told


def _parse_sums(told: bytes, path: Path) -> dict[str, str]:
    sums = {}
    for line in told.decode(errors="replace").splitlines():
        digest, found, name = line.partition("  ")
        if not found or len(digest) != 64:
            msg = f"{path}: its {SUMS} is damaged; ask for the bundle again"
            raise DataError(msg)
        sums[name] = digest
    return sums


def _digest(bundle: zipfile.ZipFile, name: str) -> str:
    """What a file sums up to; nothing where it cannot be read, as its bytes do not fit."""
    whole = hashlib.sha256()
    try:
        with bundle.open(name) as file:
            while chunk := file.read(_CHUNK_BYTES):
                whole.update(chunk)
    except Exception:  # noqa: BLE001 - damage shows in many ways, and each is damage
        return ""
    return whole.hexdigest()
