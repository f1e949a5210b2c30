"""From plates to what is written of them: events, and the lines that tell their life."""

from platestream.core.syntax import regions
from platestream.core.types import Plate, PlateEvent, Quad
from platestream.stream.confidence import candidates, masked
from platestream.stream.life import PlateUpdate

MASK_BELOW = 0.6
"""Characters less probable than this are masked."""

NUM_CANDIDATES = 3


def make_event(plate: Plate, source_name: str, crop: str, passage_id: str) -> PlateEvent:
    """The event of a finished passage; numbers are rounded to what they are worth."""
    x1, y1, x2, y2 = (round(value, 1) for value in plate.best_crop.box_xyxy)
    return PlateEvent(
        plate=plate.reading.text,
        plate_masked=masked(plate.reading, MASK_BELOW),
        confidence=round(plate.confidence, 4),
        candidates=tuple(
            (text, round(share, 4)) for text, share in candidates(plate.reading, NUM_CANDIDATES)
        ),
        regions=regions(plate.reading.text),
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
        box_xyxy=(x1, y1, x2, y2),
        num_frames=plate.num_frames,
        num_scored=plate.num_frames,
        num_read=plate.num_read,
        crop=crop,
        quad=_rounded(plate.best_crop.quad) if plate.best_crop.quad else None,
        id=passage_id,
    )


def _rounded(quad: Quad) -> Quad:
    a, b, c, d = ((round(x, 1), round(y, 1)) for x, y in quad)
    return a, b, c, d


def update_line(update: PlateUpdate, source_name: str) -> dict[str, object]:
    """A line of ``updates.jsonl``."""
    line: dict[str, object] = {
        "state": update.state,
        "track_id": update.track_id,
        "source": source_name,
        "plate": update.reading.text,
        "plate_masked": masked(update.reading, MASK_BELOW),
        "confidence": round(update.confidence, 4),
        "pts_s": round(update.since_s, 3),
        "frame": update.frame_index,
    }
    if update.plate:
        line["continued"] = update.plate.continued
    return line | {"id": update.id}
