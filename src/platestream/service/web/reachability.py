"""Where the page can be reached, and that strangers who reach it have to log in."""

from dataclasses import dataclass
from ipaddress import ip_address

from platestream.core.errors import ConfigError
from platestream.service.web.auth import Auth

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Exposure:
    """Where a server can be reached, and what it takes.

    Attributes:
        hosts: Names it answers to, in lower case; any when None.
        https: Whether browsers reach it by HTTPS only.
        max_upload_bytes: The largest picture it takes.
        knows_proxies: Whether it was told which proxies to believe when they say who asks.
    """

    hosts: frozenset[str] | None = LOCAL_HOSTS
    https: bool = False
    max_upload_bytes: int = 10_000_000
    knows_proxies: bool = False


def is_local(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_exposure(auth: Auth, host: str, names: frozenset[str]) -> None:
    """Refuse to let in strangers without asking who they are.

    Args:
        auth: The users and tokens.
        host: Where the server listens.
        names: Further host names that it answers to, such as a proxy's.

    Raises:
        ConfigError: it can be reached from elsewhere, and nobody has to log in.
    """
    outside = [name for name in (host, *sorted(names)) if not is_local(name)]
    if auth.is_open and outside:
        msg = (
            f"{outside[0]} can be reached from other machines, and nobody has to log in: add a "
            "user or a token under `server` (`platestream serve --hash-password` makes the hash), "
            "or listen on 127.0.0.1"
        )
        raise ConfigError(msg)
