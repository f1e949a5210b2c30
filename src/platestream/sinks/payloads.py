"""The payloads a user may choose: in whose words a passage is told.

A new one is a file beside these and a line here; see ``docs/extending.md``.
"""

import base64
from collections.abc import Callable, Mapping
from typing import TypeAlias

from platestream.core.choices import Choices
from platestream.sinks.frigate import frigate
from platestream.sinks.native import native
from platestream.sinks.openalpr import openalpr
from platestream.sinks.platerecognizer import platerecognizer
from platestream.sinks.sink import Passage

Payload: TypeAlias = Callable[[Passage], Mapping[str, object]]
"""What is told of a passage, as it goes into JSON."""


def with_crop(body: Mapping[str, object], crop_jpeg: bytes | None) -> Mapping[str, object]:
    """A body with the crop as base64: where OpenALPR has it, else as ``crop_jpeg``."""
    if not crop_jpeg:
        return body
    picture = base64.b64encode(crop_jpeg).decode()
    best = body.get("best_plate")
    if isinstance(best, dict):
        return {**body, "best_plate": {**best, "plate_crop_jpeg": picture}}
    return {**body, "crop_jpeg": picture}


PAYLOADS: Choices[Payload] = Choices(
    "payload",
    {
        "native": native,
        "openalpr": openalpr,
        "platerecognizer": platerecognizer,
        "frigate": frigate,
    },
)
"""In whose words; ours is ``native``."""
