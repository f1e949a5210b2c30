"""What of a plate may be kept: its text, a keyed hash of it, or nothing unless it is listed."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from platestream.core.alphabet import normalize
from platestream.core.errors import ConfigError
from platestream.store.records import NewEvent

MIN_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Privacy:
    """How plates are kept.

    Attributes:
        plates: ``keep`` all; only a keyed ``hash`` of each; or text and crops of those that are
            ``listed`` on a watch list or known by name, and nothing of the others.
        key: Of the hashes; without it nobody can tell which plate a hash is of.

    Raises:
        ConfigError: hashes are wanted and the key is too short.
    """

    plates: Literal["keep", "hash", "listed"] = "keep"
    key: bytes = b""

    def __post_init__(self) -> None:
        if self.plates == "hash" and len(self.key) < MIN_KEY_BYTES:
            msg = f"hashing plates needs a secret key of {MIN_KEY_BYTES} bytes or more; give one"
            raise ConfigError(msg)

    def hash(self, plate: str) -> str:
        """HMAC-SHA256 of a plate, 64 hexadecimal digits; empty without a plate or a key."""
        plate = normalize(plate)
        return hmac.digest(self.key, plate.encode(), "sha256").hex() if plate and self.key else ""

    def keeps(self, plate: str, known_as: str, is_watched: Callable[[str], bool]) -> bool:
        """Whether the text of a plate may be kept."""
        if self.plates == "listed":
            return bool(known_as) or is_watched(plate)
        return self.plates == "keep"

    def apply(self, event: NewEvent, is_watched: Callable[[str], bool]) -> NewEvent:
        """Take out of an event what may not be kept.

        Args:
            event: As it was read; one that this went over already stays as it is.
            is_watched: Tells whether a plate is on a watch list.
        """
        if self.plates == "keep":
            return event
        if self.keeps(event.event.plate, event.known_as, is_watched):
            # The whole frame may show the plates of others.
            return replace(event, frame=None)
        is_hashed = self.plates == "hash"
        return replace(
            event,
            event=replace(
                event.event,
                plate="",
                plate_masked="",
                candidates=(),
                crop="",
                num_stacked=0,
                stack="",
            ),
            plate_hash=event.plate_hash or (self.hash(event.event.plate) if is_hashed else ""),
            read_plate="",
            crop=None,
            frame=None,
            stack=None,
            is_thinned=False,  # nor may those stay that are stored
            strip=tuple(replace(frame, text=None, rgb=None) for frame in event.strip),
        )
