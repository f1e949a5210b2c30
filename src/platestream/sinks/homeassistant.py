"""What Home Assistant is told of a camera, so that it shows up by itself.

Source: home-assistant.io, Integrations > MQTT > Device discovery payload (2024.11 or newer).
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platestream.sinks.topics import CameraTopics


def device_id(root: str, camera: str) -> str:
    """What tells a camera's device from all others, also of a second platestream."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", f"{root}_{camera}")


def discovery(
    device_id: str, camera: str, *, sure: str, status: str, own: CameraTopics
) -> dict[str, object]:
    """The device of a camera: an event and a binary sensor for automations, and what to look at.

    Args:
        device_id: See there.
        camera: Its name, of letters, digits, ``_`` and ``-``.
        sure: Topic of each passage that became sure, not retained: an automation that opens a gate
            must not run again because Home Assistant was restarted.
        status: Topic that says ``online`` or ``offline`` of the service.
        own: Topics of the camera by itself.
    """
    software = version("platestream")
    sensor = {"platform": "sensor", "state_topic": own.last}
    return {
        "device": {
            "identifiers": [device_id],
            "name": camera,
            "manufacturer": "platestream",
            "model": "Plate reader",
            "sw_version": software,
        },
        "origin": {"name": "platestream", "sw_version": software},
        "components": {
            f"{device_id}_event": {
                "platform": "event",
                "unique_id": f"{device_id}_event",
                "name": "Plate",
                "icon": "mdi:car",
                "state_topic": sure,
                "event_types": ["plate"],
            },
            f"{device_id}_present": {
                "platform": "binary_sensor",
                "unique_id": f"{device_id}_present",
                "name": "Vehicle present",
                "device_class": "occupancy",
                "state_topic": own.present,
            },
            f"{device_id}_crop": {
                "platform": "image",
                "unique_id": f"{device_id}_crop",
                "name": "Plate picture",
                "content_type": "image/jpeg",
                "image_topic": own.crop,
            },
            f"{device_id}_plate": {
                **sensor,
                "unique_id": f"{device_id}_plate",
                "name": "Last plate",
                "icon": "mdi:car-info",
                "value_template": "{{ value_json.plate }}",
                "json_attributes_topic": own.last,
                "force_update": True,
            },
            f"{device_id}_confidence": {
                **sensor,
                "unique_id": f"{device_id}_confidence",
                "name": "Last confidence",
                "icon": "mdi:percent",
                "value_template": "{{ (value_json.confidence * 100) | round(1) }}",
                "unit_of_measurement": "%",
            },
        },
        "availability": [{"topic": status}, {"topic": own.status}],
        "availability_mode": "all",
        "qos": 1,
    }
