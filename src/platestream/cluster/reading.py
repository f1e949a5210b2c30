"""A worker's part: one unit read, from its frames to the passages it owns.

A passage belongs to the part of the video in which its first track began. A part therefore begins
to look `WARM_UP_S` before it counts, so that what is in view by then is known as older, and goes
on after its end until all that began in it is over.
"""

from collections.abc import Callable, Generator
from pathlib import Path

from platestream.cluster.fetching import shown
from platestream.cluster.units import Birth, Passage, Unit, UnitResult
from platestream.core.errors import PlatestreamError, SourceError, SourceLost
from platestream.core.types import Plate
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.events import make_event
from platestream.video.pictures import encode_picture, is_picture
from platestream.video.pipeline import Pipeline, Step
from platestream.video.segments import SegmentSource
from platestream.video.sources import Source, open_source
from platestream.video.survey import Judge, survey

WARM_UP_S = 6.0
"""Longer than the tracker's memory, the motion gate's and a passage's wait together."""


def read_unit(
    unit: Unit,
    pipeline: Pipeline,
    judge: Judge,
    *,
    path: Path | None = None,
    decoder: str = DEFAULT_DECODER,
) -> UnitResult:
    """Read one unit; what is wrong with its source is part of the result.

    Args:
        unit: What to read.
        pipeline: Reads it.
        judge: Tells whether a picture is a photo or one plate, see `survey`.
        path: Where the source lies now, if not where the unit says.
        decoder: What decodes it, one of `decoders.DECODER_NAMES`.

    Raises:
        PlatestreamError: something else than the source is at fault.
    """
    watch = _Watch(unit)
    source: Source | None = None
    error: PlatestreamError | None = None
    try:
        source = _open(path or Path(unit.source), unit, judge, decoder)
        source.name = unit.source  # ids are made of it
        steps = pipeline.run(source)
        _watch_all(steps, watch)
    except SourceError as problem:
        error = problem
    num_corrupt = source.num_corrupt if source else 0
    return watch.result(num_corrupt, error, _name_in(error, path, shown(unit.source)))


def _open(path: Path, unit: Unit, judge: Judge, decoder: str) -> Source:
    if unit.segment:
        return SegmentSource(path, unit.segment, decoder)
    if is_picture(path):
        (found,) = survey(path, judge).found
        return found.open(decoder)
    return open_source(path, decoder)


def _watch_all(steps: Generator[Step, None, None], watch: "_Watch") -> None:
    try:
        for step in steps:
            watch.see(step)
            if watch.is_done:
                return
    finally:
        steps.close()


def _name_in(error: PlatestreamError | None, path: Path | None, name: str) -> str:
    """The message, with a source that was fetched named by its address."""
    return str(error).replace(str(path), name) if error and path else str(error or "")


class _Watch:
    """Notes what began and what ended, and knows when nothing more is to come."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._births: dict[int, Birth] = {}
        self._owned: set[int] = set()
        self._passages: list[Passage] = []
        self._num_frames = 0
        self._first_s: float | None = None
        self._last_s = 0.0
        self.is_done = False

    def see(self, step: Step) -> None:
        """Take in what one frame brought."""
        segment = self._unit.segment
        out = step.frame.index if step.frame else None
        if step.frame or step.decisions:
            self._num_frames += 1
        if out is not None:
            self._note_births(step, out)
            self._note_time(step, out)
        ids = {u.plate.track_id: u.id for u in step.updates if u.state == "final" and u.plate}
        for plate in step.ended:
            self._note(plate, ids.get(plate.track_id), out)
        if segment and out is not None and out >= segment.end:
            self.is_done = not self._owned

    def result(self, num_corrupt: int, error: PlatestreamError | None, text: str) -> UnitResult:
        """All of it."""
        return UnitResult(
            tuple(self._passages),
            self._births,
            self._num_frames,
            round(self._last_s - (self._first_s or 0.0), 3),
            num_corrupt,
            text,
            error.exit_code if error else 0,
            # What is there but breaks off will not grow; what is not there may come back.
            error is None or isinstance(error, SourceLost),
        )

    def _note_births(self, step: Step, frame: int) -> None:
        begun = sorted({d.track_id for d in step.decisions} - self._births.keys())
        for place, track in enumerate(begun):
            self._births[track] = (frame, place)
            if _counts(self._unit, frame):
                self._owned.add(track)

    def _note_time(self, step: Step, frame: int) -> None:
        if step.frame and _counts(self._unit, frame):
            if self._first_s is None:
                self._first_s = step.frame.pts_s
            self._last_s = step.frame.pts_s

    def _note(self, plate: Plate, passage_id: str | None, out: int | None) -> None:
        tracks = (plate.track_id, *plate.continued)
        self._owned -= set(tracks)
        event, crop, stack = None, b"", b""
        if passage_id:
            event = make_event(plate, self._unit.source, "", passage_id)
            crop = encode_picture(plate.best_crop.rgb)
            stack = encode_picture(plate.stacked.rgb) if plate.stacked else b""
        self._passages.append(Passage(tracks, event, crop, out, stack))


def _counts(unit: Unit, frame: int) -> bool:
    return unit.segment is None or unit.segment.begin <= frame < unit.segment.end


Read = Callable[[Unit], UnitResult]
"""What a worker does with a unit."""
