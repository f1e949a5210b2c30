"""Our own payload: everything an event says, in our own words."""

from datetime import datetime
from typing import Any

from platestream.core.event_fields import told
from platestream.sinks.sink import Passage


def native(passage: Passage) -> dict[str, object]:
    """What is told of a passage; ``event_type`` is there for Home Assistant."""
    said = {each.name: _plain(each.of(passage)) for each in told("receivers")}
    read_plate = passage.read_plate or passage.event.plate
    return {"event_type": "plate"} | said | {"read_plate": read_plate}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
