"""When a passage that goes on is worth storing again: remembered at once, and not all the time."""

from bisect import bisect
from dataclasses import dataclass, field, replace

from platestream.core.plate_event import State
from platestream.stream.life import PlateUpdate

KEEP_AFTER_S = 3.0
"""A passage that is not sure is stored after so long in view."""

AGAIN_AFTER_S = 20.0
"""A passage in view is stored again after so long, so that a crash forgets no more."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is stored of passages that go on.

    Attributes:
        keep_after_s: See `KEEP_AFTER_S`; 0 where somebody is told of passages that are not sure.
        again_after_s: See `AGAIN_AFTER_S`.
        alarms: Confidences that somebody waits for, ascending.
    """

    keep_after_s: float = KEEP_AFTER_S
    again_after_s: float = AGAIN_AFTER_S
    alarms: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a passage somebody may wait for.

    Attributes:
        zones: Those it was in.
        directions: Lines it crossed.
        confidence: That it is right.
    """

    zones: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    confidence: float = 0.0

    def differs(self, before: "Standing", alarms: tuple[float, ...]) -> bool:
        """Whether there is more now that somebody may have waited for."""
        places = (self.zones, self.directions) != (before.zones, before.directions)
        return places or bisect(alarms, self.confidence) > bisect(alarms, before.confidence)


@dataclass(slots=True, eq=False)
class Ongoing:
    """A passage that was told of and is not over.

    Attributes:
        told_s: When it was told of first, seconds from the source's start.
        state: What was told last.
        since_s: Since when.
        sure_s: When it became sure; None while it is not.
        tracks: Of those that it is of, those that are remembered.
        stored_s: When it was stored last; None before.
        stored: As what.
    """

    told_s: float
    state: State
    since_s: float
    sure_s: float | None = None
    tracks: set[int] = field(default_factory=set)
    stored_s: float | None = None
    stored: Standing = Standing()

    @classmethod
    def first_told(cls, update: PlateUpdate) -> "Ongoing":
        """Begin with its first update."""
        return cls(update.since_s, update.state, update.since_s)

    def hear(self, update: PlateUpdate) -> None:
        """Take an update."""
        self.state, self.since_s = update.state, update.since_s
        self.tracks.add(update.track_id)
        if update.state == "sure":
            self.sure_s = update.since_s

    def is_kept_at_once(self, keeping: Keeping) -> bool:
        """Whether an update just heard is to be stored, and told of, now."""
        is_early = self.sure_s is None and self.stored_s is None
        return not is_early or keeping.keep_after_s <= 0

    def is_due(self, now_s: float, standing: Standing, keeping: Keeping) -> bool:
        """Whether it is to be stored although nothing was told of it."""
        if self.stored_s is None:
            return now_s - self.told_s >= keeping.keep_after_s
        is_old = now_s - self.stored_s >= keeping.again_after_s
        return is_old or standing.differs(self.stored, keeping.alarms)

    def join(self, gone: set[int], track_id: int) -> None:
        """Two tracks became one, under the id of one of them."""
        if self.tracks & gone:
            self.tracks = (self.tracks - gone) | {track_id}

    def note_stored(self, now_s: float, standing: Standing) -> None:
        """It was handed over."""
        highest = max(standing.confidence, self.stored.confidence)
        self.stored_s, self.stored = now_s, replace(standing, confidence=highest)
