"""Addresses of pictures that need no login and are good for a while: signed, with an end.

Whoever has the address sees the picture until then, and nothing else; none can be made or made to
last without the key.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Literal, TypeAlias

PATH = "/signed/"
"""Before all of them, on our page."""

PictureName: TypeAlias = Literal["crop", "frame"]


def signed_path(key: bytes, event_id: str, picture: PictureName, until: datetime) -> str:
    """Path and query of a picture.

    Args:
        key: Secret.
        event_id: Of the passage.
        picture: Which of its pictures.
        until: From then on it is not shown any more.
    """
    until_s = int(until.timestamp())
    signature = _sign(key, event_id, picture, until_s)
    return f"{PATH}{event_id}/{picture}.jpg?until={until_s}&signature={signature}"


def is_signed(
    key: bytes, event_id: str, picture: PictureName, until_s: int, signature: str
) -> bool:
    """Whether an address was made with the key as it is; look at its end as well."""
    expected = _sign(key, event_id, picture, until_s)
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


def _sign(key: bytes, event_id: str, picture: str, until_s: int) -> str:
    signed = f"{PATH}{event_id}/{picture}.jpg?{until_s}".encode()
    return hmac.new(key, signed, hashlib.sha256).hexdigest()
