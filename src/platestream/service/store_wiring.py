"""From the configuration's `store` to an event store."""

from pathlib import Path

from platestream.service.config import ServiceConfig, StoreConfig
from platestream.store.database import pictures_beside
from platestream.store.privacy import Privacy
from platestream.store.store import EventStore, open_store


def make_privacy(store: StoreConfig) -> Privacy:
    """What of plates may be kept."""
    return Privacy(store.plates, store.hash_key.get_secret_value().encode())


def open_configured(config: ServiceConfig, *, create: bool = True) -> EventStore:
    """Open the store that is configured.

    Args:
        config: Says which.
        create: Whether a SQLite file that is not there is made.

    Raises:
        ConfigError: its URL makes no sense.
        StoreError: it cannot be opened.
    """
    url = config.store.url.get_secret_value()
    pictures = config.store.pictures or pictures_beside(url) or Path("platestream/pictures")
    key = config.store.settings_key.get_secret_value().encode()
    privacy = make_privacy(config.store)
    return open_store(url, pictures, privacy=privacy, create=create, settings_key=key)
