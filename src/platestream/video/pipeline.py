"""Ties the house together: a source's frames or crops to decisions, and to finished plates."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

from platestream.core.detector import Detector
from platestream.core.errors import PlatestreamError
from platestream.core.ids import uuid5
from platestream.core.types import BoxXyxy, Frame, Plate, PlateCrop, PlateDecision
from platestream.models.preprocess import MIN_CROP_SIDE_PX, cut_plate
from platestream.stream.life import LifeRules, NewId, News, PlateLives, PlateUpdate, TrackEnd
from platestream.stream.recognizer import PlateRecognizer
from platestream.video.motion import MotionGate
from platestream.video.sources import CropStream, FrameSource, Source
from platestream.video.tracking import PlateTracker


@dataclass(frozen=True, slots=True)
class Step:
    """What one frame, or the end of the source, brought.

    Attributes:
        frame: The frame; None for crops and for the last step of a source.
        decisions: One for each plate in view.
        ended: Plates that have left for good: a while ago, since a plate that the tracker lost
            may come back.
        updates: What is worth telling of the plates' lives, in order.
        tracks: Tracks that are over, also those whose passage may go on.
    """

    frame: Frame | None
    decisions: list[PlateDecision]
    ended: list[Plate]
    updates: list[PlateUpdate] = field(default_factory=list)
    tracks: list[TrackEnd] = field(default_factory=list)

    @classmethod
    def of(cls, frame: Frame | None, decisions: list[PlateDecision], news: News) -> "Step":
        """A step with its news."""
        return cls(frame, decisions, news.passages, news.updates, news.tracks)


class Pipeline:
    """Runs sources through detector, tracker and heart.

    Args:
        detector: Finds plates in frames.
        make_recognizer: Makes a fresh heart for each source, so that no track outlives it.
        every_frame: Look for plates in every frame, also where nothing moves, see `MotionGate`.
        rules: What is worth telling.
        new_id: Names passages; by default they are named after their source, the same each time
            it is run.
    """

    def __init__(
        self,
        detector: Detector,
        make_recognizer: Callable[[], PlateRecognizer],
        *,
        every_frame: bool = False,
        rules: LifeRules | None = None,
        new_id: NewId | None = None,
    ) -> None:
        self._detector, self._make_recognizer = detector, make_recognizer
        self._every_frame = every_frame
        self._rules, self._new_id = rules, new_id

    def run(self, source: Source) -> Generator[Step, None, None]:
        """Yield a step for each frame or crop, and a last one with the plates still in view.

        That last step comes also when the source breaks off, the user interrupts, or the
        caller throws an error in; what ended the run is raised after it.

        Raises:
            SourceError: the source broke off.
        """
        new_id = self._new_id or (lambda number, _: uuid5(source.name, number))
        recognizer, lives = self._make_recognizer(), PlateLives(new_id, self._rules)
        steps = (
            self._run_crops(source, recognizer, lives)
            if isinstance(source, CropStream)
            else self._run_frames(source, recognizer, lives)
        )
        broken: BaseException | None = None
        try:
            yield from steps
        except (PlatestreamError, KeyboardInterrupt) as error:
            broken = error
        for track in sorted(recognizer.live_tracks):
            try:
                plate = recognizer.end(track, read_kept=broken is None)
            except (PlatestreamError, KeyboardInterrupt) as error:
                broken = error
                plate = recognizer.end(track, read_kept=False)
            lives.end(plate)
        yield Step.of(None, [], lives.flush())
        if broken:
            raise broken

    def _run_frames(
        self, source: FrameSource, recognizer: PlateRecognizer, lives: PlateLives
    ) -> Iterator[Step]:
        tracker = PlateTracker()
        gate = MotionGate(self._detector.detect, every_frame=self._every_frame)
        for frame in source.frames():
            found = gate.detect(frame, is_idle=not recognizer.live_tracks)
            tracked = tracker.update([d for d in found if is_readable(d.box_xyxy)], frame.pts_s)
            decisions = []
            for track_id, detection in tracked.seen:
                rgb, box = cut_plate(frame.rgb, detection), detection.box_xyxy
                crop = PlateCrop(track_id, frame.index, frame.pts_s, box, rgb, detection.quad)
                decision = recognizer.push(crop, may_part=True)
                if decision.parted:
                    lives.end(decision.parted)
                decisions.append(decision)
            # Last of all: a plate that was ended and not yet yielded would be lost to an error.
            for track_id in tracked.ended:
                lives.end(recognizer.end(track_id))
            yield Step.of(frame, decisions, lives.see(decisions, frame.pts_s))

    def _run_crops(
        self, source: CropStream, recognizer: PlateRecognizer, lives: PlateLives
    ) -> Iterator[Step]:
        for crop in source.crops():
            decisions = [recognizer.push(crop)]
            yield Step.of(None, decisions, lives.see(decisions, crop.pts_s))


def is_readable(box_xyxy: BoxXyxy) -> bool:
    """Whether a box is large enough to make a patch of."""
    x1, y1, x2, y2 = box_xyxy
    return min(x2 - x1, y2 - y1) >= MIN_CROP_SIDE_PX
