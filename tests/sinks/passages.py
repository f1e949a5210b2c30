"""Passages to tell of."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from platestream.core.origin import Regions
from platestream.core.plate_event import PlateEvent
from platestream.store.records import NewEvent

EVENT = PlateEvent(
    plate="E617KA147",
    plate_masked="E617KA1?7",
    confidence=0.9829,
    candidates=(("E617KA147", 0.9898), ("E617KA167", 0.0029)),
    regions=(("RU", 0.97), ("UA", 0.02)),
    quality=0.8773,
    track_id=3,
    continued=(),
    source="rtsp://user:secret@10.0.0.7/stream",
    first_pts_s=1.88,
    last_pts_s=4.8,
    best_pts_s=4.2,
    first_frame=47,
    last_frame=120,
    best_frame=105,
    box_xyxy=(335.9, 457.0, 425.2, 483.1),
    num_frames=74,
    num_scored=74,
    num_read=5,
    crop="",
)


def passage(
    number: int = 1,
    *,
    camera: str = "gate",
    known_as: str = "",
    plate: str = EVENT.plate,
    regions: Regions = EVENT.regions,
) -> NewEvent:
    return NewEvent(
        id=f"0190a1b2-0000-7000-8000-{number:012d}",
        camera=camera,
        event=replace(EVENT, plate=plate, regions=regions),
        started_at=datetime(2024, 5, 6, 7, 8, 9, 250000, UTC),
        ended_at=datetime(2024, 5, 6, 7, 8, 12, tzinfo=UTC),
        best_at=datetime(2024, 5, 6, 7, 8, 11, 500000, UTC),
        crop=np.zeros((26, 90, 3), np.uint8),
        frame=np.zeros((720, 1280, 3), np.uint8),
        zones=("drive",),
        direction="gate:in",
        known_as=known_as,
    )
