"""What is remembered of each plate while it passes a camera, and the event it is and ends as."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from platestream.core.geometry import Line, Point, centre
from platestream.core.origin import narrowed
from platestream.core.types import Frame, Plate, PlateDecision, Reading
from platestream.live.frames import FrameShelf
from platestream.live.ongoing import Keeping, Ongoing, Standing
from platestream.live.plate_rules import PlateRules
from platestream.live.so_far import SoFar, together
from platestream.live.updates import LiveUpdate, Namer
from platestream.live.zones import Trajectory
from platestream.store.records import NewEvent
from platestream.stream.confidence import MIN_CONFIDENCE, masked
from platestream.stream.life import LifeRules, PlateUpdate, TrackEnd
from platestream.video.events import make_event
from platestream.video.pictures import encode_jpeg
from platestream.video.pipeline import Step
from platestream.video.strips import Strip


@dataclass(slots=True, eq=False)
class _Followed:
    """A track in view, or a passage that waits for its vehicle to come back.

    Attributes:
        so_far: What it is while it is in view, and its crops.
        trajectory: Its way.
        plate: What it ended as; None while it is in view.
    """

    so_far: SoFar = field(default_factory=SoFar)
    trajectory: Trajectory = field(default_factory=Trajectory)
    plate: Plate | None = None

    def join(self, later: "_Followed", lines: Mapping[str, Line]) -> None:
        """Go on as another track of the same passage, at no more memory than one."""
        self.so_far.strip.join(later.so_far.strip)
        self.trajectory.join(later.trajectory, lines)

    def frames_wanted(self) -> set[int]:
        """Indices of the frames that its event may show."""
        best = {self.plate.best_crop.frame_index} if self.plate else set()
        return self.so_far.strip.frames_wanted() | best


@dataclass(frozen=True, slots=True)
class View:
    """What is watched in a camera's picture.

    Attributes:
        zones: Polygons by name.
        lines: Lines by name.
        region: Where its plates are from; None when not told.
        keep_frames: Whether events have their whole frame.
        min_confidence: Plates less sure are not spoken of.
        keeping: When a passage that goes on is stored.
    """

    zones: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)
    region: str | None = None
    keep_frames: bool = True
    min_confidence: float = MIN_CONFIDENCE
    keeping: Keeping = field(default_factory=Keeping)

    def life_rules(self, rules: PlateRules) -> LifeRules:
        """What is worth telling of a plate here."""
        return LifeRules(
            self.min_confidence, is_plate=lambda text: rules.is_expected(rules.rewrite(text))
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step brought.

    Attributes:
        updates: News, in order.
        events: Passages to store: those that are over, and those that go on, as they are now.
        directions: Lines crossed by passages that are over, whether read or not.
        failures: What broke over single plates; to be raised once the rest is handed over.
    """

    updates: list[LiveUpdate] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)
    directions: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Do what is for one plate alone: the end of another comes but once, and is not lost."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - raised by who handed over the rest
            self.failures.append(error)


class Follower:
    """Turns the steps of one run of a camera into updates and events.

    Args:
        camera: Its name.
        view: What is watched in its picture.
        rules: What plates are called, and which count.
        namer: Whose plates they are.
        wall_time: Tells the time of day of a frame.
    """

    def __init__(
        self,
        camera: str,
        view: View,
        rules: PlateRules,
        namer: Namer,
        wall_time: Callable[[float], datetime],
    ) -> None:
        self._camera, self._view, self._rules, self._namer = camera, view, rules, namer
        self._wall_time = wall_time
        self._followed: dict[int, _Followed] = {}
        self._ongoing: dict[str, Ongoing] = {}
        self._sure = view.life_rules(rules).sure
        self._shelf = FrameShelf()

    def see(self, step: Step) -> Outcome:
        """Take the next step."""
        if step.frame:
            self._follow(step.decisions, step.frame)
        for track in step.tracks:
            self._end_track(track)
        if step.frame and self._view.keep_frames:
            wanted = {i for followed in self._followed.values() for i in followed.frames_wanted()}
            self._shelf.keep(step.frame, wanted)
        outcome = Outcome()
        for update in step.updates:
            with outcome.apart():
                outcome.updates.append(self._told(update))
            with outcome.apart():
                if event := self._heard(update):
                    outcome.events.append(event)
        if step.frame:
            for passage_id in self._ongoing:
                with outcome.apart():
                    if event := self._due(passage_id, step.frame.pts_s):
                        outcome.events.append(event)
        for plate in step.ended:
            trajectory = self._followed.pop(plate.track_id).trajectory
            outcome.directions.extend(trajectory.directions())
        return outcome

    def _follow(self, decisions: list[PlateDecision], frame: Frame) -> None:
        width, height = frame.size
        for decision in decisions:
            crop = decision.crop
            followed = self._followed.setdefault(decision.track_id, _Followed())
            followed.so_far.see(decision)
            followed.trajectory.move(
                centre(crop.box_xyxy, width, height), self._view.zones, self._view.lines
            )

    def _end_track(self, track: TrackEnd) -> None:
        # A track that ended in the very frame that broke the source was never seen here.
        followed = self._followed.pop(track.plate.track_id, None) or _Followed()
        followed.so_far.strip.hear(track.plate.readings)
        if track.joined is not None:
            first, last = self._followed.pop(track.joined), followed
            if track.passage.track_id != track.joined:
                first, last = last, first
            first.join(last, self._view.lines)
            followed = first
            gone = {track.joined, track.plate.track_id}
            for ongoing in self._ongoing.values():
                ongoing.join(gone, track.passage.track_id)
        followed.plate = track.passage
        self._followed[track.passage.track_id] = followed

    def _heard(self, update: PlateUpdate) -> NewEvent | None:
        """What an update makes of its event; None where it is not stored yet."""
        if update.plate:
            ongoing = self._ongoing.pop(update.id, None)
            if update.state == "withdrawn" and (ongoing is None or ongoing.stored_s is None):
                return None
            ongoing = ongoing or Ongoing.first_told(update)
            ongoing.hear(update)
            return self._event(update.id, update.plate, ongoing, is_over=True)
        ongoing = self._ongoing.setdefault(update.id, Ongoing.first_told(update))
        ongoing.hear(update)
        if not ongoing.is_kept_at_once(self._view.keeping):
            return None
        return self._event_so_far(update.id, ongoing, update.crop.pts_s, is_news=True)

    def _due(self, passage_id: str, now_s: float) -> NewEvent | None:
        """A passage that nothing was told of, and that is to be stored all the same."""
        ongoing = self._ongoing[passage_id]
        if not ongoing.is_due(now_s, self._standing(ongoing), self._view.keeping):
            return None
        is_news = ongoing.stored_s is None
        return self._event_so_far(passage_id, ongoing, now_s, is_news=is_news)

    def _tracks(self, ongoing: Ongoing) -> list[_Followed]:
        """Those of a passage, the first first."""
        return [self._followed[i] for i in sorted(ongoing.tracks) if i in self._followed]

    def _plate(self, ongoing: Ongoing) -> Plate:
        tracks = self._tracks(ongoing)
        return together(p for t in tracks if (p := t.plate or t.so_far.plate()))

    def _journey(self, tracks: Iterable[_Followed]) -> Trajectory:
        whole = Trajectory()
        for followed in tracks:
            whole.join(followed.trajectory, self._view.lines)
        return whole

    def _standing(self, ongoing: Ongoing) -> Standing:
        trajectory = self._journey(self._tracks(ongoing))
        directions, confidence = tuple(trajectory.directions()), self._plate(ongoing).confidence
        return Standing(tuple(trajectory.zones), directions, confidence)

    def _event_so_far(
        self, passage_id: str, ongoing: Ongoing, now_s: float, *, is_news: bool
    ) -> NewEvent:
        ongoing.note_stored(now_s, self._standing(ongoing))
        event = self._event(passage_id, self._plate(ongoing), ongoing)
        return replace(event, is_news=is_news)

    def _told(self, update: PlateUpdate) -> LiveUpdate:
        plate, known_as = self._called(update.reading, update.confidence)
        return LiveUpdate(
            event_id=update.id,
            camera=self._camera,
            state=update.state,
            plate=plate,
            plate_masked=masked(update.reading),
            confidence=round(update.confidence, 4),
            at=self._wall_time(update.crop.pts_s),
            crop_jpeg=None if update.state == "withdrawn" else encode_jpeg(update.crop.rgb),
            track_id=update.track_id,
            known_as=known_as,
            since=self._wall_time(update.since_s),
            first_at=self._wall_time(update.first_pts_s),
        )

    def _called(self, reading: Reading, confidence: float) -> tuple[str, str]:
        """What a plate is called, and whose it is."""
        plate = self._rules.rewrite(reading.text)
        hidden = masked(reading)
        return plate, self._namer(plate, masked=hidden, confidence=confidence)

    def _event(
        self, passage_id: str, plate: Plate, ongoing: Ongoing, *, is_over: bool = False
    ) -> NewEvent:
        # One that is over is one track by now, whatever else looked like it.
        tracks = [self._followed[plate.track_id]] if is_over else self._tracks(ongoing)
        strip, trajectory = Strip(), self._journey(tracks)
        for followed in tracks:
            strip.join(followed.so_far.strip)
        is_sure = ongoing.sure_s is not None and plate.confidence >= self._sure
        event = make_event(plate, self._camera, crop="", passage_id=passage_id)
        called, known_as = self._called(plate.reading, plate.confidence)
        region = self._view.region
        regions = narrowed(event.regions, region) if region else event.regions
        return NewEvent(
            id=passage_id,
            camera=self._camera,
            event=replace(event, plate=called, regions=regions),
            started_at=self._wall_time(plate.first_pts_s),
            ended_at=self._wall_time(plate.last_pts_s),
            best_at=self._wall_time(plate.best_crop.pts_s),
            crop=plate.best_crop.rgb,
            frame=self._shelf.get(plate.best_crop.frame_index) if self._view.keep_frames else None,
            stack=plate.stacked.rgb if plate.stacked else None,
            strip=strip.frames(self._wall_time),
            zones=tuple(trajectory.zones),
            direction=",".join(trajectory.directions()),
            known_as=known_as,
            read_plate=event.plate if called != event.plate else "",
            state=ongoing.state,
            since=self._wall_time(ongoing.since_s),
            sure_at=self._wall_time(ongoing.sure_s or 0.0) if is_sure else None,
        )
