"""Between the records and the tables' rows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from platestream.core.origin import from_names
from platestream.core.plate_event import PlateEvent, State
from platestream.core.types import Rgb
from platestream.store import tolerant
from platestream.store.records import Message, NewEvent, StoredEvent, StripFrame

_COLUMNS_OF_PLATE_EVENT = ("id", "plate", "confidence", "crop", "stack")
"""Fields of `PlateEvent` with a column of their own, or whose files a column tells; the others are
in ``details``."""


def folder_of(event_id: str, started_at: datetime) -> str:
    """Where the pictures of an event are."""
    return f"{started_at.astimezone(UTC).date()}/{event_id}"


def pictures_of(event: NewEvent) -> dict[str, Rgb]:
    """Its pictures by name, without suffix."""
    pictures = {"crop": event.crop, "frame": event.frame, "stack": event.stack}
    for position, frame in enumerate(event.strip):
        pictures[f"strip-{position:02}"] = frame.rgb
    return {name: rgb for name, rgb in pictures.items() if rgb is not None}


def event_row(event: NewEvent, names: Mapping[str, str], num_bytes: int) -> dict[str, Any]:
    """A row of ``events``; `names` has the file of each picture that was written."""
    details = asdict(event.event)
    for name in _COLUMNS_OF_PLATE_EVENT:
        del details[name]
    return {
        "id": event.id,
        "camera": event.camera,
        "plate": event.event.plate,
        "read_plate": event.read_plate or event.event.plate,
        "plate_hash": event.plate_hash,
        "confidence": event.event.confidence,
        "started_at": event.started_at,
        "ended_at": event.ended_at,
        "best_at": event.best_at,
        "zones": list(event.zones),
        "direction": event.direction,
        "known_as": event.known_as,
        "corrected_by": "",
        "corrected_at": None,
        "crop_file": names.get("crop", ""),
        "frame_file": names.get("frame", ""),
        "picture_bytes": num_bytes,
        "details": details,
        "state": _kept_state(event),
        "since": event.since or event.ended_at,
    }


_OF_PICTURES = ("crop_file", "frame_file", "picture_bytes")
_OF_A_PERSON = ("corrected_by", "corrected_at")


def changes(
    event: NewEvent, names: Mapping[str, str] | None, num_bytes: int, *, is_corrected: bool
) -> dict[str, Any]:
    """What is new in the row of an event that goes on.

    Args:
        event: As it is now.
        names: See `event_row`; None where its pictures stay as they are.
        num_bytes: Of the pictures.
        is_corrected: Whether a person said what its plate is, which stays, as does whose it is.
    """
    row = event_row(event, names or {}, num_bytes)
    stay = ["id", *_OF_A_PERSON, *(_OF_PICTURES if names is None else ())]
    stay += ["plate", "known_as"] if is_corrected else []
    return {name: value for name, value in row.items() if name not in stay}


def _kept_state(event: NewEvent) -> State:
    """Improved is news, and no state that lasts."""
    if event.is_over:
        return "final"
    return "sure" if event.sure_at else "provisional"


def strip_rows(event: NewEvent, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Its rows of ``strip``."""
    return [
        {
            "event_id": event.id,
            "position": position,
            "frame_index": frame.frame_index,
            "at": frame.at,
            "quality": frame.quality,
            "text": frame.text,
            "score": frame.score,
            "file": names.get(f"strip-{position:02}", ""),
        }
        for position, frame in enumerate(event.strip)
    ]


def stored_event(row: RowMapping, strip: Sequence[RowMapping] = ()) -> StoredEvent:
    """The event of a row, whatever is in it: see `tolerant`."""
    details = row["details"] if isinstance(row["details"], dict) else {}
    if isinstance(told := details.get("regions"), list):
        details = {**details, "regions": from_names(told)}
    columns = {
        "id": row["id"],
        "plate": row["plate"],
        "confidence": row["confidence"],
        "crop": row["crop_file"],
    }
    values = {name: row[name] for name in StoredEvent.__slots__ if name not in ("event", "strip")}
    values["event"] = tolerant.make(PlateEvent, {**details, **columns}, row["id"])
    values["strip"] = tuple(
        tolerant.make(
            StripFrame, {n: frame[n] for n in StripFrame.__slots__ if n != "rgb"}, row["id"]
        )
        for frame in strip
    )
    return tolerant.make(StoredEvent, values, row["id"])


def message_row(message: Message) -> dict[str, Any]:
    """A row of ``messages``; its number is given by the database."""
    row = asdict(message)
    del row["number"]
    return row
