"""How long events are kept."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed.

    Attributes:
        num_events: Events.
        num_pictures: Picture files, those of kept events included.
        freed_bytes: Of the pictures.
    """

    num_events: int = 0
    num_pictures: int = 0
    freed_bytes: int = 0
