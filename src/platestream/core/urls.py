"""Addresses with passwords in them, and other secrets, made fit for people's eyes.

Cameras take passwords in every place an address has, so no pattern finds them all. An address is
shown as scheme, host and port alone, where those can be told beyond doubt; and whoever knows the
secrets themselves looks for them in all that goes out, see `Redactor`.
"""

import html
import json
import re
import threading
from collections import deque
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

MASK = "***"

MIN_SECRET_CHARS = 4
"""Shorter ones would be found in half of all words and numbers."""

MAX_OTHERS = 500
"""Secrets of cameras that were tried or are set otherwise by now: whoever tries and changes for
ever must fill no memory."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,30}", re.IGNORECASE)
_HOST = re.compile(r"(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::\d{1,5})?", re.IGNORECASE)
# A scheme of any length would have a text of `a.a.a.` gone through again from each of its dots.
_IN_TEXT = re.compile(r"[a-z0-9+.-]{1,31}://[^\s'\"<>]*", re.IGNORECASE)
_TRAILING = ":;,.)]}"
_VALUES = re.compile(r"=([^&;_?/=#,]+)")


def shown_address(address: str) -> str:
    """An address without anything that may be secret: ``rtsp://camera.local:554``.

    Of one without a scheme, a path, what follows the first sign of a login or a query goes.
    """
    scheme, found, rest = address.partition("://")
    if not found:
        first_sign = re.search(r"[@?=&]", address)
        return (
            f"{address[: first_sign.start()].rpartition('/')[0]}/{MASK}" if first_sign else address
        )
    if not _SCHEME.fullmatch(scheme):
        return MASK
    if not rest:
        return address
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host = authority.rpartition("@")[2]
    # An @ further on may be the true one, after a password that has a slash in it.
    is_sure = "@" not in rest[len(authority) :] and _HOST.fullmatch(host)
    return f"{scheme}://{host if is_sure else MASK}"


def mask_url(text: str) -> str:
    """The same for all addresses in a text; see `shown_address`."""

    def shown(found: re.Match[str]) -> str:
        address = found[0].rstrip(_TRAILING)
        if found[0].startswith("]", len(address)) and address.count("[") > address.count("]"):
            address += "]"
        return shown_address(address) + found[0][len(address) :]

    return _IN_TEXT.sub(shown, text)


def secrets_in(address: str) -> set[str]:
    """What of an address may be secret, in all its parts: login, path, query, and their values."""
    scheme, found, rest = address.partition("://")
    if not found:
        return {address, *_VALUES.findall(address)} if re.search(r"[@?=]", address) else set()
    if scheme.lower() in ("sqlite", "file"):
        return set()
    login, _, after = rest.rpartition("@")
    if scheme.lower().startswith("postgres") and ":" not in login:
        login = ""  # who asks a database is no secret; a camera's name may be all it takes
    tail = re.split(r"[/?#]", after, maxsplit=1)[1:]
    parts = {login, *login.split(":")[1:], login.partition(":")[2], *tail}
    for each in (login, *tail):
        parts |= {value for value in _VALUES.findall(each) if len(value) > 5}
        parts |= {piece for piece in re.split(r"[/?&=#]", each) if len(piece) > 15}
    # Of `rtsp://host/stream1` there is nothing to hide, and to hide it would hide much else.
    if not login and re.fullmatch(r"[a-z0-9_./-]{0,15}", "".join(tail), re.IGNORECASE):
        parts -= set(tail)
    return {part for each in parts for part in (each, unquote(each)) if part}


class Redactor:
    """Hides known secrets in texts, however they are quoted. Thread-safe.

    Args:
        secrets: Those of `MIN_SECRET_CHARS` or more are looked for, always.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._always = _long_enough(secrets)
        self._of: dict[str, set[str]] = {}
        self._others: deque[str] = deque(maxlen=MAX_OTHERS)
        self._sought: dict[str, set[str]] = {}
        self._longest_first: list[str] = []
        self._learning = threading.Lock()
        self._seek()

    def learn(self, secrets: Iterable[str], *, of: str = "") -> None:
        """Look for further ones from now on.

        Args:
            secrets: Those of `MIN_SECRET_CHARS` or more.
            of: Whose they are now, in place of all that it had before. What nobody has, or has any
                more, is looked for as long as it is among the newest `MAX_OTHERS`.
        """
        found, free = _long_enough(secrets), set[str]()
        with self._learning:
            if of:
                free = self._of.pop(of, set())
                if found:
                    self._of[of] = found
            else:
                free = found
            self._others.extend(sorted(free - self._kept() - set(self._others)))
            self._seek()

    def __call__(self, text: str) -> str:
        """A text without the secrets, nor the addresses they stand in."""
        # No pattern of them all: one of many long secrets takes minutes to compile.
        for form in self._longest_first:
            if form in text:
                text = text.replace(form, MASK)
        return mask_url(text)

    def _kept(self) -> set[str]:
        return self._always.union(*self._of.values())

    def _seek(self) -> None:
        sought = self._kept() | set(self._others)
        if sought != self._sought.keys():
            self._sought = {each: self._sought.get(each) or _forms(each) for each in sought}
            forms = set[str]().union(*self._sought.values())
            self._longest_first = sorted(forms, key=len, reverse=True)


def _long_enough(secrets: Iterable[str]) -> set[str]:
    return {secret for secret in secrets if len(secret) >= MIN_SECRET_CHARS}


def _forms(secret: str) -> set[str]:
    """A secret as it may stand in addresses, JSON, pages and what Python shows of a text."""
    quoted = {quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret)}
    return quoted | {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], ascii(secret)[1:-1]}
