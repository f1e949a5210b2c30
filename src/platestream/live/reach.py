"""Whether a camera's machine can be reached: FFmpeg tells an unknown host from a refusal poorly."""

import socket
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from platestream.core.reach import why_not_reached

PORTS = {"http": 80, "https": 443, "rtmp": 1935, "rtmps": 443, "rtsp": 554, "rtsps": 322}
"""Those of the schemes that begin with a TCP connection, unless the address says another."""

WITHIN_S = 3.0
"""Longest wait for an answer to so simple a question."""


def why_no_camera(address: str) -> str:
    """Why nothing at an address can be reached; empty where something can, or nobody can say.

    Args:
        address: With its scheme.
    """
    parts = _split(address)
    if parts is None or not parts.hostname:
        return ""
    with suppress(ValueError):  # a port that is none
        port = parts.port or PORTS.get(parts.scheme, 0)
        try:
            found = socket.getaddrinfo(parts.hostname, port or None, type=socket.SOCK_STREAM)
            if parts.scheme in PORTS and found:
                socket.create_connection((parts.hostname, port), WITHIN_S).close()
        except OSError as error:
            return why_not_reached(error)
    return ""


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return parts if "://" in address else None
