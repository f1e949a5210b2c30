"""Signatures of webhooks, after the Standard Webhooks specification (standardwebhooks.com).

A message is signed over its id, its time and its body, so none of them can be changed or used
again later. Receivers can take the libraries of that project, or `verify` here.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from platestream.core.errors import ConfigError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""The headers."""

TOLERANCE_S = 300
"""How old a message may be, or how far the clocks may differ."""

_PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key that a secret stands for: base64 after ``whsec_``, else the text itself.

    Raises:
        ConfigError: what follows ``whsec_`` is not base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        msg = f"a secret that starts with {_PREFIX} must go on in base64; correct or replace it"
        raise ConfigError(msg) from None


def sign(key: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The signature header: ``v1,`` and HMAC-SHA256 of ``id.timestamp.body`` in base64."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_s: float) -> bool:
    """Whether a webhook is ours, whole and fresh.

    Args:
        secret: The one both sides know.
        headers: As received; case does not matter.
        body: The bytes as received, before anything parses them.
        now_s: Seconds since 1970.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp = given.get(TIMESTAMP, "")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return False
    expected = sign(key_of(secret), given.get(ID, ""), int(timestamp), body).encode()
    # Several signatures stand there while a secret is being replaced.
    signatures = given.get(SIGNATURE, "").split(" ")
    return any(hmac.compare_digest(expected, each.encode()) for each in signatures)
