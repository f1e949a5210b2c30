"""One HTTP POST, and what its answer means: shared by every sink that speaks to a web server."""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version

import httpx

from platestream.core.errors import ConfigError, SinkError, SinkRefused
from platestream.core.reach import why_not_reached
from platestream.core.urls import MASK

NOT_ABOUT_THE_MESSAGE = frozenset({401, 403, 404, 405, 407, 408, 410, 425, 429})
"""Of all 4xx answers those that another message would get too: a wrong address or key, a hurry."""

MAX_ANSWER_CHARS = 200
"""How much of a refusal is quoted."""

_WORD = re.compile(r"[^\W_]{2,}")


class Poster:
    """Posts to one address.

    Redirects are not followed, as they would carry plates to an address nobody chose, and of the
    answer no more is read than its first piece.

    Args:
        url: ``http://`` or ``https://``; it never stands in a message, as it may hold a secret.
        timeout_s: Longest wait for a connection and for each piece of the answer.

    Raises:
        ConfigError: the address makes no sense.
    """

    def __init__(self, url: str, *, timeout_s: float = 10.0) -> None:
        self._url = _parse(url)
        self._who = f"{self._url.host}:{self._url.port or self._url.scheme}"
        for library in ("httpx", "httpcore"):  # they log whole addresses
            logging.getLogger(library).setLevel(logging.WARNING)
        self._client = httpx.Client(
            timeout=timeout_s,
            follow_redirects=False,
            headers={"user-agent": f"platestream/{version('platestream')}"},
        )

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Post; only a 2xx answer means that it arrived.

        Raises:
            SinkError: no answer, or one that may be better another time.
            SinkRefused: a 4xx answer to this very message.
        """
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as response:
                self._judge(response, body)
        except httpx.HTTPError as error:
            msg = f"{self._who}: {_in_words(error)}"
            raise SinkError(msg) from error

    def ask(self, method: str, path: str = "", **headers: str) -> int:
        """Ask for something that changes nothing; returns the answer's status.

        Args:
            method: ``OPTIONS`` or ``GET``.
            path: In place of the address's own last part; that itself when empty.
            headers: To send.

        Raises:
            SinkError: no answer.
        """
        url = self._url.join(path) if path else self._url
        try:
            with self._client.stream(method, url, headers=headers) as response:
                return response.status_code
        except httpx.HTTPError as error:
            msg = f"{self._who}: {_in_words(error)}"
            raise SinkError(msg) from error

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _judge(self, response: httpx.Response, body: bytes) -> None:
        status = response.status_code
        if response.is_success:
            return
        if response.is_redirect:
            msg = f"{self._who}: answered {status}; redirects are not followed, correct its url"
            raise SinkError(msg)
        msg = f"{self._who}: answered {status}: {_first_words(response, body)}"
        if response.is_client_error and status not in NOT_ABOUT_THE_MESSAGE:
            raise SinkRefused(msg)
        wait = response.headers.get("retry-after", "")
        raise SinkError(msg, float(wait) if wait.isascii() and wait.isdigit() else None)


def _in_words(error: httpx.HTTPError) -> str:
    """What went wrong before there was an answer."""
    why = why_not_reached(error)
    return f"cannot be told ({type(error).__name__}: {error})" + (f"; {why}" if why else "")


def form(
    fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes, str]]
) -> tuple[bytes, str]:
    """A body of fields and files as HTML forms send them, and its content type.

    Args:
        fields: Texts by name.
        files: File name, bytes and content type by name.
    """
    # A field is a file without a name; as `data` alone it would be sent in another form.
    parts = {name: (None, value) for name, value in fields.items()} | dict(files)
    request = httpx.Request("POST", "http://form", files=parts)
    return request.read(), request.headers["content-type"]


def _parse(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        msg = "the url is no address; correct it"
        raise ConfigError(msg) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        msg = f"the url starts with {parsed.scheme or 'nothing'!r}; use http:// or https://"
        raise ConfigError(msg)
    return parsed


def _first_words(response: httpx.Response, body: bytes) -> str:
    """The start of an answer on one line; a long one is not read to its end.

    It goes into logs, and many servers repeat what they refuse: capitals and numbers that were
    sent, as plates are, are left out.
    """
    piece = next(response.iter_raw(), b"")[: 4 * MAX_ANSWER_CHARS]
    words = "".join(c if c.isprintable() else " " for c in piece.decode(errors="replace"))
    sent = {word for word in _WORD.findall(_unescaped(body)) if word == word.upper()}

    def shown(word: re.Match[str]) -> str:
        # The piece may end within a plate.
        is_sent = any(each.startswith(word[0].upper()) for each in sent)
        return MASK if is_sent else word[0]

    words = _WORD.sub(shown, words)
    return " ".join(words.split())[:MAX_ANSWER_CHARS] or "(nothing)"


def _unescaped(body: bytes) -> str:
    """What was sent as text; JSON with its characters as they are."""
    text = body.decode(errors="replace")
    with suppress(ValueError):
        return json.dumps(json.loads(text), ensure_ascii=False)
    return text
