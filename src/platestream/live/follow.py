"""What is remembered of each plate while it passes a camera, and the event it ends as."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from platestream.core.geometry import Line, Point, centre
from platestream.core.ids import uuid7
from platestream.core.types import Frame, Plate, PlateCrop, PlateDecision, Reading
from platestream.live.frames import FrameShelf
from platestream.live.plate_rules import PlateRules
from platestream.live.strips import HeardReader, Strip
from platestream.live.updates import LiveState, LiveUpdate, Namer
from platestream.live.zones import Journey
from platestream.store.records import NewEvent
from platestream.stream.confidence import MIN_CONFIDENCE, masked
from platestream.stream.updates import Updates
from platestream.video.events import MASK_BELOW, make_event
from platestream.video.pictures import encode_jpeg
from platestream.video.pipeline import Step
from platestream.video.recording import is_reportable


@dataclass(slots=True, eq=False)
class _Passing:
    """One track: in view, or gone and waited for."""

    id: str
    strip: Strip = field(default_factory=Strip)
    journey: Journey = field(default_factory=Journey)
    told: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """What is watched in a camera's picture.

    Attributes:
        zones: Polygons by name.
        lines: Lines by name.
        region: Where its plates are from; None when not told.
        keep_frames: Whether events have their whole frame.
        min_confidence: Plates less sure are not spoken of.
    """

    zones: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)
    region: str | None = None
    keep_frames: bool = True
    min_confidence: float = MIN_CONFIDENCE


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
        rules: What plates are called, and which count.
        namer: Whose plates they are.
        reader: The one that reads in this run.
        wall_time: Tells the time of day of a frame.
    """

    def __init__(
        self,
        camera: str,
        view: View,
        rules: PlateRules,
        namer: Namer,
        reader: HeardReader,
        wall_time: Callable[[float], datetime],
    ) -> None:
        self._camera, self._view, self._rules, self._namer = camera, view, rules, namer
        self._reader, self._wall_time = reader, wall_time
        self._updates = Updates(view.min_confidence)
        self._passings: dict[int, _Passing] = {}
        self._shelf = FrameShelf()

    def see(self, step: Step) -> Outcome:
        """Take the next step."""
        if step.frame:
            self._follow(step.decisions, step.frame)
        said = self._reader.take()
        for passing in self._passings.values():
            passing.strip.hear(said)
        if step.frame and self._view.keep_frames:
            wanted = {
                i for passing in self._passings.values() for i in passing.strip.frames_wanted()
            }
            self._shelf.keep(step.frame, wanted)
        outcome = Outcome()
        in_view = {decision.track_id for decision in step.decisions}
        for update in self._updates.see(step.decisions):
            self._tell(update.decision, in_view, outcome)
        for plate in step.ended:
            self._end(plate, outcome)
        return outcome

    def _follow(self, decisions: list[PlateDecision], frame: Frame) -> None:
        height, width = frame.rgb.shape[:2]
        for decision in decisions:
            crop = decision.crop
            if decision.track_id not in self._passings:
                self._passings[decision.track_id] = _Passing(uuid7(self._wall_time(crop.pts_s)))
            passing = self._passings[decision.track_id]
            passing.strip.add(crop, decision.quality)
            passing.journey.move(
                centre(crop.box_xyxy, width, height), self._view.zones, self._view.lines
            )

    def _tell(self, decision: PlateDecision, in_view: set[int], outcome: Outcome) -> None:
        crop, reading = decision.crop, decision.reading
        if not self._rules.is_expected(self._rules.rewrite(reading.text)):
            return
        passing = self._passings[decision.track_id]
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
        for track_id, other in self._passings.items():
            if other.id == event_id:  # it looked like this passage, and is another after all
                other.id, other.told = uuid7(self._wall_time(plate.last_pts_s)), ""
                self._updates.forget((track_id,))
        whole, *later = passings
        for passing in later:
            whole.journey.join(passing.journey, self._view.lines)
            whole.strip.join(passing.strip)
        outcome.directions.extend(whole.journey.directions())
        is_event = is_reportable(plate, self._view.min_confidence) and self._rules.is_expected(
            self._rules.rewrite(plate.reading.text)
        )
        if is_event:
            outcome.events.append(self._event(event_id, plate, whole))
        summary = (plate.reading, plate.confidence)
        for withdrawn in dict.fromkeys(p.id for p in told if not is_event or p.id != event_id):
            outcome.updates.append(self._update("withdrawn", withdrawn, plate.best_crop, summary))
        if is_event:
            outcome.updates.append(self._update("final", event_id, plate.best_crop, summary))

    def _update(
        self,
        state: LiveState,
        event_id: str,
        crop: PlateCrop,
        said: tuple[Reading, float],
    ) -> LiveUpdate:
        reading, confidence = said
        plate, known_as = self._called(reading, confidence)
        return LiveUpdate(
            event_id=event_id,
            camera=self._camera,
            state=state,
            plate=plate,
            plate_masked=masked(reading, MASK_BELOW),
            confidence=round(confidence, 4),
            at=self._wall_time(crop.pts_s),
            crop_jpeg=None if state == "withdrawn" else encode_jpeg(crop.rgb),
            track_id=crop.track_id,
            known_as=known_as,
        )

    def _called(self, reading: Reading, confidence: float) -> tuple[str, str]:
        """What a plate is called, and whose it is."""
        plate = self._rules.rewrite(reading.text)
        hidden = masked(reading, MASK_BELOW)
        return plate, self._namer(plate, masked=hidden, confidence=confidence)

    def _event(self, event_id: str, plate: Plate, passing: _Passing) -> NewEvent:
        event = make_event(plate, self._camera, crop="")
        called, known_as = self._called(plate.reading, plate.confidence)
        regions = event.regions
        if self._view.region in regions:
            regions = (self._view.region,)
        return NewEvent(
            id=event_id,
            camera=self._camera,
            event=replace(event, plate=called, regions=regions),
            started_at=self._wall_time(plate.first_pts_s),
            ended_at=self._wall_time(plate.last_pts_s),
            best_at=self._wall_time(plate.best_crop.pts_s),
            crop=plate.best_crop.rgb,
            frame=self._shelf.get(plate.best_crop.frame_index) if self._view.keep_frames else None,
            strip=passing.strip.frames(self._wall_time),
            zones=tuple(passing.journey.zones),
            direction=",".join(passing.journey.directions()),
            known_as=known_as,
            read_plate=event.plate if called != event.plate else "",
        )
