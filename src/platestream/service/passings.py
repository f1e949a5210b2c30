"""What is remembered of each plate while it passes a camera, and the event it ends as."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from platestream.core.geometry import Line, Point, centre
from platestream.core.ids import uuid7
from platestream.core.types import Frame, Plate, PlateCrop, PlateDecision, Reading, Rgb
from platestream.service.frames import FrameShelf
from platestream.service.plates import PlateRules, Verdict
from platestream.store.records import NewEvent, StripFrame
from platestream.stream.confidence import masked
from platestream.stream.recognizer import Reader
from platestream.stream.updates import Updates
from platestream.video.events import MASK_BELOW, make_event
from platestream.video.live.zones import Journey
from platestream.video.pictures import encode_jpeg
from platestream.video.pipeline import Step
from platestream.video.recording import is_reportable

MAX_STRIP, MAX_STRIP_READ = 12, 8
"""Frames of a plate's strip, and how many of them may be there for having been read: the others
are those of best quality."""

MAX_FRAMES = 3
"""Whole frames kept for a plate in view: of its best crops that were read, and as many of its best
that were not, since one of those is read at the end."""

LiveState: TypeAlias = Literal["provisional", "improved", "final", "withdrawn"]


@dataclass(frozen=True, slots=True, eq=False)
class LiveUpdate:
    """News of a passage.

    Attributes:
        event_id: The passage's, from its first update to its `NewEvent`.
        camera: Name of the camera.
        state: ``withdrawn`` when it turned out to be nothing, or part of another passage.
        plate: As ``replace_rules`` have it.
        plate_masked: As it was read, with ``?`` for characters that are not sure.
        confidence: That every character is right, 0..1.
        at: When the crop was taken, UTC.
        crop_jpeg: The crop; None when withdrawn.
        track_id: See `PlateEvent`.
        known_as: Its name in ``known_plates``; empty if none.
    """

    event_id: str
    camera: str
    state: LiveState
    plate: str
    plate_masked: str
    confidence: float
    at: datetime
    crop_jpeg: bytes | None
    track_id: int
    known_as: str = ""


@dataclass(slots=True, eq=False)
class _Seen:
    """A crop that may go into the strip."""

    crop: PlateCrop
    quality: float
    reading: Reading | None = None


@dataclass(slots=True, eq=False)
class _Passing:
    """One track in view, or gone and waited for."""

    id: str
    seen: list[_Seen] = field(default_factory=list)
    journey: Journey = field(default_factory=Journey)
    told: str = ""

    def trim(self) -> None:
        """Keep the best that were read, and the best of the others."""
        read, unread = self.by_quality()
        read = read[:MAX_STRIP_READ]
        self.seen = read + unread[: MAX_STRIP - len(read)]

    def by_quality(self) -> tuple[list[_Seen], list[_Seen]]:
        """Crops that were read, and those that were not, each the best first."""
        best_first = sorted(self.seen, key=lambda seen: -seen.quality)
        return [s for s in best_first if s.reading], [s for s in best_first if not s.reading]

    def frames(self) -> set[int]:
        """The whole frames that its event may want."""
        read, unread = self.by_quality()
        return {seen.crop.frame_index for seen in (*read[:MAX_FRAMES], *unread[:MAX_FRAMES])}


class HeardReader:
    """A reader that remembers what it said of which crop until asked."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._said: list[tuple[Rgb, Reading]] = []

    def __call__(self, rgb: Rgb) -> Reading:
        """Read."""
        reading = self._read(rgb)
        self._said.append((rgb, reading))
        return reading

    def take(self) -> list[tuple[Rgb, Reading]]:
        """What was said since the last time."""
        said, self._said = self._said, []
        return said


@dataclass(frozen=True, slots=True)
class View:
    """What is watched in a camera's picture.

    Attributes:
        zones: Polygons by name.
        lines: Lines by name.
        region: Where its plates are from; None when not told.
    """

    zones: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step brought.

    Attributes:
        updates: News, in order.
        events: Passages that are over and worth an event.
        directions: Lines crossed by passages that are over, whether read or not.
    """

    updates: list[LiveUpdate] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    directions: list[str] = field(default_factory=list)


class Passings:
    """Turns the steps of one run of a camera into updates and events.

    Args:
        camera: Its name.
        view: What is watched in its picture.
        rules: The user's.
        reader: The one that reads in this run.
        wall_time: Tells the time of day of a frame.
        min_confidence: Less sure plates are not spoken of.
        keep_frames: Whether events have their whole frame.
    """

    def __init__(
        self,
        camera: str,
        view: View,
        rules: PlateRules,
        reader: HeardReader,
        wall_time: Callable[[float], datetime],
        *,
        min_confidence: float,
        keep_frames: bool = True,
    ) -> None:
        self._camera, self._view, self._rules = camera, view, rules
        self._reader, self._wall_time = reader, wall_time
        self._min_confidence, self._keep_frames = min_confidence, keep_frames
        self._updates = Updates(min_confidence)
        self._passings: dict[int, _Passing] = {}
        self._shelf = FrameShelf()

    def see(self, step: Step) -> Outcome:
        """Take the next step."""
        if step.frame:
            self._follow(step.decisions, step.frame)
        self._hear()
        if step.frame and self._keep_frames:
            wanted = {index for passing in self._passings.values() for index in passing.frames()}
            self._shelf.keep(step.frame, wanted)
        outcome = Outcome()
        in_view = {decision.crop.track_id for decision in step.decisions}
        for update in self._updates.see(step.decisions):
            self._tell(update.decision, in_view, outcome)
        for plate in step.ended:
            self._end(plate, outcome)
        return outcome

    def _follow(self, decisions: list[PlateDecision], frame: Frame) -> None:
        height, width = frame.rgb.shape[:2]
        for decision in decisions:
            crop = decision.crop
            if crop.track_id not in self._passings:
                self._passings[crop.track_id] = _Passing(uuid7(self._wall_time(crop.pts_s)))
            passing = self._passings[crop.track_id]
            passing.seen.append(_Seen(crop, decision.quality))
            passing.journey.move(
                centre(crop.box_xyxy, width, height), self._view.zones, self._view.lines
            )

    def _hear(self) -> None:
        """Note what the reader said of which crop, then keep only the crops worth it."""
        said = {id(rgb): reading for rgb, reading in self._reader.take()}
        for passing in self._passings.values():
            for seen in passing.seen:
                seen.reading = said.get(id(seen.crop.rgb), seen.reading)
            passing.trim()

    def _tell(self, decision: PlateDecision, in_view: set[int], outcome: Outcome) -> None:
        crop, reading = decision.crop, decision.reading
        verdict = self._rules.judge(reading.text)
        if not verdict.is_expected:
            return
        passing = self._passings[crop.track_id]
        was_told = bool(passing.told)
        if not was_told and (earlier := self._gone(reading.text, in_view)):
            # The same plate is back: it will be one passage, so it has one id from now on.
            passing.id, was_told = earlier.id, True
        passing.told = reading.text
        outcome.updates.append(
            self._update(
                "improved" if was_told else "provisional",
                passing.id,
                crop,
                (reading, decision.confidence),
                verdict,
            )
        )

    def _gone(self, text: str, in_view: set[int]) -> _Passing | None:
        gone = (p for track_id, p in self._passings.items() if track_id not in in_view)
        return next((passing for passing in gone if passing.told == text), None)

    def _end(self, plate: Plate, outcome: Outcome) -> None:
        tracks = (plate.track_id, *plate.continued)
        self._updates.forget(tracks)
        passings = [self._passings.pop(track_id) for track_id in tracks]
        told = [passing for passing in passings if passing.told]
        event_id = (told or passings)[0].id
        for other in self._passings.values():
            if other.id == event_id:  # it looked like this passage, and is another after all
                other.id, other.told = uuid7(self._wall_time(plate.last_pts_s)), ""
        journey = passings[0].journey
        for later in passings[1:]:
            journey.join(later.journey, self._view.lines)
        outcome.directions.extend(journey.directions())
        verdict = self._rules.judge(plate.reading.text)
        is_event = is_reportable(plate, self._min_confidence) and verdict.is_expected
        if is_event:
            seen = [each for passing in passings for each in passing.seen]
            outcome.events.append(self._event(event_id, plate, verdict, journey, seen))
        summary = (plate.reading, plate.confidence)
        for withdrawn in dict.fromkeys(p.id for p in told if not is_event or p.id != event_id):
            outcome.updates.append(
                self._update("withdrawn", withdrawn, plate.best_crop, summary, verdict)
            )
        if is_event:
            outcome.updates.append(
                self._update("final", event_id, plate.best_crop, summary, verdict)
            )

    def _update(
        self,
        state: LiveState,
        event_id: str,
        crop: PlateCrop,
        said: tuple[Reading, float],
        verdict: Verdict,
    ) -> LiveUpdate:
        reading, confidence = said
        return LiveUpdate(
            event_id=event_id,
            camera=self._camera,
            state=state,
            plate=verdict.plate,
            plate_masked=masked(reading, MASK_BELOW),
            confidence=round(confidence, 4),
            at=self._wall_time(crop.pts_s),
            crop_jpeg=None if state == "withdrawn" else encode_jpeg(crop.rgb),
            track_id=crop.track_id,
            known_as=verdict.known_as,
        )

    def _event(
        self, event_id: str, plate: Plate, verdict: Verdict, journey: Journey, seen: list[_Seen]
    ) -> NewEvent:
        event = make_event(plate, self._camera, crop="")
        is_rewritten = verdict.plate != event.plate
        regions = event.regions
        if self._view.region in regions:
            regions = (self._view.region,)
        return NewEvent(
            id=event_id,
            camera=self._camera,
            event=replace(event, plate=verdict.plate, regions=regions),
            started_at=self._wall_time(plate.first_pts_s),
            ended_at=self._wall_time(plate.last_pts_s),
            best_at=self._wall_time(plate.best_crop.pts_s),
            crop=plate.best_crop.rgb,
            frame=self._shelf.get(plate.best_crop.frame_index) if self._keep_frames else None,
            strip=self._strip(seen),
            zones=tuple(journey.zones),
            direction=",".join(journey.directions()),
            known_as=verdict.known_as,
            read_plate=event.plate if is_rewritten else "",
        )

    def _strip(self, seen: list[_Seen]) -> tuple[StripFrame, ...]:
        whole = _Passing("", seen)
        whole.trim()  # several tracks have more than one may have
        in_time = sorted(whole.seen, key=lambda each: each.crop.frame_index)
        return tuple(
            StripFrame(
                frame_index=each.crop.frame_index,
                at=self._wall_time(each.crop.pts_s),
                quality=round(each.quality, 4),
                text=each.reading.text if each.reading else None,
                score=round(each.reading.score, 4) if each.reading else None,
                rgb=each.crop.rgb,
            )
            for each in in_time
        )
