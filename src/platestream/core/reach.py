"""Why somebody on the network cannot be reached, in words that say what to correct."""

import errno
import socket
import ssl
from collections.abc import Iterator

UNKNOWN_HOST = "no address is known for this host; correct its name, or see to the name server"
REFUSED = "the machine is there, but nothing listens at this port; correct the port, or start it"
NO_ANSWER = "no answer; check the address, the network and the firewalls between"
NO_WAY = "there is no way to it from here; check the address and the network"
NOT_TRUSTED = (
    "its certificate is one that this machine does not trust; add who signed it to the system's, "
    "or name its PEM file in the environment as SSL_CERT_FILE"
)
NO_TLS = "it speaks no TLS there, or none that we do; correct the port or the encryption"
WRONG_LOGIN = "wrong user name or password; correct `username` and `password`"

_NO_WAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN})


def why_not_reached(error: BaseException) -> str:
    """What an error of a library means, or what caused it; empty where it is none of the network.

    Args:
        error: As the library raised it.
    """
    return next(filter(None, map(_meaning, _causes(error))), "")


def _meaning(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return UNKNOWN_HOST
    if isinstance(error, ssl.SSLCertVerificationError):
        return NOT_TRUSTED
    if isinstance(error, ssl.SSLError):
        return NO_TLS
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    if isinstance(error, TimeoutError):
        return NO_ANSWER
    return NO_WAY if isinstance(error, OSError) and error.errno in _NO_WAY else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
