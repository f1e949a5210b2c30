"""Messages to phones through ntfy (ntfy.sh, or a server of your own).

Source: docs.ntfy.sh, Publishing: one POST to the topic; title and message as headers where the
body is a picture.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from platestream.core.errors import SinkError
from platestream.sinks.people import encode_note, note_of
from platestream.sinks.settings import Secret, SinkSettings, between, written_as
from platestream.sinks.sink import Notice, Passage

if TYPE_CHECKING:
    from platestream.sinks.posting import Poster


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NtfySettings(SinkSettings):
    """Messages through ntfy.

    Attributes:
        topic: Of your own choice. On ntfy.sh whoever knows it can read along, so it is a secret.
        server: Where ntfy runs.
        token: Of an access token; none needed when empty.
        priority: From 1, silent, to 5, loud.
        picture: Whether the plate's picture is sent.
        timeout_s: Longest wait for the answer.
    """

    topic: Annotated[Secret, written_as("[A-Za-z0-9_-]{1,64}", "topic of letters, digits, _ and -")]
    server: Annotated[str, written_as("https?://.+", "http:// or https:// address")] = (
        "https://ntfy.sh"
    )
    token: Secret = ""
    priority: Annotated[int, between(1, 5)] = 3
    picture: bool = True
    timeout_s: Annotated[float, between(0.001, 600)] = 10.0

    def make(self, cameras: Sequence[str]) -> NtfySink:
        """See `SinkSettings`."""
        from platestream.sinks.posting import Poster

        poster = Poster(f"{self.server.rstrip('/')}/{self.topic}", timeout_s=self.timeout_s)
        return NtfySink(
            *(poster, self.topic),
            token=self.token,
            priority=self.priority,
            picture=self.picture,
        )


class NtfySink:
    """Posts each message to one topic; a `Sink`.

    Args:
        poster: Knows the topic's address.
        topic: The topic.
        token: Access token; none when empty.
        priority: 1 to 5.
        picture: Whether the plate's picture is sent.
    """

    hears_cameras = wants_frame = False

    def __init__(
        self, poster: Poster, topic: str, *, token: str, priority: int, picture: bool
    ) -> None:
        self._poster, self._auth, self._picture = poster, f"{topic}/auth", picture
        self._login = {"authorization": f"Bearer {token}"} if token else {}
        self._headers = {"priority": str(priority), **self._login}

    def start(self) -> None:
        """Nothing to do: each message makes its own connection."""

    def encode(self, passage: Passage) -> str:
        """See `Sink`."""
        return encode_note(passage, with_picture=self._picture)

    def tell(self, notice: Notice) -> None:
        """Post a message; raises what `Poster.post` does."""
        note = note_of(notice)
        headers = {**self._headers, "title": _header(note.title)}
        if note.link:
            headers["click"] = note.link
        body = note.text.encode()
        if note.crop_jpeg:
            headers |= {"message": _header(note.text), "filename": "plate.jpg"}
            body = note.crop_jpeg
        self._poster.post(body, headers)

    def check(self) -> str:
        """See `Sink`; ntfy says whether a topic may be used."""
        status = self._poster.ask("GET", self._auth, **self._login)
        if status in (401, 403):
            msg = "the ntfy server does not let us use this topic; correct `token` and `topic`"
            raise SinkError(msg)
        if status >= 400:
            msg = f"answers {status} where ntfy would not; correct `server`"
            raise SinkError(msg)
        return "it lets us use the topic"

    def close(self) -> None:
        """See `Sink`."""
        self._poster.close()


def _header(text: str) -> str:
    """A header's value, which is ASCII; other characters as RFC 2047 has them."""
    if text.isascii():
        return text
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="
