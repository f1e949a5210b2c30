"""The life of a plate, from the first reading worth telling to the last word on its passage.

::

    (seen) ──> provisional ──> improved ... ──> final
                    └───> sure (once) ───┘ └──> withdrawn

A *track* is what a tracker holds for one plate; a *passage* is one vehicle going by, of one track
or of several that a tracker lost and found again. A passage has one id from first to last. Each one
that was told of has exactly one end: ``final``, or ``withdrawn`` where it came to nothing or turned
out to be part of another passage. An unsure text that went beside a sure plate is lettering of that
vehicle, and comes to nothing. Files and cameras drive the same life.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from platestream.core.plate_event import State
from platestream.core.types import Plate, PlateCrop, PlateDecision, Reading
from platestream.stream.confidence import MIN_CONFIDENCE, masked
from platestream.stream.passages import UNSURE, Passages
from platestream.stream.policy import SURE
from platestream.stream.same_vehicle import Beside

NewId: TypeAlias = Callable[[int, float], str]
"""Makes the id of a passage of its number in its source, from 1, and when it came into view."""


@dataclass(frozen=True, slots=True, eq=False)
class PlateUpdate:
    """A change in a plate's life that is worth telling.

    Attributes:
        id: The passage's, from its first update to its last.
        state: ``provisional`` the first time; ``improved`` when the text changed, the plate became
            sure or is back; ``sure`` the first time it is sure, and never again in this passage;
            ``final`` when it has left for good; ``withdrawn`` when too little of it was left, or
            it is part of another passage.
        since_s: When that came to be, seconds from the source's start.
        first_pts_s: When the passage came into view.
        track_id: The track that tells it; of a passage that is over its first one.
        reading: What is in force.
        confidence: That it is right, 0..1.
        crop: The crop that told it; of a passage that is over the best one.
        plate: What the passage ended as; None while it is in view.
    """

    id: str
    state: State
    since_s: float
    first_pts_s: float
    track_id: int
    reading: Reading
    confidence: float
    crop: PlateCrop
    plate: Plate | None = None

    @property
    def frame_index(self) -> int:
        """The frame it is told of."""
        return self.plate.last_frame if self.plate else self.crop.frame_index

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        told: dict[str, Any] = {
            "state": self.state,
            "track_id": self.track_id,
            "plate": self.reading.text,
            "plate_masked": masked(self.reading),
            "confidence": round(self.confidence, 4),
            "pts_s": round(self.since_s, 3),
            "frame": self.frame_index,
        }
        if self.plate:
            told["continued"] = self.plate.continued
        return told | {"id": self.id}


@dataclass(frozen=True, slots=True, eq=False)
class TrackEnd:
    """A track that is over; its passage may go on for a while, see `Passages`.

    Attributes:
        plate: What the track ended as.
        passage: What its passage is now: `plate`, or that and all tracks before it.
        joined: The passage it turned out to be more of, by the `track_id` that one had; None
            where it is alone as yet.
    """

    plate: Plate
    passage: Plate
    joined: int | None = None


@dataclass(frozen=True, slots=True)
class LifeRules:
    """What is worth telling.

    Attributes:
        min_confidence: Plates that are less sure are not spoken of.
        sure: Confidence from which on a plate is sure.
        is_plate: Whether a text may be a plate at all; others are not spoken of.
    """

    min_confidence: float = MIN_CONFIDENCE
    sure: float = SURE
    is_plate: Callable[[str], bool] = bool


@dataclass(slots=True)
class News:
    """What a frame brought.

    Attributes:
        updates: What is to be told, in order.
        tracks: Tracks that are over.
        passages: Passages that are over, whether they were told of or not.
    """

    updates: list[PlateUpdate] = field(default_factory=list)
    tracks: list[TrackEnd] = field(default_factory=list)
    passages: list[Plate] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Passage:
    id: str
    first_pts_s: float
    is_told: bool = False
    is_sure: bool = False


@dataclass(slots=True, eq=False)
class _Track:
    """A track in view, or the passage that waits for its vehicle to come back.

    Attributes:
        passage: The one it is of; shared by tracks that look like one passage.
        first_pts_s: When it came into view itself.
        told: The text it told last; empty before.
        is_sure: Whether that text was ever sure.
        settled: What it ended as; empty while it is in view.
    """

    passage: _Passage
    first_pts_s: float
    told: str = ""
    is_sure: bool = False
    settled: str = ""


class PlateLives:
    """The lives of all plates of one source.

    Args:
        new_id: See `NewId`.
        rules: What is worth telling.
    """

    def __init__(self, new_id: NewId, rules: LifeRules | None = None) -> None:
        self._new_id, self._rules = new_id, rules or LifeRules()
        self._waiting = Passages()
        self._tracks: dict[int, _Track] = {}
        self._num_passages = 0
        self._news = News()
        self._beside = Beside()

    def end(self, plate: Plate) -> None:
        """Take a track that is over, alone or as more of a passage; the next `see` tells it."""
        self._beside.end(plate)
        track = self._track(plate.track_id, plate.first_pts_s)
        track.settled = plate.reading.text
        joined = self._waiting.end(plate)
        if joined is None:
            self._news.tracks.append(TrackEnd(plate, plate))
            return
        earlier_id, whole = joined
        self._beside.end(whole)
        # Of the two tracks the passage goes on under one, whichever ended first.
        self._beside.forget(earlier_id if whole.track_id != earlier_id else plate.track_id)
        self._news.tracks.append(TrackEnd(plate, whole, earlier_id))
        first, last = self._tracks.pop(earlier_id), self._tracks.pop(plate.track_id)
        if whole.track_id != earlier_id:
            first, last = last, first
        self._join(first, last, whole)

    def see(self, decisions: Iterable[PlateDecision], now_s: float) -> News:
        """Let time pass.

        Args:
            decisions: On the plates in view.
            now_s: Seconds from the source's start.
        """
        decisions = list(decisions)
        self._beside.see(decisions)
        over = self._waiting.see(decisions, now_s)
        in_view = {decision.track_id for decision in decisions}
        for decision in decisions:
            self._tell(decision, in_view)
        return self._take_news(over)

    def flush(self) -> News:
        """All that still wait, at the end of the source; end the tracks in view before."""
        return self._take_news(self._waiting.flush())

    def _tell(self, decision: PlateDecision, in_view: set[int]) -> None:
        track = self._track(decision.track_id, decision.crop.pts_s)
        text = decision.reading.text
        if not self._is_reportable(text, decision.confidence):
            return
        is_sure = decision.confidence >= self._rules.sure
        if track.told == text and (track.is_sure or not is_sure):
            return
        if not track.told and (earlier := self._gone(text, in_view)):
            # The same plate is back: it will be one passage, so it has one id from now on.
            track.passage = earlier.passage
        track.told, track.is_sure = text, is_sure
        passage = track.passage
        self._tell_of(passage, "improved" if passage.is_told else "provisional", decision)
        passage.is_told = True
        if is_sure and not passage.is_sure:
            passage.is_sure = True
            self._tell_of(passage, "sure", decision)

    def _tell_of(self, passage: _Passage, state: State, decision: PlateDecision) -> None:
        self._news.updates.append(
            PlateUpdate(
                passage.id,
                state,
                decision.crop.pts_s,
                passage.first_pts_s,
                decision.track_id,
                decision.reading,
                decision.confidence,
                decision.crop,
            )
        )

    def _gone(self, text: str, in_view: set[int]) -> _Track | None:
        gone = (track for track_id, track in self._tracks.items() if track_id not in in_view)
        return next((track for track in gone if text in (track.told, track.settled)), None)

    def _join(self, first: _Track, last: _Track, whole: Plate) -> None:
        """Make two tracks one passage; an id that was told already is kept."""
        passages = (first.passage, last.passage)
        kept = next((passage for passage in passages if passage.is_told), passages[0])
        for other in passages:
            if other is kept:
                continue
            kept.first_pts_s = min(kept.first_pts_s, other.first_pts_s)
            if other.is_told:
                self._news.updates.append(_end_of(other, "withdrawn", whole))
            for track in self._tracks.values():
                if track.passage is other:
                    track.passage = kept
        self._tracks[whole.track_id] = _Track(
            kept,
            whole.first_pts_s,
            last.told or first.told,
            last.is_sure,
            whole.reading.text,
        )

    def _take_news(self, over: list[Plate]) -> News:
        finals, withdrawn = [], []
        for plate in over:
            passage = self._tracks.pop(plate.track_id).passage
            for track in self._tracks.values():
                if track.passage is passage:  # it looked like this passage, and is another
                    track.passage = self._new_passage(track.first_pts_s)
                    track.told, track.is_sure = "", False
            is_lettering = plate.confidence < UNSURE and self._beside.goes_with_a_sure_one(plate)
            self._beside.forget(plate.track_id)
            if not is_lettering and self._is_reportable(plate.reading.text, plate.confidence):
                finals.append(_end_of(passage, "final", plate))
            elif passage.is_told:
                withdrawn.append(_end_of(passage, "withdrawn", plate))
        news, self._news = self._news, News()
        news.updates += finals + withdrawn
        news.passages += over
        return news

    def _is_reportable(self, text: str, confidence: float) -> bool:
        is_enough = bool(text) and confidence >= self._rules.min_confidence
        return is_enough and self._rules.is_plate(text)

    def _track(self, track_id: int, first_pts_s: float) -> _Track:
        if track_id not in self._tracks:
            self._tracks[track_id] = _Track(self._new_passage(first_pts_s), first_pts_s)
        return self._tracks[track_id]

    def _new_passage(self, first_pts_s: float) -> _Passage:
        self._num_passages += 1
        return _Passage(self._new_id(self._num_passages, first_pts_s), first_pts_s)


def _end_of(passage: _Passage, state: State, plate: Plate) -> PlateUpdate:
    return PlateUpdate(
        passage.id,
        state,
        plate.last_pts_s,
        passage.first_pts_s,
        plate.track_id,
        plate.reading,
        plate.confidence,
        plate.best_crop,
        plate,
    )


def is_reportable(plate: Plate) -> bool:
    """Whether a finished plate says enough to make an event."""
    return bool(plate.reading.text) and plate.confidence >= MIN_CONFIDENCE
