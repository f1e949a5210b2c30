"""Between a thread that makes things and one that takes them: a limit, and one place."""

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


class RateLimit:
    """Lets things pass that do not come too fast.

    Args:
        max_per_s: How many a second, on average; None for all.
    """

    def __init__(self, max_per_s: float | None) -> None:
        self._least_gap_s = 1 / max_per_s if max_per_s else 0.0
        self._next_s: float | None = None

    def lets_pass(self, now_s: float) -> bool:
        """Whether the thing that comes now may pass; after a late one the next may come sooner."""
        due_s = now_s if self._next_s is None else self._next_s
        if now_s < due_s:
            return False
        # Being late is made up for by one gap at most, or a pause would end in a burst.
        self._next_s = max(due_s + self._least_gap_s, now_s - self._least_gap_s)
        return True
