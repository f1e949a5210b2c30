"""Runs an application until it is told to stop, and lets go of those who watch the wall."""

import asyncio
import errno
import socket
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from platestream.core.errors import ConfigError
from platestream.service.web.connections import (
    FILES_OF_OURS,
    ConnectionLimits,
    Places,
    making_connections,
    raise_descriptor_limit,
)
from platestream.service.web.quiet import quiet_log

CLOSE_WITHIN_S = 1


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen.

    Attributes:
        host: Address of this machine.
        port: 0 for any that is free.
        tls_cert: A certificate's PEM file, for HTTPS without a proxy.
        tls_key: Its key.
        proxies: Addresses of proxies whose word on who asks is taken.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    tls_cert: Path | None = None
    tls_key: Path | None = None
    proxies: tuple[str, ...] = ()


class Server(uvicorn.Server):
    """uvicorn, with limits for strangers, and streams that end when it is told to stop.

    Args:
        app: What it serves.
        listening: Where.
        limits: What a connection may cost.

    Raises:
        ConfigError: the certificate or its key cannot be used.
    """

    def __init__(
        self, app: FastAPI, listening: Listening, limits: ConnectionLimits | None = None
    ) -> None:
        self._wall = app.state.services.wall
        quiet_log()
        limits = limits or ConnectionLimits()
        most = max(1, min(limits.max_connections, raise_descriptor_limit() - FILES_OF_OURS))
        self.places = Places(replace(limits, max_connections=most), listening.proxies)
        # Its type is told as a class; all that is done is to call it.
        protocol: Any = making_connections(self.places)
        config = uvicorn.Config(
            app,
            http=protocol,
            host=listening.host,
            port=listening.port,
            ssl_certfile=listening.tls_cert,
            ssl_keyfile=listening.tls_key,
            proxy_headers=bool(listening.proxies),
            forwarded_allow_ips=list(listening.proxies),
            server_header=False,
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=CLOSE_WITHIN_S,
        )
        try:
            config.load()
        except OSError as error:  # also what ssl raises
            msg = f"server.tls_cert, server.tls_key: no usable certificate and key ({error})"
            raise ConfigError(msg) from error
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start; without this, a client could take a minute over its TLS handshake."""
        loop: Any = asyncio.get_running_loop()
        if self.config.is_ssl:
            head_s = self.places.limits.head_s
            loop.create_server = partial(loop.create_server, ssl_handshake_timeout=head_s)
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; without this, uvicorn would wait for streams that never end."""
        self._wall.close()
        await super().shutdown(sockets)


def listen(listening: Listening) -> socket.socket:
    """Take the address before anything else is started.

    Raises:
        ConfigError: somebody else has it, or it is none of this machine's.
    """
    host = listening.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, listening.port))
    except OSError as error:
        taken.close()
        is_taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        advice = "choose another --port" if is_taken else "--host takes an address of this machine"
        msg = f"cannot listen on {host}:{listening.port} ({error.strerror}); {advice}"
        raise ConfigError(msg) from error
    return taken
