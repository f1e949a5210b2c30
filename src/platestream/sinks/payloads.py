"""The payloads a user may choose: in whose words a passage is told.

A new one is a file beside these and a line here; see ``docs/extending.md``.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from platestream.core.choices import Choices
from platestream.sinks.frigate import frigate
from platestream.sinks.native import native
from platestream.sinks.openalpr import openalpr
from platestream.sinks.platerecognizer import platerecognizer
from platestream.sinks.sink import Passage

Payload: TypeAlias = Callable[[Passage], Mapping[str, object]]
"""What is told of a passage, as it goes into JSON."""

PAYLOADS: Choices[Payload] = Choices(
    "payload",
    {
        "native": native,
        "openalpr": openalpr,
        "platerecognizer": platerecognizer,
        "frigate": frigate,
    },
)
"""In whose words; ours is ``native``."""
