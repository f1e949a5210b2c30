"""Stored events as one page with their pictures, for `platestream events export`."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from platestream.core.errors import EventNotFound
from platestream.core.local_time import local
from platestream.core.origin import in_words
from platestream.sinks.report import Picture, ReportRow, ReportWriter

if TYPE_CHECKING:
    from platestream.store.records import Query, StoredEvent, StripFrame
    from platestream.store.store import EventStore

REPORT = "html"


def write_report(store: "EventStore", query: "Query", out: Path) -> int:
    """Write events that fit into a page, newest first; returns how many.

    Raises:
        StoreError: the file cannot be written.
    """
    made = f"Made {local(datetime.now().astimezone())} by platestream"
    num_events = 0
    with ReportWriter(out, "Licence plates", made) as report:
        for event in store.each(query):
            with suppress(EventNotFound):  # erased since
                # Alone it comes with its strip.
                report.add(_row(store, store.get(event.id)))
                num_events += 1
    return num_events


def _row(store: "EventStore", event: "StoredEvent") -> ReportRow:
    read = event.event
    more = (
        ("Known as", event.known_as),
        ("Direction", event.direction),
        ("Zones", ", ".join(event.zones)),
        ("Read as", event.read_plate if event.read_plate != read.plate else ""),
        ("Corrected by", event.corrected_by),
        ("Could be from", in_words(read.regions)),
        ("Or perhaps", ", ".join(text for text, share in read.candidates[1:] if share >= 0.01)),
        ("Frames", f"{read.num_frames}, {read.num_read} of them read"),
        ("Id", event.id),
    )
    crop = _read(store, event.crop_file)
    strip = [picture for frame in event.strip if (picture := _frame(store, frame))]
    return ReportRow(
        plate=read.plate,
        plate_masked=read.plate_masked,
        confidence=read.confidence,
        when=local(event.started_at),
        sort_s=event.started_at.timestamp(),
        where=event.camera,
        picture=Picture(crop) if crop else None,
        more=tuple((name, value) for name, value in more if value),
        strip=tuple(strip),
    )


def _frame(store: "EventStore", frame: "StripFrame") -> Picture | None:
    data = _read(store, frame.file)
    if not data:
        return None
    said = f"{frame.at.astimezone():%H:%M:%S} {frame.text or ''}".rstrip()
    return Picture(data, said, was_read=frame.text is not None)


def _read(store: "EventStore", file: str) -> bytes:
    """A picture's bytes; none where retention has taken it since."""
    with suppress(OSError, EventNotFound):
        path = store.picture(file) if file else None
        return path.read_bytes() if path else b""
    return b""
