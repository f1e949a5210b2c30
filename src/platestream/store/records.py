"""What the store keeps: plain values, with wall-clock times in UTC.

Only this module is shared between those who write events (the cameras), those who tell them on
(the outbox) and those who show them (the page); none of them sees a table.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from platestream.core.plate_event import PlateEvent, State
from platestream.core.types import Rgb


@dataclass(frozen=True, slots=True, eq=False)
class StripFrame:
    """One frame of a plate's strip: what was seen, what it was worth, what was read.

    Attributes:
        frame_index: Of the camera's run.
        at: When it was taken, UTC.
        quality: Legibility of the crop, 0..1.
        text: What the reader said of this very crop; None where it was not read.
        score: The reader's own score of that, 0..1; None where it was not read.
        rgb: The crop ``(H, W, 3)`` uint8; None when it comes out of the store.
        file: Where the store keeps the crop, relative to its pictures; empty when it goes in.
    """

    frame_index: int
    at: datetime
    quality: float
    text: str | None = None
    score: float | None = None
    rgb: Rgb | None = None
    file: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class NewEvent:
    """A passage on its way into the store, over or still in view.

    Attributes:
        id: A UUID (version 7, so that ids sort by time); of one id there is one event, and it says
            what came last.
        camera: Name of the camera.
        event: What was read.
        started_at: When the plate came into view, UTC.
        ended_at: When it was last seen.
        best_at: When the crop that was read was taken.
        crop: That crop, ``(H, W, 3)`` uint8; None where privacy forbids to keep it.
        frame: The frame it was cut from; None when frames are not kept.
        stack: The average of several crops, as many as `event` says; None where there is none.
        strip: Some of its frames, in time order.
        zones: Names of the zones it was seen in, in that order.
        direction: Name of the line crossed and which way (``gate:in``); empty if none.
        known_as: The name that a watch list or `known_plates` gives it; empty if none.
        plate_hash: Filled in by the store where it may not keep the plate itself.
        read_plate: What the reader said where a rule of the user's put something else into
            `event`; empty where none did.
        state: What became of it; ``final`` once it is over, and nothing changes any more.
        since: Since when, UTC; its end when None.
        sure_at: When it became sure; None while it is not.
        is_news: Whether that state is new; not so where more is known of a passage that goes on.
        is_thinned: Whether pictures were left out for want of room: those of the same crop that are
            stored stay.
        crop_jpeg: The crop as receivers get it; made for them, and not stored.
        frame_jpeg: The same of the frame.
        crop_url: Address of the crop for one receiver; not stored.
        frame_url: The same of the frame.
    """

    id: str
    camera: str
    event: PlateEvent
    started_at: datetime
    ended_at: datetime
    best_at: datetime
    crop: Rgb | None
    frame: Rgb | None = None
    stack: Rgb | None = None
    strip: tuple[StripFrame, ...] = ()
    zones: tuple[str, ...] = ()
    direction: str = ""
    known_as: str = ""
    plate_hash: str = ""
    read_plate: str = ""
    state: State = "final"
    since: datetime | None = None
    sure_at: datetime | None = None
    is_news: bool = True
    is_thinned: bool = False
    crop_jpeg: bytes | None = None
    frame_jpeg: bytes | None = None
    crop_url: str = ""
    frame_url: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.state in ("final", "withdrawn")

    @property
    def is_told_again(self) -> bool:
        """Whether more will be told, so that this may be left out while another of it waits."""
        return not (self.is_news or self.is_over)

    @property
    def picture_bytes(self) -> int:
        """What its pictures take in memory."""
        pictures = [self.crop, self.frame, self.stack, *(each.rgb for each in self.strip)]
        return sum(rgb.nbytes for rgb in pictures if rgb is not None)

    def thinned(self, room_bytes: int) -> "NewEvent":
        """Without its whole frame where there is no room for all, else with its crop alone."""
        thin = self
        if thin.picture_bytes > room_bytes:
            thin = replace(thin, frame=None, is_thinned=True)
        if thin.picture_bytes > room_bytes:
            thin = replace(thin, stack=None, strip=(), is_thinned=True)
        return thin


@dataclass(frozen=True, slots=True, eq=False)
class StoredEvent:
    """A passage as the store gives it back.

    Attributes:
        id: See `NewEvent`, as are the fields that are not named here.
        event: Its ``plate`` is the person's where a person corrected it, else what the user's
            rules made of the reader's; empty where only its hash is kept.
        read_plate: What the reader said, whatever a rule or a person said later.
        corrected_by: Who corrected it; empty where nobody did.
        corrected_at: When.
        plate_hash: Keyed hash of the plate where plates are kept so; empty elsewhere.
        crop_file: Relative to the store's pictures; empty once pruned.
        frame_file: The same.
        state: ``provisional`` or ``sure`` while it goes on, ``final`` once it is over.
        since: Since when, UTC.
    """

    id: str
    camera: str
    event: PlateEvent
    started_at: datetime
    ended_at: datetime
    best_at: datetime
    zones: tuple[str, ...]
    direction: str
    known_as: str
    read_plate: str
    corrected_by: str
    corrected_at: datetime | None
    plate_hash: str
    crop_file: str
    frame_file: str
    state: State = "final"
    since: datetime | None = None
    strip: tuple[StripFrame, ...] = ()

    @property
    def stack_file(self) -> str:
        """The average of several crops, relative to the store's pictures; empty if there is none.

        It lies beside the crop, and is pruned with it.
        """
        has_stack = self.event.num_stacked and self.crop_file
        return f"{self.crop_file.rpartition('/')[0]}/stack.jpg" if has_stack else ""


@dataclass(frozen=True, slots=True)
class Query:
    """Which events to look for; what is None or empty does not narrow.

    Attributes:
        plate: Part of a plate; ``*`` and ``?`` are wildcards for any and for one character, and
            with either of them it is the whole plate that must fit.
        looks_like: A whole plate; finds those that the reader may confuse with it.
        camera: Name of the camera.
        since: Ended at or after.
        until: Started before.
        min_confidence: Least confidence, 0..1.
        known: Only plates that a watch list knows (True) or that none knows (False).
    """

    plate: str = ""
    looks_like: str = ""
    camera: str = ""
    since: datetime | None = None
    until: datetime | None = None
    min_confidence: float = 0.0
    known: bool | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of events, newest first.

    Attributes:
        events: Without their strips.
        next_cursor: Give it back for the next page; None at the end.
    """

    events: list[StoredEvent] = field(default_factory=list)
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """How much a query finds.

    Attributes:
        num_events: Events.
        num_plates: Different plates of theirs; those whose text is not kept count by their hash.
        is_all: Whether these are all; else there are more.
    """

    num_events: int
    num_plates: int
    is_all: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a sink, kept until it was told.

    Attributes:
        sink: Name of the sink in the configuration.
        camera: Messages of one camera go in order.
        event_id: What it is about: an event, which may be gone by now, or nothing of the store.
        kind: What is told of the passage, such as ``sure`` or ``final``; with its id it is what no
            two messages to one sink have in common.
        body: JSON text as the sink wants it, made when the event was stored.
        number: Counts up; 0 until stored.
        num_tries: How often telling it failed.
        due_at: Not before; None when at once.
    """

    sink: str
    camera: str
    event_id: str
    kind: str
    body: str
    number: int = 0
    num_tries: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """One plate on a watch list.

    Attributes:
        list_name: Of the list, such as ``staff``.
        plate: As written, normalised to the alphabet.
        label: Whose it is, what to show.
        id: Given by the store; 0 until stored.
    """

    list_name: str
    plate: str
    label: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Stay:
    """An arrival paired with the departure that followed; either may be missing.

    Attributes:
        plate: The plate; empty where only its hash is kept.
        plate_hash: Its keyed hash, empty elsewhere.
        arrival_id: Event of the arrival; empty when only the departure was seen.
        departure_id: Event of the departure; empty when none was seen.
        arrived_at: When; None when not seen.
        departed_at: When; None when not seen.
        known_as: Whose it is, as the newer of the two events has it; empty if nobody's.
        arrival_camera: Which saw it come; empty when not seen.
        departure_camera: Which saw it leave; empty when not seen.
        arrival_direction: What it crossed then, such as ``gate:in``.
        departure_direction: The same for its leaving.
        came_again: Whether it came again without anybody having seen it leave.
    """

    plate: str
    plate_hash: str
    arrival_id: str
    departure_id: str
    arrived_at: datetime | None
    departed_at: datetime | None
    known_as: str = ""
    arrival_camera: str = ""
    departure_camera: str = ""
    arrival_direction: str = ""
    departure_direction: str = ""
    came_again: bool = False

    @property
    def is_inside(self) -> bool:
        """Whether it came, and was seen neither to leave nor to come again."""
        return bool(self.arrival_id) and not self.departure_id and not self.came_again


@dataclass(frozen=True, slots=True)
class StoredUser:
    """Somebody who was added on the page.

    Attributes:
        name: What they type.
        password_hash: Of argon2.
        role: ``viewer`` or ``operator``.
    """

    name: str
    password_hash: str
    role: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Somebody who is logged in, with nothing by which a reader of it could be.

    Attributes:
        digest: SHA-256 of the cookie, of which nobody else knows the 256 random bits.
        user_name: Whose it is.
        password_hash: Theirs when it began, of argon2: with another password it ends.
        made_at: When it began, UTC.
        used_at: When it was last used, UTC.
    """

    digest: str
    user_name: str
    password_hash: str
    made_at: datetime
    used_at: datetime
