"""Whose plate it is, by `known_plates` and by the watch lists as they are now."""

import logging
import threading

from platestream.core.errors import StoreError
from platestream.core.matching import MARK_COST
from platestream.live.known_plates import Watch
from platestream.live.updates import LiveUpdate
from platestream.service.config import ServiceConfig
from platestream.service.store_wiring import make_privacy
from platestream.store.records import WatchEntry
from platestream.store.store import EventStore

logger = logging.getLogger(__name__)

LISTS_AGE_S = 2.0
"""A change of the watch lists counts after so long at the latest."""

LISTS_RETRY_S = 30.0
"""A store that failed is not asked again for so long."""


class Naming:
    """Names plates by `known_plates` and by the store's watch lists as they are now.

    The cameras ask, and a thread of its own looks at the store: nobody waits for it.

    Args:
        config: Has the known plates.
        store: Has the lists.
    """

    def __init__(self, config: ServiceConfig, store: EventStore) -> None:
        self._config, self._store = config, store
        self._privacy = make_privacy(config.store)
        self._note([])
        self._is_failing = False
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch lists", daemon=True)

    def start(self) -> None:
        """Look once, and then now and then."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """Look no more; there is nothing to wait for."""
        self._is_stopping.set()

    def name(self, plate: str, /, *, masked: str, confidence: float) -> str:
        """Whose plate it is; empty when unknown. While the store fails, as it was known last."""
        return self._watch.name(plate, masked=masked, confidence=confidence)

    def of(self, plate: str) -> str:
        """Whose a plate is that a person wrote, to the letter but for marks; empty if nobody's."""
        return self._to_the_letter.name(plate)

    def as_shown(self, update: LiveUpdate) -> LiveUpdate:
        """What of a passing plate is for all eyes: what may be kept of it, and no more."""
        is_listed = self._listed.__contains__
        is_shown = self._privacy.keeps(update.plate, update.known_as, is_listed)
        return update if is_shown else update.without_plate()

    def look(self) -> None:
        """Take the lists as they are now; where the store fails, they stay as they were."""
        try:
            entries = self._store.watch_entries()
        except StoreError as error:
            if not self._is_failing:
                logger.warning("the watch lists are those of before: %s", error)
            self._is_failing = True
            return
        self._is_failing = False
        if entries != self._entries:
            self._note(entries)

    def _run(self) -> None:
        while not self._is_stopping.wait(LISTS_RETRY_S if self._is_failing else LISTS_AGE_S):
            try:
                self.look()
            except Exception:
                # A thread that ends in silence would leave the lists as they are for ever.
                logger.exception("the watch lists cannot be read, and are looked at again")

    def _note(self, entries: list[WatchEntry]) -> None:
        known, distance = self._config.known_plates, self._config.match_distance
        self._entries, self._listed = entries, frozenset(entry.plate for entry in entries)
        self._watch = Watch(known, entries, max_distance=distance)
        self._to_the_letter = Watch(known, entries, max_distance=MARK_COST)
