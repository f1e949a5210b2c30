"""Between the records and the tables' rows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from platestream.core.event_fields import READ_FIELDS
from platestream.core.types import PlateEvent, Rgb
from platestream.store.records import Message, NewEvent, StoredEvent, StripFrame

_COLUMNS_OF_PLATE_EVENT = ("id", "plate", "confidence", "crop")
"""Fields of `PlateEvent` with a column of their own; the others are in ``details``."""


def folder_of(event_id: str, started_at: datetime) -> str:
    """Where the pictures of an event are."""
    return f"{started_at.astimezone(UTC).date()}/{event_id}"


def pictures_of(event: NewEvent) -> dict[str, Rgb]:
    """Its pictures by name, without suffix."""
    pictures = {"crop": event.crop, "frame": event.frame}
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
    }


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
    """The event of a row."""
    details: dict[str, Any] = row["details"]
    # A row from before a field has the field's default.
    known = (each for each in READ_FIELDS if each.name in details)
    plate_event = PlateEvent(
        **{each.name: each.from_json(details[each.name]) for each in known},
        id=row["id"],
        plate=row["plate"],
        confidence=row["confidence"],
        crop=row["crop_file"],
    )
    columns = {n: row[n] for n in StoredEvent.__slots__ if n not in ("event", "zones", "strip")}
    return StoredEvent(
        event=plate_event,
        zones=tuple(row["zones"]),
        strip=tuple(_strip_frame(frame) for frame in strip),
        **columns,
    )


def _strip_frame(row: RowMapping) -> StripFrame:
    return StripFrame(**{n: row[n] for n in StripFrame.__slots__ if n != "rgb"})


def message_row(message: Message) -> dict[str, Any]:
    """A row of ``messages``; its number is given by the database."""
    row = asdict(message)
    del row["number"]
    return row
