"""Events as JSON Lines: one object a line, safe on disk as soon as it is written."""

import json
from collections.abc import Mapping
from pathlib import Path

from platestream.sinks.lines import LineFile

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
        self._file = LineFile(folder, name)
        self.path = self._file.path
        self.num_events = 0

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.__exit__()

    def write(self, event: Mapping[str, object]) -> None:
        """Append one event: UTF-8, characters as they are, keys in the event's own order.

        Raises:
            StoreError: the disk is full or gone; the lines before this one are kept whole.
        """
        line = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        self._file.add(f"{line}\n", f"event {self.num_events + 1}")
        self.num_events += 1
