"""Corrected events as training data: pictures of plates and a `labels.csv` of what they say.

The layout is that of `lab`: the frames of one passage are a track, and a plate is in one split
only, so that what is learnt is never what is judged by.
"""

import csv
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from platestream.core.errors import StoreError
from platestream.core.private import make_private_folder, open_private
from platestream.store.picture_files import is_event_id
from platestream.store.records import StoredEvent
from platestream.store.store import EventStore

_COLUMNS = ("file", "split", "text", "track", "frame_index")
_DEV_SHARE = 10
"""One plate in so many is for choosing, not for learning."""


def write_corrections(store: EventStore, folder: Path) -> int:
    """Write the pictures of every plate that a person corrected or confirmed.

    Args:
        store: Where they are.
        folder: Made if missing; files of the same names are replaced.

    Returns:
        How many pictures; those that were pruned are left out.

    Raises:
        StoreError: something cannot be written.
    """
    try:
        make_private_folder(folder)
        events = (event for event in store.corrections() if is_event_id(event.id))
        rows = [row for event in events for row in _rows(store, event, folder)]
        with open_private(folder / "labels.csv", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_COLUMNS, *rows])
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); make room or choose another folder"
        raise StoreError(msg) from error
    return len(rows)


def _rows(
    store: EventStore, event: StoredEvent, folder: Path
) -> Iterator[tuple[str, str, str, str, int]]:
    files = {frame.frame_index: frame.file for frame in event.strip if frame.file}
    files.setdefault(event.event.best_frame, event.crop_file)
    for frame_index, file in sorted(files.items()):
        try:
            source = store.picture(file) if file else None
        except StoreError:  # pruned meanwhile, or the row is damaged
            source = None
        if source:
            target = Path(event.id, source.name)
            make_private_folder(folder / event.id)
            with open_private(folder / target, "wb") as copy, source.open("rb") as picture:
                shutil.copyfileobj(picture, copy)
            plate = event.event.plate
            yield target.as_posix(), _split_of(plate), plate, event.id, frame_index


def _split_of(plate: str) -> str:
    digest = hashlib.sha256(plate.encode()).digest()
    return "dev" if int.from_bytes(digest[:4]) % _DEV_SHARE == 0 else "train"
