"""Pictures of events on disk: safe there before their event is, swept where none followed.

::

    2026-11-23/<event id>/crop.jpg    the crop that was read
                          frame.jpg   the frame it was cut from
                          stack.jpg   the average of several crops, where that was read too
                          strip-00.jpg ...
    unsettled/2026-11-23_<event id>   this event's pictures and its row may not agree yet

The mark under ``unsettled`` is made before anything else and goes when both agree, so that what
a crash left is found without looking through years of folders.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from platestream.core.errors import EventNotFound, StoreError
from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Rgb

GRACE_S = 3600.0
"""Marks younger than this may be another process's that is at work right now."""

_FRAME_QUALITY, _CROP_QUALITY = 85, 95  # crops are read again, by people and in training
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FOLDER = rf"\d{{4}}-\d\d-\d\d/{_UUID}"
_IS_ID = re.compile(_UUID, re.ASCII)
_IS_FILE = re.compile(rf"{_FOLDER}/(?:crop|frame|stack|strip-\d{{2,}})\.jpg", re.ASCII)
_UNSETTLED = "unsettled"


def is_event_id(text: object) -> bool:
    """Whether it is a text, written as our ids are: a UUID in small letters."""
    return isinstance(text, str) and bool(_IS_ID.fullmatch(text))


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken from the disk."""

    num_files: int = 0
    num_bytes: int = 0


class Pictures:
    """The folder of pictures.

    Args:
        root: Made with the first picture, for its owner only.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, file: str) -> Path:
        """Where a picture lies.

        Raises:
            EventNotFound: it was pruned, or no such picture was ever written.
            StoreError: the name is none that the store gives.
        """
        if not _IS_FILE.fullmatch(file):
            msg = f"{file!r} is no picture of this store; use the names that its events give"
            raise StoreError(msg)
        path = self._root / file
        if not path.is_file():
            msg = f"{path}: this picture is gone; it may have been pruned"
            raise EventNotFound(msg)
        return path

    def write(self, folder: str, pictures: Mapping[str, Rgb]) -> int:
        """Write all pictures of an event; they are safe on disk when it returns.

        Those it had before are replaced, each at once, or removed.

        Args:
            folder: See `rows.folder_of`; it stays marked as unsettled.
            pictures: ``crop``, ``frame``, ``stack``, ``strip-00`` and so on; each ``(H, W, 3)``
                uint8.

        Returns:
            Their bytes in all.

        Raises:
            StoreError: they cannot be written.
        """
        jpegs = {name: _jpeg(name, rgb) for name, rgb in pictures.items()}
        self.mark(folder)
        path = self._folder(folder)
        with self._errors("write pictures"):
            make_private_folder(path)
            for name, data in jpegs.items():
                _write_safely(path / f"{name}.jpg", data)
            for old in path.glob("*.jpg"):
                if old.stem not in jpegs:
                    old.unlink()
            for each in (path, path.parent, self._root):
                _sync_folder(each)
        return sum(map(len, jpegs.values()))

    def names(self, folder: str) -> set[str]:
        """What an event's pictures on disk are called, as in `write`."""
        with self._errors("look for pictures"):
            return {path.stem for path in self._folder(folder).glob("*.jpg")}

    def mark(self, *folders: str) -> None:
        """Note that the pictures of events and their rows are about to disagree."""
        marks = self._root / _UNSETTLED
        with self._errors("write pictures"):
            make_private_folder(marks)
            for folder in folders:
                self._mark(folder).touch(mode=0o600)
            _sync_folder(marks)

    def settle(self, folder: str) -> None:
        """Note that they agree."""
        with self._errors("settle pictures"):
            for part in self._folder(folder).glob("*.part"):
                part.unlink()
            self._mark(folder).unlink(missing_ok=True)

    def unsettled(self) -> Iterator[str]:
        """Folders whose writer must have died, see `GRACE_S`."""
        latest = time.time() - GRACE_S
        with self._errors("look for pictures"):
            marks = sorted((self._root / _UNSETTLED).glob("*_*"))
        for mark in marks:
            try:
                is_old = mark.stat().st_mtime < latest
            except FileNotFoundError:  # its writer has just settled it
                continue
            folder = mark.name.replace("_", "/")
            if is_old and re.fullmatch(_FOLDER, folder, re.ASCII):
                yield folder

    def remove(self, folder: str) -> Removed:
        """Remove an event's pictures, finished or not, and settle it."""
        path = self._folder(folder)
        with self._errors("remove pictures"):
            sizes = [picture.stat().st_size for picture in path.glob("*.jpg")]
            if path.exists():
                shutil.rmtree(path)
        self.settle(folder)
        return Removed(len(sizes), sum(sizes))

    def find(self, event_id: str) -> str:
        """The folder of an event whose day is not known; empty where it has none."""
        if not is_event_id(event_id):
            return ""
        with self._errors("look for pictures"):
            found = next(self._root.glob(f"????-??-??/{event_id}"), None)
        return f"{found.parent.name}/{found.name}" if found else ""

    def _mark(self, folder: str) -> Path:
        path = self._folder(folder)
        return self._root / _UNSETTLED / f"{path.parent.name}_{path.name}"

    def _folder(self, folder: str) -> Path:
        """Where a folder lies. Names come out of a database: none leads out of ours.

        Raises:
            StoreError: it is none that the store gives.
        """
        if not re.fullmatch(_FOLDER, folder, re.ASCII):
            msg = f"{folder!r} is no folder of this store's pictures; the database is damaged"
            raise StoreError(msg)
        return self._root / folder

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            msg = f"{self._root}: cannot {what} ({error.strerror}); see to its room and rights"
            raise StoreError(msg) from error


def _jpeg(name: str, rgb: Rgb) -> bytes:
    try:
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        quality = _FRAME_QUALITY if name == "frame" else _CROP_QUALITY
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    except cv2.error:
        done = False
    if not done:
        msg = f"the picture {name!r} of shape {np.shape(rgb)} cannot be made a JPEG"
        raise StoreError(msg)
    return data.tobytes()


def _write_safely(path: Path, data: bytes) -> None:
    is_new = not path.exists()
    part = path if is_new else path.with_suffix(".part")
    with open_private(part, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if not is_new:  # somebody may be looking at it
        part.replace(path)


def _sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
