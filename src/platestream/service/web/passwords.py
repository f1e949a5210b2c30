"""Passwords: argon2 hashes, and checking one without telling whether its user exists."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from platestream.core.errors import ConfigError

MIN_PASSWORD_CHARS = 10
MAX_PASSWORD_CHARS = 1024

_HASHER = PasswordHasher()
# Each check takes tens of megabytes: one at a time, so that logins cannot fill the memory.
_ONE_AT_A_TIME = threading.Lock()


def hash_password(password: str) -> str:
    """The argon2id hash to put into the configuration.

    Raises:
        ConfigError: the password is too short or too long.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        msg = f"a password needs {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters"
        raise ConfigError(msg)
    return _HASHER.hash(password)


def is_password_hash(text: str) -> bool:
    """Whether a text is an argon2 hash that we can check passwords against."""
    try:
        _HASHER.check_needs_rehash(text)
    except InvalidHashError:
        return False
    return True


def is_right(password: str, password_hash: str | None) -> bool:
    """Check a password, taking as long for a user who does not exist (None)."""
    with _ONE_AT_A_TIME:
        try:
            _HASHER.verify(password_hash or _NOBODYS_HASH, password[:MAX_PASSWORD_CHARS])
        except VerificationError:
            return False
    return password_hash is not None


_NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$ydH0R8HtjVRZZc6QRSFXVg$"
    "iQNcKTxL6JhfpT3zYLSeyb6LBGuKjo16fugb0yqkLT8"
)
"""Of forty random bytes that were thrown away, with the hasher's own parameters."""
