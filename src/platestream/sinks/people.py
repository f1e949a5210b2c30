"""What a person is told: a line or two of plain text, and perhaps the plate's picture.

Shared by the receivers that people read on a phone or in a mailbox.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from platestream.core.ids import SHORT_HASH
from platestream.core.local_time import local
from platestream.core.text import plain_line
from platestream.sinks.sink import CAMERA, Notice, Passage, to_json

_STATES = {
    "provisional": "is in view",
    "sure": "is here",
    "improved": "is read better",
    "final": "was here",
    "withdrawn": "was a mistake, or is part of another passage",
}


@dataclass(frozen=True, slots=True)
class Note:
    """A message for people.

    Attributes:
        title: Fits on one line.
        text: Some more.
        link: Address of the picture, where the receiver asked for one; empty elsewhere.
        crop_jpeg: The plate's picture; None where there is none.
    """

    title: str
    text: str
    link: str = ""
    crop_jpeg: bytes | None = None


def encode_note(passage: Passage, *, with_picture: bool) -> str:
    """The body of a message about a passage, as it waits in the outbox."""
    event = passage.event
    # Where plates may not be kept there is a hash, or nothing at all.
    plate = event.plate or passage.plate_hash[:SHORT_HASH] or "a plate"
    who = f"{passage.known_as} ({plate})" if passage.known_as else plate
    said = [f"{event.confidence:.0%} sure", local(passage.started_at)]
    if passage.state == "final":
        said[1] += f" to {local(passage.ended_at)}"
    said += [passage.direction] if passage.direction else []
    body = {
        # A name that somebody chose may hold a line break, which no subject or header can have.
        "title": plain_line(f"{passage.camera}: {who} {_STATES[passage.state]}"),
        "text": ", ".join(said),
        "link": passage.crop_url,
    }
    if with_picture and passage.crop_jpeg:
        body["crop_jpeg"] = base64.b64encode(passage.crop_jpeg).decode()
    return to_json(body)


def note_of(notice: Notice) -> Note:
    """What a message says, be it on a passage or on a camera."""
    body = json.loads(notice.body)
    if notice.kind.startswith(CAMERA):
        since = local(datetime.fromisoformat(body["since"]))
        return Note(f"{body['camera']}: the camera is {body['state']}", f"since {since}")
    picture = body.get("crop_jpeg")
    crop_jpeg = base64.b64decode(picture) if picture else None
    return Note(body["title"], body["text"], body["link"], crop_jpeg)
