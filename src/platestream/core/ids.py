"""Ids of passages (RFC 9562): of cameras version 7, which sorts by time, of files version 5."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

_OF_FILES = UUID("6f0b1a52-7a0f-5b0e-8f44-0b6a5d3c9e21")
"""The namespace of `uuid5`: any will do, so long as it stays."""

SHORT_HASH = 12
"""Characters of a plate's hash that people are told."""


def uuid7(at: datetime, chance: int | None = None) -> str:
    """An id for something that happened at `at`.

    Args:
        at: When.
        chance: 80 bits that tell it from others of that moment; new ones at each call if omitted.
    """
    milliseconds = int(at.timestamp() * 1000)
    bits = milliseconds << 80 | (secrets.randbits(80) if chance is None else chance)
    bits = bits & ~(0xF << 76) | 7 << 76  # version
    bits = bits & ~(0b11 << 62) | 0b10 << 62  # variant
    return str(UUID(int=bits))


def uuid5(source: str, moment: str) -> str:
    """The id of the passage that a file shows at a moment: the same whenever it is read again."""
    # A file's name may hold bytes that are no text; Python's own uuid5 takes text only.
    name = f"{source}#{moment}".encode(errors="surrogatepass")
    digest = hashlib.sha1(_OF_FILES.bytes + name, usedforsecurity=False).digest()
    return str(UUID(bytes=digest[:16], version=5))
