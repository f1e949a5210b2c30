"""Events by HTTP POST: signed, with an id that stays the same when it is sent again."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from platestream.core.choices import Choices
from platestream.sinks import signing
from platestream.sinks.payloads import PAYLOADS, Payload, with_links, with_pictures
from platestream.sinks.settings import Check, Secret, SinkSettings, between, one_of, written_as
from platestream.sinks.sink import Notice, Passage, to_json

if TYPE_CHECKING:
    from platestream.sinks.posting import Poster

PICTURES_AS: Choices[str] = Choices(
    "way to send pictures",
    {
        "base64": "in the JSON itself",
        "multipart": "as files beside the JSON, as HTML forms send them",
    },
)
"""How pictures go with a message."""

_PARTS = "multipart"
"""The only key of a body that waits to be sent as several parts."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WebhookSettings(SinkSettings):
    """Events by HTTP POST.

    Attributes:
        url: Where to; ``http://`` or ``https://``.
        secret: Signs each message; unsigned when empty.
        payload: In whose words, a key of `PAYLOADS`.
        timeout_s: Longest wait for the answer.
        crop: Whether a message has the plate's picture with it.
        frame: Whether it has the whole frame with it, at most 1280 px wide.
        pictures: How, a key of `PICTURES_AS`.
    """

    url: Annotated[Secret, written_as("https?://.+", "http:// or https:// address")]
    secret: Annotated[Secret, Check(signing.key_of)] = ""
    payload: Annotated[str, one_of(PAYLOADS)] = "native"
    timeout_s: Annotated[float, between(0.001, 600)] = 10.0
    crop: bool = False
    frame: bool = False
    pictures: Annotated[str, one_of(PICTURES_AS)] = "base64"

    def make(self, cameras: Sequence[str]) -> WebhookSink:
        """See `SinkSettings`."""
        from platestream.sinks.posting import Poster

        return WebhookSink(
            Poster(self.url, timeout_s=self.timeout_s),
            PAYLOADS[self.payload],
            secret=self.secret,
            crop=self.crop,
            frame=self.frame,
            pictures=self.pictures,
        )


class WebhookSink:
    """Posts each message to one address; a `Sink`.

    Args:
        poster: Knows the address.
        make: Makes the payload.
        secret: Signs; unsigned when empty.
        crop: Whether a message has the plate's picture with it.
        frame: Whether it has the whole frame with it.
        pictures: How, a key of `PICTURES_AS`.

    Raises:
        ConfigError: the secret makes no sense.
    """

    hears_cameras = False

    def __init__(
        self,
        poster: Poster,
        make: Payload,
        *,
        secret: str = "",
        crop: bool = False,
        frame: bool = False,
        pictures: str = "base64",
    ) -> None:
        self._poster, self._make = poster, make
        self._key = signing.key_of(secret)
        self._crop, self.wants_frame, self._pictures = crop, frame, pictures

    def start(self) -> None:
        """Nothing to do: each message makes its own connection."""

    def encode(self, passage: Passage) -> str:
        """See `Sink`."""
        body = with_links(self._make(passage), passage)
        crop = passage.crop_jpeg if self._crop else None
        frame = passage.frame_jpeg if self.wants_frame else None
        if self._pictures != "multipart":
            return to_json(with_pictures(body, crop, frame))
        # They wait in the outbox as text, and become files when they are sent.
        return to_json({_PARTS: with_pictures({"json": to_json(body)}, crop, frame)})

    def tell(self, notice: Notice) -> None:
        """Post a message; raises what `Poster.post` does."""
        body, kind = _parts(notice.body)
        message_id = f"{notice.kind}-{notice.event_id}"
        self._poster.post(body, self._headers(message_id, body) | {"content-type": kind})

    def check(self) -> str:
        """See `Sink`: what a webhook does with a message only a message can tell."""
        self._poster.ask("OPTIONS")
        return "it answers; whether it takes messages shows with the first one"

    def close(self) -> None:
        """See `Sink`."""
        self._poster.close()

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp_s = int(time.time())
        headers = {
            "idempotency-key": message_id,
            signing.ID: message_id,
            signing.TIMESTAMP: str(timestamp_s),
        }
        if self._key:
            headers[signing.SIGNATURE] = signing.sign(self._key, message_id, timestamp_s, body)
        return headers


def _parts(body: str) -> tuple[bytes, str]:
    """A body as it goes out, and its content type; as it was encoded, whatever is set now."""
    if not body.startswith(f'{{"{_PARTS}":'):
        return body.encode(), "application/json"
    from platestream.sinks.posting import form

    parts = json.loads(body)[_PARTS]
    files = [base64.b64decode(parts[key]) for key in ("frame_jpeg", "crop_jpeg") if key in parts]
    # Plate Recognizer's receivers look for one picture, as `upload`.
    named = zip(("upload", "crop"), files, strict=False)
    jpegs = {name: (f"{name}.jpg", data, "image/jpeg") for name, data in named}
    return form({"json": parts["json"]}, jpegs)
