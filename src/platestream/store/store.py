"""The event store: what the cameras saw, kept for as long as wanted and no longer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, select

from platestream.core.errors import EventNotFound, StoreError
from platestream.core.private import tighten
from platestream.store import one_event, outbox, rows, watchlists
from platestream.store.database import Database, key_beside
from platestream.store.erasure import Erasure, Traces
from platestream.store.page_settings import Settings
from platestream.store.picture_files import Pictures
from platestream.store.privacy import Privacy
from platestream.store.records import (
    Message,
    NewEvent,
    Page,
    Query,
    Stay,
    StoredEvent,
    Total,
    WatchEntry,
)
from platestream.store.retention import Pruned, Retention
from platestream.store.sealing import SealKey
from platestream.store.search import (
    MAX_PAGE,
    MAX_TOTAL,
    Search,
    by_hour,
    camera_names,
    check_limit,
    cursor_after,
    is_costly,
    newest_first,
    total,
)
from platestream.store.stays import stays
from platestream.store.tables import EVENTS, GOES_ON
from platestream.store.turns import Turns
from platestream.store.writer import EventWriter


def open_store(
    url: str,
    pictures: Path,
    *,
    privacy: Privacy | None = None,
    create: bool = True,
    settings_key: bytes = b"",
) -> "EventStore":
    """Open the event store, bring it up to date and clear away what a crash left.

    Args:
        url: ``sqlite:///events.db``, the path of a SQLite file, or ``postgresql://...``.
        pictures: Folder of its pictures; made with the first one.
        privacy: What of plates is kept; all when omitted.
        create: Whether a SQLite file that is not there is made.
        settings_key: Seals the logins of cameras that are set on the page; a key file beside the
            SQLite file, or with the pictures of a PostgreSQL database, when empty.

    Raises:
        ConfigError: the URL makes no sense.
        StoreError: the store cannot be opened, or is of a newer platestream.
    """
    key = SealKey(key_beside(url) or pictures / "settings.key", settings_key)
    store = EventStore(Database(url, create=create), Pictures(pictures), privacy, key)
    for path in (pictures, key.file):
        tighten(path)
    store.sweep()
    return store


class EventStore:
    """Events in SQLite or PostgreSQL, pictures on disk beside them. Thread-safe.

    Every method raises StoreError when database or disk fail, and ConfigError when it is asked
    what makes no sense.

    Attributes:
        settings: What people set on the page.
    """

    def __init__(
        self,
        database: Database,
        pictures: Pictures,
        privacy: Privacy | None,
        key: SealKey,
    ) -> None:
        """Use `open_store`."""
        self._database, self._pictures = database, pictures
        self.settings = Settings(database, key)
        self._privacy = privacy or Privacy()
        self._search = Search(self._privacy)
        self._retention = Retention(database, pictures)
        self._erasure = Erasure(database, self._search, self._privacy, self._retention)
        self._writer = EventWriter(database, pictures, self._retention, self._as_kept)
        self._turns = Turns()
        self._is_serving = False

    @property
    def keeps_every_plate(self) -> bool:
        """Whether privacy lets every plate be kept."""
        return self._privacy.plates == "keep"

    def as_kept(self, event: NewEvent) -> NewEvent:
        """What privacy leaves of an event: make messages of this, never of the event itself."""
        with self._database.reading() as connection:
            return self._as_kept(connection, event)

    def add(self, event: NewEvent, messages: Sequence[Message] = ()) -> str:
        """Keep an event, its pictures and its messages; once it returns no crash loses them.

        Args:
            event: Of one id there is one event: it is what came last, until it is over. One that
                is withdrawn is removed. Where nothing is new the pictures stay as they were.
            messages: What to tell of it, see `due`; none where the event was over already.

        Returns:
            Its id.
        """
        self._writer.write(event, messages)
        return event.id

    def left_open(self) -> list[StoredEvent]:
        """Events of a service that died while they went on."""
        with self._database.reading() as connection:
            found = connection.execute(select(EVENTS).where(GOES_ON)).mappings().all()
        return [rows.stored_event(row) for row in found]

    def get(self, event_id: str) -> StoredEvent:
        """One event with its strip.

        Raises:
            EventNotFound: there is none of this id.
        """
        with self._database.reading() as connection:
            return one_event.get(connection, event_id)

    def find(self, query: Query, *, limit: int = 50, cursor: str | None = None) -> Page:
        """A page of events, newest first; events that arrive meanwhile shift nothing.

        Args:
            query: What to look for.
            limit: Most events of a page, up to `search.MAX_PAGE`.
            cursor: `Page.next_cursor` of the page before.
        """
        page = newest_first(limit, cursor)
        turn = self._turns.take() if is_costly(query) else nullcontext()
        with turn, self._database.reading() as connection:
            page = page.where(*self._search.conditions(connection, query, is_first_page=not cursor))
            found = [rows.stored_event(row) for row in connection.execute(page).mappings()]
        more = len(found) > limit
        return Page(found[:limit], cursor_after(found[limit - 1]) if more else None)

    def each(self, query: Query) -> Iterator[StoredEvent]:
        """All events, newest first; they may be more than fit into memory."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.find(query, limit=MAX_PAGE, cursor=cursor)
            yield from page.events
            cursor = page.next_cursor

    def total(self, query: Query, *, most: int = MAX_TOTAL) -> Total:
        """How many events fit, and of how many plates; no more than `most` are looked at."""
        with self._turns.take(), self._database.reading() as connection:
            return total(connection, self._search.conditions(connection, query), most)

    def count_by_hour(self, query: Query, past: int = 0) -> list[tuple[datetime, int]]:
        """Events by the hour they ended in, oldest first; hours without events are left out.

        Args:
            query: Which events.
            past: How many minutes past those of UTC the hours begin, as they do in India.
        """
        with self._turns.take(), self._database.reading() as connection:
            return by_hour(connection, self._search.conditions(connection, query), past)

    def cameras(self) -> list[str]:
        """Names of all cameras that have events, sorted."""
        with self._database.reading() as connection:
            return camera_names(connection)

    def correct(
        self, event_id: str, plate: str, *, by: str, name: Callable[[str], str] = lambda _: ""
    ) -> StoredEvent:
        """Note what a person says the plate is; the reading stays beside it.

        Args:
            event_id: The event's.
            plate: What it is.
            by: Who says so.
            name: Tells whose a plate is, as `Naming.of` of the service; nobody's when omitted.

        Raises:
            DataError: the plate has a character outside the alphabet, or none; or privacy forbids
                to keep it.
            EventNotFound: there is none of this id.
        """
        with self._database.writing() as connection:
            return one_event.correct(connection, event_id, plate, by, self._privacy, name)

    def corrections(self) -> Iterator[StoredEvent]:
        """Every event that a person corrected, with its strip, oldest correction first."""
        with self._database.reading() as connection:
            event_ids = one_event.corrected_ids(connection)
        for event_id in event_ids:
            with suppress(EventNotFound):  # pruned meanwhile
                yield self.get(event_id)

    def has_hashes(self) -> bool:
        """Whether plates are kept as hashes here, some at least, which takes their key to find."""
        hashed = select(EVENTS.c.id).where(EVENTS.c.plate_hash > "").limit(1)
        with self._database.reading() as connection:
            return connection.scalar(hashed) is not None

    def picture(self, file: str) -> Path:
        """Where a picture lies that an event names.

        Raises:
            EventNotFound: it was pruned.
            StoreError: it is no picture of the store.
        """
        return self._pictures.path(file)

    def serve(self) -> None:
        """Be the one service of this store, until it is closed.

        Raises:
            StoreError: another is it already.
        """
        if not self._database.lease.take():
            msg = (
                f"{self._database.name}: another `platestream serve` works with this store "
                f"({self._database.lease.holder()}); stop it, or give this one a `store.url` of "
                "its own"
            )
            raise StoreError(msg)
        self._is_serving = True

    def due(self, now: datetime, *, limit: int = 100) -> list[Message]:
        """Messages to tell now: of each sink and camera only the oldest one is ever due.

        None once another service has taken over, after this one's session was lost: StoreError.
        """
        if self._is_serving:
            self.serve()
        with self._database.reading() as connection:
            return outbox.due(connection, now, limit)

    def enqueue(self, messages: Sequence[Message]) -> None:
        """Keep messages that are about no event."""
        with self._database.writing() as connection:
            outbox.enqueue(connection, messages)

    def num_waiting(self) -> dict[str, int]:
        """How many messages wait for each sink; those for which none does are left out."""
        with self._database.reading() as connection:
            return outbox.num_waiting(connection)

    def told(self, number: int) -> None:
        """A message arrived; forget it."""
        with self._database.writing() as connection:
            outbox.told(connection, number)

    def retry(self, number: int, due_at: datetime) -> None:
        """A message did not arrive; it is due again at `due_at`, and what follows it waits.

        That is at most `outbox.LONGEST_WAIT` away.
        """
        with self._database.writing() as connection:
            outbox.retry(connection, number, due_at)

    def watch_entries(self) -> list[WatchEntry]:
        """All watch lists, sorted by list and plate."""
        with self._database.reading() as connection:
            return watchlists.entries(connection)

    def watch(self, entry: WatchEntry) -> WatchEntry:
        """Put a plate on a list; where it is on it already its label is replaced.

        Raises:
            DataError: the plate has a character outside the alphabet, or none; or the lists are
                full.
        """
        with self._database.writing() as connection:
            kept = watchlists.put(connection, entry)
            watchlists.check_number(connection)
        return kept

    def watch_all(self, entries: Sequence[WatchEntry]) -> None:
        """Put many plates on their lists, all of them or none.

        Raises:
            DataError: a plate has a character outside the alphabet, or none; or the lists are
                full.
        """
        with self._database.writing() as connection:
            for entry in entries:
                watchlists.put(connection, entry)
            watchlists.check_number(connection)

    def rewatch(self, entry_id: int, entry: WatchEntry) -> WatchEntry:
        """Put another entry in the place of one.

        Raises:
            DataError: the plate has a character outside the alphabet, or none.
            EventNotFound: there is none of this id.
        """
        with self._database.writing() as connection:
            return watchlists.change(connection, entry_id, entry)

    def unwatch(self, entry_id: int) -> None:
        """Take an entry off its list.

        Raises:
            EventNotFound: there is none of this id.
        """
        with self._database.writing() as connection:
            watchlists.remove(connection, entry_id)

    def stays(self, *, inside_only: bool = False, limit: int = 100) -> list[Stay]:
        """Arrivals paired with the departures that followed, newest first.

        Args:
            inside_only: Only of those who came, and were seen neither to leave nor to come again.
            limit: How many at most.
        """
        check_limit(limit)
        with self._turns.take(), self._database.reading() as connection:
            return stays(connection, inside_only=inside_only, limit=limit)

    def prune(
        self,
        *,
        max_age: timedelta | None = None,
        max_bytes: int | None = None,
        now: datetime | None = None,
    ) -> Pruned:
        """Remove events older than `max_age`, and the oldest pictures above `max_bytes`.

        Args:
            max_age: None not to.
            max_bytes: None not to.
            now: The time it is; that of the clock when omitted.
        """
        self.sweep()
        removed = Pruned()
        if max_age is not None:
            removed += self._retention.older_than(max_age, now)
        if max_bytes is not None:
            removed += self._retention.larger_than(max_bytes)
        return removed

    def erase(self, plate: str) -> Traces:
        """Remove all that is known of a plate: events, pictures, messages, watch entries.

        Args:
            plate: Whole, as read or as corrected; or the id of an event, to remove that one.

        Returns:
            What it was.
        """
        return self._erasure.erase(plate)

    def count_of(self, plates: Iterable[str]) -> Traces:
        """What `erase` would remove, by the same plates and ids."""
        return self._erasure.count(plates)

    def sweep(self) -> None:
        """Clear away what a crash left; done at opening and with every `prune`."""
        self._retention.sweep()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _as_kept(self, connection: Connection, event: NewEvent) -> NewEvent:
        return self._privacy.apply(event, partial(watchlists.is_watched, connection))
