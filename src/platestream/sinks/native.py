"""Our own payload: everything an event says, in our own words."""

from platestream.sinks.sink import Passage


def native(passage: Passage) -> dict[str, object]:
    """What is told of a passage; ``event_type`` is there for Home Assistant."""
    event = passage.event
    return {
        "event_type": "plate",
        "id": passage.id,
        "camera": passage.camera,
        "plate": event.plate,
        "read_plate": passage.read_plate or event.plate,
        "plate_hash": passage.plate_hash,
        "plate_masked": event.plate_masked,
        "confidence": event.confidence,
        "known_as": passage.known_as,
        "candidates": [list(candidate) for candidate in event.candidates],
        "regions": list(event.regions),
        "quality": event.quality,
        "started_at": passage.started_at.isoformat(),
        "ended_at": passage.ended_at.isoformat(),
        "best_at": passage.best_at.isoformat(),
        "zones": list(passage.zones),
        "direction": passage.direction,
        "box_xyxy": list(event.box_xyxy),
        "quad": [list(corner) for corner in event.quad] if event.quad else None,
        "num_frames": event.num_frames,
        "num_read": event.num_read,
    }
