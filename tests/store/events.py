"""Events to store, made up."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np

from platestream.core.plate_event import PlateEvent
from platestream.core.types import Rgb
from platestream.store.records import NewEvent, StripFrame

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def picture(width: int = 60, height: int = 20) -> Rgb:
    return np.full((height, width, 3), (200, 30, 90), np.uint8)


def plate_event(plate: str, confidence: float = 0.98) -> PlateEvent:
    return PlateEvent(
        plate=plate,
        plate_masked=f"{plate[:-1]}?",
        confidence=confidence,
        candidates=((plate, 0.9), (f"{plate}X", 0.1)),
        regions=(("BR", 0.9), ("AR", 0.1)),
        quality=0.8,
        track_id=3,
        continued=(7, 9),
        source="rtsp://gate",
        first_pts_s=1.0,
        last_pts_s=3.0,
        best_pts_s=2.0,
        first_frame=10,
        last_frame=30,
        best_frame=20,
        box_xyxy=(1.5, 2.0, 61.5, 22.0),
        num_frames=21,
        num_scored=20,
        num_read=4,
        crop="",
    )


def new_event(
    plate: str = "AB1234",
    at: datetime = NOON,
    *,
    camera: str = "gate",
    confidence: float = 0.98,
    direction: str = "",
    known_as: str = "",
    num_strip: int = 2,
    event_id: str = "",
) -> NewEvent:
    """A passage that ended at `at` and lasted four seconds."""
    started_at = at - timedelta(seconds=4)
    return NewEvent(
        id=event_id or str(uuid4()),
        camera=camera,
        event=plate_event(plate, confidence),
        started_at=started_at,
        ended_at=at,
        best_at=at - timedelta(seconds=2),
        crop=picture(),
        frame=picture(320, 180),
        strip=strip_of(plate, started_at, num_strip),
        zones=("drive", "barrier"),
        direction=direction,
        known_as=known_as,
    )


def strip_of(plate: str, started_at: datetime, num: int) -> Sequence[StripFrame]:
    return tuple(
        StripFrame(
            frame_index=10 + i,
            at=started_at + timedelta(seconds=i),
            quality=0.5 + i / 100,
            text=plate if i % 2 == 0 else None,
            score=0.9 if i % 2 == 0 else None,
            rgb=picture(),
        )
        for i in range(num)
    )
