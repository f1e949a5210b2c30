"""Ties the house together: a source's frames or crops to decisions, and to finished plates."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from platestream.core.detector import Detector
from platestream.core.errors import PlatestreamError
from platestream.core.types import BoxXyxy, Frame, Plate, PlateCrop, PlateDecision
from platestream.models.preprocess import MIN_CROP_SIDE_PX, cut_plate
from platestream.stream.passages import Passages
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
    """

    frame: Frame | None
    decisions: list[PlateDecision]
    ended: list[Plate]


class Pipeline:
    """Runs sources through detector, tracker and heart.

    Args:
        detector: Finds plates in frames.
        make_recognizer: Makes a fresh heart for each source, so that no track outlives it.
        every_frame: Look for plates in every frame, also where nothing moves, see `MotionGate`.
    """

    def __init__(
        self,
        detector: Detector,
        make_recognizer: Callable[[], PlateRecognizer],
        *,
        every_frame: bool = False,
    ) -> None:
        self._detector, self._make_recognizer = detector, make_recognizer
        self._every_frame = every_frame

    def run(self, source: Source) -> Generator[Step, None, None]:
        """Yield a step for each frame or crop, and a last one with the plates still in view.

        That last step comes also when the source breaks off, the user interrupts, or the
        caller throws an error in; what ended the run is raised after it.

        Raises:
            SourceError: the source broke off.
        """
        recognizer, passages = self._make_recognizer(), Passages()
        steps = (
            self._run_crops(source, recognizer)
            if isinstance(source, CropStream)
            else self._run_frames(source, recognizer, passages)
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
            passages.end(plate)
        yield Step(None, [], passages.flush())
        if broken:
            raise broken

    def _run_frames(
        self, source: FrameSource, recognizer: PlateRecognizer, passages: Passages
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
                    passages.end(decision.parted)
                decisions.append(decision)
            # Last of all: a plate that was ended and not yet yielded would be lost to an error.
            for track_id in tracked.ended:
                passages.end(recognizer.end(track_id))
            yield Step(frame, decisions, passages.see(decisions, frame.pts_s))

    def _run_crops(self, source: CropStream, recognizer: PlateRecognizer) -> Iterator[Step]:
        for crop in source.crops():
            yield Step(None, [recognizer.push(crop)], [])


def is_readable(box_xyxy: BoxXyxy) -> bool:
    """Whether a box is large enough to make a patch of."""
    x1, y1, x2, y2 = box_xyxy
    return min(x2 - x1, y2 - y1) >= MIN_CROP_SIDE_PX
