"""Events of an archive as one Parquet file, with real times, for analysis."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from platestream.cluster.keeping import camera_of, id_of, moments
from platestream.cluster.results import Results
from platestream.cluster.times import Clock
from platestream.core.plate_event import PlateEvent
from platestream.store.export import write_events
from platestream.store.records import StoredEvent

PARQUET_FILE = "events.parquet"


def write_parquet(
    path: Path, results: Results, sources: Sequence[str], clock: Clock, camera: str = ""
) -> int:
    """Write the events of all complete sources, in the columns that `platestream events` has.

    Args:
        path: The file; it appears when it is whole.
        results: The run's.
        sources: In the order wanted.
        clock: Tells when sources began.
        camera: Name of the camera; empty for the name of each source's folder.

    Returns:
        How many events.

    Raises:
        ConfigError: pyarrow is not installed.
        DataError: nothing tells when a source was recorded.
        StoreError: the file cannot be written.
    """
    return write_events(_events(results, sources, clock, camera), path, "parquet")


def _events(
    results: Results, sources: Sequence[str], clock: Clock, camera: str
) -> Iterator[StoredEvent]:
    for source, events, video_s in results.complete(sources):
        began = clock.began(source, video_s)
        yield from (_stored(event, began, camera or camera_of(source)) for event in events)


def _stored(event: PlateEvent, began: datetime, camera: str) -> StoredEvent:
    started_at, ended_at, best_at = moments(event, began)
    event_id = id_of(event, started_at)
    return StoredEvent(
        id=event_id,
        camera=camera,
        event=replace(event, id=event_id),
        started_at=started_at,
        ended_at=ended_at,
        best_at=best_at,
        zones=(),
        direction="",
        known_as="",
        read_plate=event.plate,
        corrected_by="",
        corrected_at=None,
        plate_hash="",
        crop_file=event.crop,
        frame_file="",
    )
