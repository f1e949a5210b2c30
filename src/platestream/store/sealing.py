"""Seals what must be known again and not be read in the database: logins of cameras.

AES-GCM by the package `cryptography`, under a key that is derived of a secret. It keeps a secret
from whoever has the database and not the key. Who has both can read it.
"""

import base64
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from platestream.core.errors import StoreError
from platestream.core.private import make_private_folder, open_private

NONCE_BYTES, KEY_BYTES = 12, 32
_VERSION = b"\x02"

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
    hidden = _cipher(key).encrypt(nonce, text.encode(), about.encode())
    return base64.b64encode(_VERSION + nonce + hidden).decode()


def unseal(key: bytes, sealed: str, about: str) -> str | None:
    """What was sealed; None where it was by another key or for another thing, or was changed."""
    start = len(_VERSION) + NONCE_BYTES
    try:
        raw = base64.b64decode(sealed, validate=True)
        if not raw.startswith(_VERSION):
            return None
        nonce, hidden = raw[len(_VERSION) : start], raw[start:]
        return _cipher(key).decrypt(nonce, hidden, about.encode()).decode()
    except (ValueError, InvalidTag):
        return None


def _cipher(key: bytes) -> AESGCM:
    # A secret of any length makes a key of the cipher's (RFC 5869), used for nothing else.
    purpose = b"platestream settings"
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(key))
