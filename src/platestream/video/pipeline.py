"""Ties the house together: frames or crops to decisions, and to finished plates."""

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from platestream.core.boxes import box_size, clip_box
from platestream.core.errors import ConfigError
from platestream.core.ids import uuid5
from platestream.core.types import (
    BoxXyxy,
    Detection,
    Frame,
    Plate,
    PlateCrop,
    PlateDecision,
    Rgb,
)
from platestream.models.again import look_again
from platestream.models.edge import is_cut
from platestream.models.preprocess import MIN_CROP_SIDE_PX, check_picture, cut_from
from platestream.stream.life import LifeRules, NewId, News, PlateLives, PlateUpdate, TrackEnd
from platestream.video.engine import Engine, load_engine
from platestream.video.finder import Finder
from platestream.video.sources import CropStream, PictureSource, Source
from platestream.video.tracking import PlateTracker
from platestream.video.with_supervision import Found, as_detections, decisions_to_supervision

if TYPE_CHECKING:
    import supervision


MAX_MOMENTS = 10_000
"""Of those in which passages began, the last ones that are remembered: frames may be pushed for
years, and nothing begins long before what was seen last."""


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

    def to_supervision(self) -> "supervision.Detections":
        """The plates in view, as the `supervision` package passes them around.

        Boxes, confidences and track ids as usual; ``data`` has ``plate`` (the readings now in
        force), ``quality`` and ``quad``.

        Raises:
            ConfigError: the package is not installed.
        """
        return decisions_to_supervision(self.decisions)


class PlateReader:
    """Reads the plates of the frames that you push, in the order they were taken.

    One for each camera or video: it remembers the plates in view.

    Args:
        engine: Detector, networks and rule, see `load_engine`; loaded when omitted.
        name: Of the source; the ids of its passages are made of it.
        every_frame: Look for plates in every frame, also where nothing moves, see `Finder`.
        rules: What is worth telling.
        new_id: Names passages; by default they are named after the source, the same each time it
            is read.
        is_picture: Whether there is one frame only: then the plates' corners are looked for, too.

    Example:
        >>> reader = PlateReader()
        >>> for at_s, rgb in frames:
        ...     for update in reader.push(rgb, at_s).updates:
        ...         print(update.state, update.reading.text, update.confidence)
        >>> reader.finish().ended
    """

    def __init__(
        self,
        engine: Engine | None = None,
        *,
        name: str = "",
        every_frame: bool = False,
        rules: LifeRules | None = None,
        new_id: NewId | None = None,
        is_picture: bool = False,
    ) -> None:
        engine = engine or load_engine()
        self._nearer = engine.nearer if is_picture else None
        self._engine = engine
        self._recognizer, self._tracker = engine.recognizer(), PlateTracker()
        self._finder = Finder(engine.detector, every_frame=every_frame)
        self._lives = PlateLives(new_id or Names(name), rules)
        self._num_frames, self._last_s = 0, float("-inf")
        # What was last cut out of each plate in view, with the detection and the quality.
        self._last: dict[int, tuple[Detection, PlateCrop, float]] = {}

    def push(
        self,
        rgb: Rgb,
        at_s: float,
        detections: "Found | None" = None,
    ) -> Step:
        """Look at the next frame.

        Args:
            rgb: ``(H, W, 3)`` uint8, **red first**: with OpenCV, ``frame[:, :, ::-1]``.
            at_s: When it was taken, seconds from any start; must not go back.
            detections: Plates that a detector of yours found, also none; ours looks when omitted.
                Boxes are ``(N, 4)``: left, top, right, bottom in pixels.

        Raises:
            ShapeError: the frame is no such array.
            ConfigError: time went back.
        """
        check_picture(rgb, "the frame", MIN_CROP_SIDE_PX)
        if at_s < self._last_s:
            msg = (
                f"at_s went back from {self._last_s:g} to {at_s:g}; push frames as they were taken"
            )
            raise ConfigError(msg)
        self._last_s, self._num_frames = at_s, self._num_frames + 1
        found = None if detections is None else as_detections(detections)
        return self.see(Frame(self._num_frames - 1, at_s, rgb), found)

    def see(self, frame: Frame, found: Sequence[Detection] | None = None) -> Step:
        """The same for a `Frame` of a source, which counts its frames itself."""
        is_ours, sure = found is None, self._recognizer.sure_tracks()
        if found is None:
            expected = self._tracker.expected(sure)
            is_idle = not self._recognizer.live_tracks
            found = self._finder.find(frame, expected, is_idle=is_idle)
        plates = [plate for plate in found if is_readable(plate.box_xyxy, frame.size)]
        if self._nearer:
            plates = [self._nearer(frame.rgb, plate) for plate in plates]
            if is_ours and not plates:
                plates = look_again(frame.rgb, self._engine.detector.detect, self._engine.read)
        tracked = self._tracker.update(plates, frame.pts_s)
        last, self._last = self._last, {}
        decisions = [
            self._decide(frame, plate, track_id, last.get(track_id), is_sure=track_id in sure)
            for track_id, plate in tracked.seen
        ]
        # Last of all: a plate that was ended and not yet given would be lost to an error.
        for track_id in tracked.ended:
            self._lives.end(self._recognizer.end(track_id))
        return Step.of(frame, decisions, self._lives.see(decisions, frame.pts_s))

    def _decide(
        self,
        frame: Frame,
        plate: Detection,
        track_id: int,
        last: tuple[Detection, PlateCrop, float] | None,
        *,
        is_sure: bool,
    ) -> PlateDecision:
        if last and self._finder.has_guessed(plate):
            _, crop, quality = last
            crop = _moved(crop, frame, plate)
            self._last[track_id] = plate, crop, quality
            return self._recognizer.pass_by(crop, quality)
        # Where nothing moved, a sure plate is as it was. Of such no more than one picture is kept,
        # so that the same pixels again are no second witness.
        if last and last[0] is plate and is_sure:
            crop, known = _moved(last[1], frame, plate), last[2]
        else:
            crop, known = crop_of(frame, plate, track_id), None
        gap_s = self._tracker.gap_s
        decision = self._recognizer.push(crop, may_part=True, gap_s=gap_s, quality=known)
        if decision.parted:
            self._lives.end(decision.parted)
        self._last[track_id] = plate, crop, decision.quality
        return decision

    def push_crop(self, crop: PlateCrop) -> Step:
        """Look at the next crop of a track that somebody else keeps."""
        decisions = [self._recognizer.push(crop)]
        return Step.of(None, decisions, self._lives.see(decisions, crop.pts_s))

    def finish(self, *, read_kept: bool = True) -> Step:
        """End all plates in view: nothing more comes.

        Args:
            read_kept: Whether the crops kept for the end may be read. Where the reader fails at
                that, nothing is lost: call again without.
        """
        for track in sorted(self._recognizer.live_tracks):
            self._lives.end(self._recognizer.end(track, read_kept=read_kept))
        return Step.of(None, [], self._lives.flush())


class Pipeline:
    """Runs sources, one after the other, each with a `PlateReader` of its own.

    Args:
        engine: Detector, networks and rule.
        every_frame: See `PlateReader`, as the others.
        rules: What is worth telling.
        new_id: Names passages.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        every_frame: bool = False,
        rules: LifeRules | None = None,
        new_id: NewId | None = None,
    ) -> None:
        self._make_reader: Callable[[Source], PlateReader] = lambda source: PlateReader(
            engine,
            name=source.name,
            every_frame=every_frame,
            rules=rules,
            new_id=new_id,
            is_picture=isinstance(source, PictureSource),
        )

    def run(self, source: Source) -> Generator[Step, None, None]:
        """Yield a step for each frame or crop, and a last one with the plates still in view.

        That last step comes also when the source breaks off, anything else fails, the user
        interrupts, or the caller throws an error in; what ended the run is raised after it.

        Raises:
            SourceError: the source broke off.
        """
        reader = self._make_reader(source)
        broken: BaseException | None = None
        try:
            yield from _steps(source, reader)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised below
            broken = error
        try:
            last = reader.finish(read_kept=broken is None)
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised below
            broken, last = error, reader.finish(read_kept=False)
        yield last
        if broken:
            raise broken


def _steps(source: Source, reader: PlateReader) -> Iterator[Step]:
    if isinstance(source, CropStream):
        yield from map(reader.push_crop, source.crops())
    else:
        yield from map(reader.see, source.frames())


def crop_of(frame: Frame, plate: Detection, track_id: int) -> PlateCrop:
    """What is cut out of a frame for one plate."""
    return PlateCrop(
        track_id,
        frame.index,
        frame.pts_s,
        plate.box_xyxy,
        cut_from(frame, plate),
        plate.quad,
        is_cut=is_cut(frame, plate),
    )


def _moved(crop: PlateCrop, frame: Frame, plate: Detection) -> PlateCrop:
    """The same pixels for another frame, where the plate is by now."""
    return replace(
        crop,
        frame_index=frame.index,
        pts_s=frame.pts_s,
        box_xyxy=plate.box_xyxy,
        quad=plate.quad,
    )


class Names:
    """Names the passages of a file by when they came into view.

    That, unlike their number, is known of a part of the file, too.

    Args:
        source_name: The file.
    """

    def __init__(self, source_name: str) -> None:
        self._source_name = source_name
        self._num_at: OrderedDict[str, int] = OrderedDict()

    def __call__(self, _: int, first_pts_s: float) -> str:
        """See `NewId`."""
        moment = f"{first_pts_s:.3f}"
        self._num_at[moment] = self._num_at.get(moment, 0) + 1
        if len(self._num_at) > MAX_MOMENTS:
            self._num_at.popitem(last=False)
        return uuid5(self._source_name, f"{moment}/{self._num_at[moment]}")


def is_readable(box_xyxy: BoxXyxy, size: tuple[int, int]) -> bool:
    """Whether what of a box lies in a picture of a width and height makes a patch."""
    inside = clip_box(box_xyxy, *size)
    return inside is not None and min(box_size(inside)) >= MIN_CROP_SIDE_PX
