"""Seals what must be known again and not be read in the database: logins of cameras.

With the standard library alone, which has no cipher: a nonce, a key stream of HMAC-SHA256 over
nonce and counter, and an HMAC-SHA256 over everything (encrypt, then authenticate; Bellare and
Namprempre, 2000), under two keys that are derived of one secret (HKDF, RFC 5869). It keeps a
secret from whoever has the database and not the key. Who has both can read it.
"""

import base64
import hmac
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from platestream.core.errors import StoreError
from platestream.core.private import make_private_folder, open_private

NONCE_BYTES, TAG_BYTES, KEY_BYTES = 16, 32, 32
_VERSION = b"\x01"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class SealKey:
    """The secret that seals.

    Attributes:
        file: Where a key of its own is kept, for its owner alone; made with the first seal.
        configured: In place of that; what was sealed by the file's key before can still be opened.
    """

    file: Path
    configured: bytes = b""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return "store.settings_key" if self.configured else str(self.file)

    def to_seal(self) -> bytes:
        """The one that seals from now on.

        Raises:
            StoreError: the file cannot be read or made.
        """
        return self.configured or self._in_file() or self._made()

    def to_open(self) -> Iterator[bytes]:
        """Those that may have sealed; a file that cannot be read is logged and opens nothing."""
        if self.configured:
            yield self.configured
        try:
            key = self._in_file()
        except StoreError as error:
            logger.warning("%s", error)
            return
        if key:
            yield key

    def _in_file(self) -> bytes:
        try:
            key = self.file.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            msg = f"{self.file}: the key cannot be read ({error.strerror}); give us the right to"
            raise StoreError(msg) from error
        if len(key) != KEY_BYTES:
            msg = f"{self.file}: is no key of {KEY_BYTES} bytes; put a copy of it in its place"
            raise StoreError(msg)
        return key

    def _made(self) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        try:
            make_private_folder(self.file.parent)
            with open_private(self.file, "xb") as file:
                file.write(key)
        except FileExistsError:  # another process was first
            return self._in_file()
        except OSError as error:
            msg = f"{self.file}: the key cannot be written ({error.strerror}); make room for it"
            raise StoreError(msg) from error
        return key


def seal(key: bytes, text: str, about: str) -> str:
    """Seal a text.

    Args:
        key: Any secret.
        text: To be hidden; its length is not.
        about: Whose it is: it can be opened for nothing else.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    hidden = _mixed(key, nonce, text.encode())
    return base64.b64encode(_VERSION + nonce + hidden + _tag(key, nonce, hidden, about)).decode()


def unseal(key: bytes, sealed: str, about: str) -> str | None:
    """What was sealed; None where it was by another key or for another thing, or was changed."""
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError:
        return None
    nonce, hidden, tag = (
        raw[1 : 1 + NONCE_BYTES],
        raw[1 + NONCE_BYTES : -TAG_BYTES],
        raw[-TAG_BYTES:],
    )
    if len(raw) < 1 + NONCE_BYTES + TAG_BYTES or not raw.startswith(_VERSION):
        return None
    if not hmac.compare_digest(tag, _tag(key, nonce, hidden, about)):
        return None
    return _mixed(key, nonce, hidden).decode()


def derived(secret: bytes, purpose: bytes) -> bytes:
    """A key of one secret for one purpose: HKDF-SHA256 without a salt, of one block."""
    root = hmac.digest(bytes(sha256().digest_size), secret, "sha256")
    return hmac.digest(root, purpose + b"\x01", "sha256")


def _mixed(key: bytes, nonce: bytes, data: bytes) -> bytes:
    """Data with the key stream laid over it; twice gives the data again."""
    own = derived(key, b"platestream settings: hide")
    num_blocks = -(-len(data) // sha256().digest_size)
    blocks = (hmac.digest(own, nonce + n.to_bytes(8, "big"), "sha256") for n in range(num_blocks))
    return bytes(a ^ b for a, b in zip(data, b"".join(blocks), strict=False))


def _tag(key: bytes, nonce: bytes, hidden: bytes, about: str) -> bytes:
    whose = about.encode()
    signed = _VERSION + len(whose).to_bytes(8, "big") + whose + nonce + hidden
    return hmac.digest(derived(key, b"platestream settings: sign"), signed, "sha256")
