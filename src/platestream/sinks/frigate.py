"""Frigate's message on a plate: MQTT topic ``frigate/tracked_object_update``, type ``lpr``.

Source: docs.frigate.video, Integrations > MQTT > License Plate Recognition Update.
"""

from platestream.sinks.sink import Passage


def frigate(passage: Passage) -> dict[str, object]:
    """The message; ``name`` is null where no list knows the plate, as in Frigate."""
    return {
        "type": "lpr",
        "id": passage.id,
        "name": passage.known_as or None,
        "plate": passage.event.plate,
        "score": passage.event.confidence,
        "camera": passage.camera,
        "timestamp": passage.best_at.timestamp(),
    }
