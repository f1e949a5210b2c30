"""All that is stored of a plate, or of one event: counted, and erased."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from platestream.core.alphabet import normalize
from platestream.store import mentions, outbox, watchlists
from platestream.store.database import Database
from platestream.store.picture_files import is_event_id
from platestream.store.privacy import Privacy
from platestream.store.retention import Retention
from platestream.store.search import Search
from platestream.store.tables import EVENTS


@dataclass(frozen=True, slots=True)
class Traces:
    """What is stored of plates.

    Attributes:
        num_events: Events, each with its pictures.
        num_messages: Messages that wait to be told.
        num_watch_entries: Entries on watch lists.
    """

    num_events: int = 0
    num_messages: int = 0
    num_watch_entries: int = 0

    def __add__(self, other: "Traces") -> "Traces":
        return Traces(
            self.num_events + other.num_events,
            self.num_messages + other.num_messages,
            self.num_watch_entries + other.num_watch_entries,
        )


class Erasure:
    """Finds and removes what is stored of plates, by whole plates or ids of events.

    Args:
        database: Where it is.
        search: Finds a plate's events.
        privacy: Knows a plate's hash.
        retention: Removes events.
    """

    def __init__(
        self, database: Database, search: Search, privacy: Privacy, retention: Retention
    ) -> None:
        self._database, self._search = database, search
        self._privacy, self._retention = privacy, retention

    def count(self, plates: Iterable[str]) -> Traces:
        """What `erase` would remove, each once."""
        wanted = {plate: found for plate in plates if (found := self._search.of(plate)) is not None}
        if not wanted:
            return Traces()
        num_events = select(func.count()).select_from(EVENTS).where(or_(*wanted.values()))
        messages = set().union(*map(self._naming, wanted))
        with self._database.reading() as connection:
            messages.update(*(outbox.of(connection, *each) for each in wanted.items()))
            return Traces(
                connection.scalar(num_events) or 0,
                len(messages),
                watchlists.num_of(connection, map(normalize, wanted)),
            )

    def erase(self, plate: str) -> Traces:
        """Remove all of one plate or event; returns what it was."""
        is_theirs = self._search.of(plate)
        if is_theirs is None:
            return Traces()
        messages = self._naming(plate)
        with self._database.writing() as connection:
            messages |= outbox.of(connection, plate, is_theirs)
            outbox.forget(connection, messages)
            num_entries = watchlists.forget(connection, normalize(plate))
        num_events = self._retention.remove(is_theirs).num_events
        return Traces(num_events, len(messages), num_entries)

    def _naming(self, plate: str) -> set[int]:
        """Numbers of what waits and names a plate, also where its event reads otherwise by now.

        Some at a time: none of the questions takes long, and nobody waits for all of them.
        """
        numbers = set[int]()
        last: int | None = None if is_event_id(plate) else 0
        while last is not None:
            with self._database.reading() as connection:
                hashed = self._privacy.hash(plate)
                some, last = mentions.naming(connection, normalize(plate), hashed, last)
            numbers |= some
        return numbers
