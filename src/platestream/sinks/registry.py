"""The kinds of sinks a user may choose, as ``type`` in the configuration.

A new one is a file beside these, with its settings and the sink, and a line here; see
``docs/extending.md``. Light to import: a kind's libraries are loaded when a sink is made.
"""

from platestream.core.choices import Choices
from platestream.sinks.mail import EmailSettings
from platestream.sinks.mqtt import MqttSettings
from platestream.sinks.ntfy import NtfySettings
from platestream.sinks.settings import SinkSettings
from platestream.sinks.telegram import TelegramSettings
from platestream.sinks.webhook import WebhookSettings

SINKS: Choices[type[SinkSettings]] = Choices(
    "type of sink",
    {
        "webhook": WebhookSettings,
        "mqtt": MqttSettings,
        "ntfy": NtfySettings,
        "email": EmailSettings,
        "telegram": TelegramSettings,
    },
)
"""Whom to tell: type to its settings."""
