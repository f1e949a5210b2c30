"""Plate Recognizer's webhook, as its Stream sends it.

Source: guides.platerecognizer.com, Stream > Webhooks and Outputs, and the sample payload in
github.com/parkpow/deep-license-plate-recognition. What we do not know (vehicle, make, colour,
direction in degrees, the detector's score) is left out.
"""

import math
from datetime import UTC

from platestream.core.origin import likeliest
from platestream.sinks.sink import Passage


def platerecognizer(passage: Passage) -> dict[str, object]:
    """The webhook of a passage: plates in lower case, as there, and no picture beside it."""
    event = passage.event
    left, top, right, bottom = event.box_xyxy
    region, region_share = likeliest(event.regions)
    at = passage.best_at.astimezone(UTC)
    result = {
        "plate": event.plate.lower(),
        "score": event.confidence,
        "box": {
            "xmin": math.floor(left),
            "ymin": math.floor(top),
            "xmax": math.ceil(right),
            "ymax": math.ceil(bottom),
        },
        "region": {"code": region.lower(), "score": region_share},
        "candidates": [{"plate": text.lower(), "score": share} for text, share in event.candidates],
        "source_url": passage.camera,
        "position_sec": event.best_pts_s,
    }
    return {
        "hook": {"id": passage.camera, "event": "recognition", "filename": event.crop},
        "data": {
            "camera_id": passage.camera,
            "filename": event.crop,
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "timestamp_local": passage.best_at.astimezone().isoformat(" ", "microseconds"),
            "timestamp_camera": None,
            "results": [result],
        },
    }
