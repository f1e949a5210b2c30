"""Events as JSON Lines: one object a line, safe on disk as soon as it is written."""

import json
from collections.abc import Mapping
from pathlib import Path

from platestream.core.errors import StoreError

EVENTS_FILE = "events.jsonl"
UPDATES_FILE = "updates.jsonl"


class EventWriter:
    """Writes a file of JSON Lines in a folder; use it in a ``with`` statement.

    The file of an earlier run is replaced when the new run starts, never before, and never
    added to: a file is always one run's.

    Attributes:
        path: The file.
        num_events: Lines written so far.
    """

    def __init__(self, folder: Path, name: str = EVENTS_FILE) -> None:
        """Make the folder and start the file.

        Raises:
            StoreError: either cannot be made; names it.
        """
        self.path = folder / name
        self.num_events = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Unbuffered, so that a crash loses no event that was written.
            self._file = self.path.open("wb", buffering=0)
        except OSError as error:
            msg = f"{self.path}: cannot be written ({error.strerror}); choose another folder"
            raise StoreError(msg) from error

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, event: Mapping[str, object]) -> None:
        """Append one event: UTF-8, characters as they are, keys in the event's own order.

        Raises:
            StoreError: the disk is full or gone; the lines before this one are kept whole.
        """
        line = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        # A file name that is not UTF-8 holds lone surrogates; JSON can write them as escapes.
        rest = f"{line}\n".encode(errors="backslashreplace")
        try:
            while rest:  # a raw file may take a part only
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            number = self.num_events + 1
            msg = f"{self.path}: cannot write event {number} ({error.strerror}); make room there"
            raise StoreError(msg) from error
        self.num_events += 1
