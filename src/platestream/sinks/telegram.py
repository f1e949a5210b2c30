"""Messages to a Telegram chat, by a bot of yours.

Source: core.telegram.org/bots/api, ``sendMessage`` and ``sendPhoto``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from platestream.core.errors import SinkError
from platestream.sinks.people import encode_note, note_of
from platestream.sinks.settings import Secret, SinkSettings, between, written_as
from platestream.sinks.sink import Notice, Passage, to_json

if TYPE_CHECKING:
    from platestream.sinks.posting import Poster


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TelegramSettings(SinkSettings):
    """Messages to a Telegram chat.

    Attributes:
        token: Of the bot, as BotFather gave it.
        chat: Number of the chat, or ``@name`` of a public channel.
        server: Where the Bot API is.
        picture: Whether the plate's picture is sent.
        timeout_s: Longest wait for the answer.
    """

    token: Annotated[Secret, written_as(r"\d+:[A-Za-z0-9_-]+", "token such as 123456:ABC-DEF")]
    chat: Annotated[str, written_as(r"-?\d+|@\w+", "chat: give its number in quotes, or @name")]
    server: Annotated[str, written_as("https?://.+", "http:// or https:// address")] = (
        "https://api.telegram.org"
    )
    picture: bool = True
    timeout_s: Annotated[float, between(0.001, 600)] = 10.0

    def make(self, cameras: Sequence[str]) -> TelegramSink:
        """See `SinkSettings`."""
        from platestream.sinks.posting import Poster

        bot = f"{self.server.rstrip('/')}/bot{self.token}"
        posters = [
            Poster(f"{bot}/{call}", timeout_s=self.timeout_s)
            for call in ("sendMessage", "sendPhoto")
        ]
        return TelegramSink(*posters, chat=self.chat, picture=self.picture)


class TelegramSink:
    """Sends each message to one chat; a `Sink`.

    Args:
        texts: Knows where messages go.
        photos: Knows where pictures go.
        chat: The chat.
        picture: Whether the plate's picture is sent.
    """

    hears_cameras = wants_frame = False

    def __init__(self, texts: Poster, photos: Poster, *, chat: str, picture: bool) -> None:
        self._texts, self._photos = texts, photos
        self._chat, self._picture = chat, picture

    def start(self) -> None:
        """Nothing to do: each message makes its own connection."""

    def encode(self, passage: Passage) -> str:
        """See `Sink`."""
        return encode_note(passage, with_picture=self._picture)

    def tell(self, notice: Notice) -> None:
        """Send a message; raises what `Poster.post` does."""
        from platestream.sinks.posting import form

        note = note_of(notice)
        text = "\n".join(filter(None, (note.title, note.text, note.link)))
        if note.crop_jpeg:
            fields = {"chat_id": self._chat, "caption": text}
            body, kind = form(fields, {"photo": ("plate.jpg", note.crop_jpeg, "image/jpeg")})
            self._photos.post(body, {"content-type": kind})
        else:
            told = to_json({"chat_id": self._chat, "text": text})
            self._texts.post(told.encode(), {"content-type": "application/json"})

    def check(self) -> str:
        """See `Sink`; Telegram says whether there is such a bot, and whether it sees the chat."""
        if self._texts.ask("GET", "getMe") in (401, 404):
            msg = "Telegram knows no bot of this token; correct `token`"
            raise SinkError(msg)
        if self._texts.ask("GET", f"getChat?chat_id={quote(self._chat)}") >= 400:
            msg = "the bot does not see this chat; correct `chat`, and let the bot join it"
            raise SinkError(msg)
        return "the bot sees the chat"

    def close(self) -> None:
        """See `Sink`."""
        self._texts.close()
        self._photos.close()
