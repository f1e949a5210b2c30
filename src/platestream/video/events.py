"""From plates to what is written of them: events, and the lines that tell their life."""

from collections.abc import Sequence
from typing import Any

from platestream.core.boxes import round_box, round_quad
from platestream.core.plate_event import PlateEvent
from platestream.core.types import Plate
from platestream.stream.confidence import candidates, masked
from platestream.stream.life import PlateUpdate

NUM_CANDIDATES = 3


def make_event(
    plate: Plate, source_name: str, crop: str, passage_id: str, stack: str = ""
) -> PlateEvent:
    """The event of a finished passage; numbers are rounded to what they are worth.

    Args:
        plate: What the passage ended with.
        source_name: What was read.
        crop: File of its best crop.
        passage_id: See `PlateEvent`.
        stack: File of the average of its crops, for plates that have one.
    """
    return PlateEvent(
        plate=plate.reading.text,
        plate_masked=masked(plate.reading),
        confidence=round(plate.confidence, 4),
        candidates=tuple(
            (text, round(share, 4)) for text, share in candidates(plate.reading, NUM_CANDIDATES)
        ),
        regions=plate.reading.regions,
        quality=round(plate.quality, 4),
        track_id=plate.track_id,
        continued=plate.continued,
        source=source_name,
        first_pts_s=round(plate.first_pts_s, 3),
        last_pts_s=round(plate.last_pts_s, 3),
        best_pts_s=round(plate.best_crop.pts_s, 3),
        first_frame=plate.first_frame,
        last_frame=plate.last_frame,
        best_frame=plate.best_crop.frame_index,
        box_xyxy=round_box(plate.best_crop.box_xyxy, 1),
        num_frames=plate.num_frames,
        num_scored=plate.num_frames - plate.num_passed,
        num_read=plate.num_read,
        crop=crop,
        quad=round_quad(plate.best_crop.quad, 1) if plate.best_crop.quad else None,
        id=passage_id,
        is_cut=plate.is_cut,
        num_stacked=plate.stacked.num_frames if plate.stacked else 0,
        stack=stack if plate.stacked else "",
    )


def events_of(updates: Sequence[PlateUpdate], source_name: str) -> list[PlateEvent]:
    """The passages that are over, as they are reported; their crops are in no file."""
    return [
        make_event(update.plate, source_name, "", update.id)
        for update in updates
        if update.state == "final" and update.plate
    ]


def update_line(update: PlateUpdate, source_name: str) -> dict[str, Any]:
    """A line of ``updates.jsonl``."""
    told = update.to_dict()
    first = {"state": told["state"], "track_id": told["track_id"], "source": source_name}
    return first | told
