"""Files that a measurement could not read: they are named, and end no work on the others."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from platestream.core.errors import SourceError
from platestream.core.types import Rgb

logger = logging.getLogger(__name__)

Item = TypeVar("Item")


def each_readable(items: Iterable[Item], read: Callable[[Item], Rgb]) -> Iterator[tuple[Item, Rgb]]:
    """What is labelled and its picture, where it can be read; the log names the others.

    Raises:
        SourceError: none can be read; the last one's.
    """
    num_read, last = 0, None
    for item in items:
        try:
            picture = read(item)
        except SourceError as error:
            logger.warning("%s; left out", error)
            last = error
            continue
        num_read += 1
        yield item, picture
    if last and not num_read:
        raise last


class Unread:
    """Collects why files could not be read.

    Attributes:
        is_news: Whether the last one could not.
    """

    def __init__(self) -> None:
        self._errors: list[SourceError] = []
        self.is_news = False

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note a file that cannot be read, and go on after it."""
        self.is_news = False
        try:
            yield
        except SourceError as error:
            self._errors.append(error)
            self.is_news = True

    def told(self) -> dict[str, int | float | str]:
        """For the figures: ``unread`` says which, and why; empty if all were read."""
        return {"unread": "; ".join(map(str, self._errors))} if self._errors else {}

    def check(self, num_read: int) -> None:
        """Refuse to give figures of nothing.

        Raises:
            SourceError: no file could be read; the last one's.
        """
        if self._errors and not num_read:
            raise self._errors[-1]
