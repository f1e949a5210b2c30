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


def with_pictures(
    body: Mapping[str, object], crop_jpeg: bytes | None = None, frame_jpeg: bytes | None = None
) -> Mapping[str, object]:
    """A body with pictures as base64: ``frame_jpeg``, and the crop where OpenALPR has it.

    Elsewhere the crop is ``crop_jpeg``.
    """
    body = dict(body)
    if frame_jpeg:
        body["frame_jpeg"] = base64.b64encode(frame_jpeg).decode()
    if crop_jpeg:
        picture = base64.b64encode(crop_jpeg).decode()
        best = body.get("best_plate")
        if isinstance(best, dict):
            body["best_plate"] = {**best, "plate_crop_jpeg": picture}
        else:
            body["crop_jpeg"] = picture
    return body


def with_links(body: Mapping[str, object], passage: Passage) -> Mapping[str, object]:
    """A body with the addresses of the pictures, where there are any."""
    links = {"crop_url": passage.crop_url, "frame_url": passage.frame_url}
    return {**body, **{name: link for name, link in links.items() if link}}


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
