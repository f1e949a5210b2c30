"""The store is kept as small as configured, by a thread of its own."""

import logging
import threading
from datetime import timedelta

from platestream.core.errors import PlatestreamError
from platestream.service.config import ServiceConfig
from platestream.service.trusted_clock import TrustedClock
from platestream.store.store import EventStore

logger = logging.getLogger(__name__)

PRUNE_EVERY_S = 600.0


class Pruning:
    """Keeps the store as small as configured, now and then.

    Args:
        config: Says how small.
        store: What is pruned.
    """

    def __init__(self, config: ServiceConfig, store: EventStore) -> None:
        days, gigabytes = config.store.keep_days, config.store.max_gb
        self._max_age = timedelta(days=days) if days is not None else None
        self._max_bytes = round(gigabytes * 1e9) if gigabytes is not None else None
        self._store, self._clock = store, TrustedClock()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pruning", daemon=True)

    def start(self) -> None:
        """Start the thread that prunes."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let it finish what is being done."""
        self._is_stopping.set()

    def stop(self, within_s: float = 5.0) -> None:
        """Wait until it has, for no longer than that: a batch that is cut off is whole or not."""
        self.ask_to_stop()
        self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            try:
                now = self._clock()
                self._store.prune(max_age=self._max_age, max_bytes=self._max_bytes, now=now)
            except PlatestreamError as error:
                logger.warning("pruning failed and is tried again: %s", error)
            except Exception:
                # A thread that ends in silence would let the disk run full.
                logger.exception("pruning failed by an unexpected error and is tried again")
            if self._is_stopping.wait(PRUNE_EVERY_S):
                return
