"""OpenALPR's ``alpr_group``: one message a vehicle, as its agent posts it.

Source: doc.openalpr.com, Application Integration > JSON Group Results; Rekor Scout's documentation
has the same. What we do not know (make, colour, travel direction in degrees, ...) is left out.
"""

import zlib
from datetime import datetime
from importlib.metadata import version

from platestream.core.origin import likeliest
from platestream.core.plate_event import PlateEvent
from platestream.core.syntax import regions
from platestream.sinks.sink import Passage


def openalpr(passage: Passage) -> dict[str, object]:
    """The group result of a passage.

    Confidences are percent. A region is named where the plate is rather from there than not.
    ``camera_id`` is a number there: ours comes from the camera's name.
    """
    event = passage.event
    name, share = likeliest(event.regions)
    region, region_percent = name.lower(), _percent(share)
    confidence = _percent(event.confidence)
    candidates = [_candidate(text, share) for text, share in event.candidates]
    group: dict[str, object] = {
        "data_type": "alpr_group",
        "version": 2,
        "company_id": "",
        "agent_uid": "platestream",
        "agent_type": "platestream",
        "agent_version": version("platestream"),
        "camera_id": camera_number(passage.camera),
        "country": region.split("-")[0],
        "epoch_start": _epoch_ms(passage.started_at),
        "epoch_end": _epoch_ms(passage.ended_at),
        "frame_start": event.first_frame,
        "frame_end": event.last_frame,
        "uuids": [passage.id],
        "plate_indexes": [0],
        "best_uuid": passage.id,
        "best_plate_number": event.plate,
        "best_confidence": confidence,
        "best_region": region,
        "best_region_confidence": region_percent,
        "matches_template": bool(regions(event.plate)),
        "candidates": candidates,
        "best_plate": {
            **_candidate(event.plate, event.confidence),
            "plate_index": 0,
            "region": region,
            "region_confidence": region_percent,
            "requested_topn": len(candidates),
            "coordinates": _corners(event),
            "candidates": candidates,
        },
    }
    if passage.frame is not None:
        height, width = passage.frame.shape[:2]
        group |= {"best_image_width": width, "best_image_height": height}
    return group


def camera_number(name: str) -> int:
    """A camera's number: CRC-32 of its name without the highest bit, as it must fit an int32."""
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def _candidate(text: str, share: float) -> dict[str, object]:
    return {
        "plate": text,
        "confidence": _percent(share),
        "matches_template": int(bool(regions(text))),
    }


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _epoch_ms(at: datetime) -> int:
    return round(1000 * at.timestamp())


def _corners(event: PlateEvent) -> list[dict[str, int]]:
    """Clockwise from the top left, in whole pixels: the plate's own, or those of its box."""
    return [{"x": round(x), "y": round(y)} for x, y in event.corners]
