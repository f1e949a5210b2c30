"""Ids that sort by time: UUID version 7 (RFC 9562, 5.7), which Python itself has from 3.14 on."""

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> str:
    """A new id for something that happened at `at`."""
    milliseconds = int(at.timestamp() * 1000)
    bits = milliseconds << 80 | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 7 << 76  # version
    bits = bits & ~(0b11 << 62) | 0b10 << 62  # variant
    return str(UUID(int=bits))
