"""One place between a thread that makes things and one that takes them: the newest wins."""

import threading
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Slot(Generic[Item]):
    """Holds at most one item, so that who takes may be slow and memory stays what it is.

    Once it is closed it takes no more: who was told "never again" must not find one later.

    Attributes:
        num_dropped: Items that a newer one replaced before anybody took them.
    """

    def __init__(self) -> None:
        self.num_dropped = 0
        self._item: Item | None = None
        self._is_closed = False
        self._changed = threading.Condition()

    def put(self, item: Item) -> None:
        """Offer an item, in place of one that nobody took."""
        with self._changed:
            if self._is_closed:
                return
            self.num_dropped += self._item is not None
            self._item = item
            self._changed.notify_all()

    def put_when_free(self, item: Item) -> None:
        """Offer an item once the last one was taken, or the slot is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is None or self._is_closed)
            if self._is_closed:
                return
            self._item = item
            self._changed.notify_all()

    def take(self, timeout_s: float) -> Item | None:
        """The item, once there is one; None when there is none for so long, or never again."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._is_closed, timeout_s)
            item, self._item = self._item, None
            self._changed.notify_all()
            return item

    @property
    def is_empty_for_good(self) -> bool:
        """Whether it is closed, and nothing is left in it."""
        with self._changed:
            return self._is_closed and self._item is None

    def close(self) -> None:
        """Say that nothing more will come; what is in it may still be taken."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
