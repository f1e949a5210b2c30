"""What the cameras saw goes into the store, together with what is to be told of it."""

import logging
from collections.abc import Callable
from dataclasses import fields

from platestream.core.errors import StoreError
from platestream.service.telling import Telling
from platestream.store.records import NewEvent, StoredEvent
from platestream.store.store import EventStore

logger = logging.getLogger(__name__)


class Bookkeeper:
    """Keeps passages and their messages; called from one thread, see `service.keeping`.

    Args:
        store: Keeps both, or neither.
        telling: Makes the messages.
        wake: Says that there are some.
    """

    def __init__(self, store: EventStore, telling: Telling, wake: Callable[[], None]) -> None:
        self._store, self._telling, self._wake = store, telling, wake

    def keep(self, event: NewEvent) -> None:
        """Store a passage as it is now.

        Raises:
            StoreError: neither it nor its messages are stored.
        """
        messages = self._telling.messages(self._store.as_kept(event))
        self._store.add(event, messages)
        self._telling.note(event, messages)
        if messages:
            self._wake()

    def end_what_was_left(self) -> None:
        """End the passages of a service that was killed while they went on, as known last.

        One whose row is damaged stays as it is, and the log says so: the service starts.
        """
        for left in self._store.left_open():
            try:
                self.keep(_ended(left))
            except StoreError as error:
                logger.warning("event %s cannot be ended: %s", ascii(left.id)[:60], error)
            except Exception:
                # A damaged row may raise anything.
                logger.exception("event %s cannot be ended", ascii(left.id)[:60])


def _ended(left: StoredEvent) -> NewEvent:
    """The end of a passage that nobody saw; its pictures are in the store already."""
    shared = {each.name for each in fields(StoredEvent)} & {each.name for each in fields(NewEvent)}
    same = {name: getattr(left, name) for name in shared - {"state", "since", "strip"}}
    return NewEvent(**same, crop=None, state="final", since=left.ended_at, is_news=False)
