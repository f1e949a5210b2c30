"""Events by HTTP POST: signed, with an id that stays the same when it is sent again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from platestream.sinks import signing
from platestream.sinks.payloads import PAYLOADS, Payload, with_crop
from platestream.sinks.settings import Check, Secret, SinkSettings, between, one_of, written_as
from platestream.sinks.sink import Notice, Passage, to_json

if TYPE_CHECKING:
    from platestream.sinks.posting import Poster


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WebhookSettings(SinkSettings):
    """Events by HTTP POST.

    Attributes:
        url: Where to; ``http://`` or ``https://``.
        secret: Signs each message; unsigned when empty.
        payload: In whose words, a key of `PAYLOADS`.
        timeout_s: Longest wait for the answer.
        crop: Whether a message has the plate's picture with it, see `with_crop`.
    """

    url: Annotated[Secret, written_as("https?://.+", "http:// or https:// address")]
    secret: Annotated[Secret, Check(signing.key_of)] = ""
    payload: Annotated[str, one_of(PAYLOADS)] = "native"
    timeout_s: Annotated[float, between(0.001, 600)] = 10.0
    crop: bool = False

    def make(self, cameras: Sequence[str]) -> WebhookSink:
        """See `SinkSettings`."""
        from platestream.sinks.posting import Poster

        poster = Poster(self.url, timeout_s=self.timeout_s)
        return WebhookSink(poster, PAYLOADS[self.payload], secret=self.secret, crop=self.crop)


class WebhookSink:
    """Posts each message to one address; a `Sink`.

    Args:
        poster: Knows the address.
        make: Makes the payload.
        secret: Signs; unsigned when empty.
        crop: Whether a message has the plate's picture with it.

    Raises:
        ConfigError: the secret makes no sense.
    """

    hears_cameras = False

    def __init__(
        self, poster: Poster, make: Payload, *, secret: str = "", crop: bool = False
    ) -> None:
        self._poster, self._make, self._crop = poster, make, crop
        self._key = signing.key_of(secret)

    def start(self) -> None:
        """Nothing to do: each message makes its own connection."""

    def encode(self, passage: Passage) -> str:
        """See `Sink`."""
        body = self._make(passage)
        return to_json(with_crop(body, passage.crop_jpeg) if self._crop else body)

    def tell(self, notice: Notice) -> None:
        """Post a message; raises what `Poster.post` does."""
        body = notice.body.encode()
        self._poster.post(body, self._headers(f"{notice.kind}-{notice.event_id}", body))

    def close(self) -> None:
        """See `Sink`."""
        self._poster.close()

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        timestamp_s = int(time.time())
        headers = {
            "content-type": "application/json",
            "idempotency-key": message_id,
            signing.ID: message_id,
            signing.TIMESTAMP: str(timestamp_s),
        }
        if self._key:
            headers[signing.SIGNATURE] = signing.sign(self._key, message_id, timestamp_s, body)
        return headers
