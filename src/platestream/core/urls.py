"""Addresses with passwords in them, made fit for people's eyes."""

import re

MASK = "***"

_CREDENTIALS = re.compile(r"(?P<head>\b[a-z][a-z0-9+.-]*://[^\s:/?#@]*:)[^\s'\"]*@", re.IGNORECASE)
_QUERY_SECRET = re.compile(
    r"(?P<head>[?&][\w-]*(?:pass|pwd|token|secret|key|auth)[\w-]*=)[^\s&'\"]*", re.IGNORECASE
)


def mask_url(text: str) -> str:
    """Hide the passwords of all addresses in a text: ``rtsp://user:***@host``.

    Knows passwords before the host, also such as hold an unescaped ``@`` or ``/``, and the
    parameters that cameras take them in (``?user=admin&pwd=...``).
    """
    masked = _CREDENTIALS.sub(rf"\g<head>{MASK}@", text)
    return _QUERY_SECRET.sub(rf"\g<head>{MASK}", masked)
