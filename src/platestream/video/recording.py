"""What a run finds: events, what it left out, and annotated pictures and video."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from platestream.core.boxes import round_box
from platestream.core.plate_event import PlateEvent
from platestream.core.types import BoxXyxy, Plate
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.life import PlateUpdate
from platestream.video.annotate import AnnotatedVideo
from platestream.video.drawing import Annotator
from platestream.video.events import make_event
from platestream.video.outputs import RunFiles
from platestream.video.pictures import write_picture
from platestream.video.pipeline import Step
from platestream.video.sources import PictureSource, Source
from platestream.video.strips import Strips


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A plate that made no event.

    Attributes:
        plate: What was read, if anything was.
        confidence: That it is right, 0..1.
        source: Where.
        box_xyxy: Where in the picture or frame, pixels.
        why: ``below`` the least confidence, ``unread`` (not one character), or ``other`` (no
            plate by a rule, or lettering beside a sure plate of the same vehicle).
    """

    plate: str
    confidence: float
    source: str
    box_xyxy: BoxXyxy
    why: str


class Recording:
    """Gathers what a run finds, and writes it into a folder if there is one.

    The folder's files are replaced with the first step: a run that can open nothing costs an
    earlier one nothing.

    Args:
        out_dir: For `RunFiles`, and for ``annotated/`` if drawings are wanted; None to write
            nothing.
        annotate: Whether to draw.
        all_columns: See `RunFiles`.
        min_confidence: Plates that are less sure are drawn as such; what is an event is told by
            who runs the sources.

    Attributes:
        events: What was reported so far, also what could not be written.
        left_out: What was not.
        written_to: The folder, once anything is written; None elsewhere.
    """

    def __init__(
        self,
        out_dir: Path | None,
        *,
        annotate: bool = False,
        all_columns: bool = False,
        min_confidence: float = MIN_CONFIDENCE,
    ) -> None:
        self.events: list[PlateEvent] = []
        self.left_out: list[LeftOut] = []
        self._out_dir = out_dir
        self.written_to: Path | None = None
        self._open = partial(RunFiles, annotate=annotate, all_columns=all_columns)
        self._files: RunFiles | None = None
        self._annotated = out_dir / "annotated" if out_dir and annotate else None
        self._drawings: set[Path] = set()
        self._min_confidence = min_confidence

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        if self._files:
            self._files.__exit__()

    def of(self, source: Source) -> "SourceRecording":
        """Record one source; use it in a ``with`` statement."""
        return SourceRecording(self, source, self._drawing_path(source), self._min_confidence)

    def open_files(self) -> None:
        """Replace what the folder holds of an earlier run, if that was not done yet.

        Raises:
            StoreError: the folder cannot be written.
        """
        if self._out_dir and not self._files:
            self._files, self.written_to = self._open(self._out_dir), self._out_dir

    def add(
        self,
        updates: Sequence[PlateUpdate],
        over: Sequence[Plate],
        strips: Strips,
        source: Source,
    ) -> None:
        """Report what is told of plates: note all events, then write.

        Args:
            updates: What is told.
            over: Passages that are over, whether they were told of or not.
            strips: Those of the source.
            source: Where.

        Raises:
            StoreError: something could not be written; `events` has them all the same.
        """
        finals = [u for u in updates if u.state == "final" and u.plate]
        events = [
            make_event(
                u.plate,
                source.name,
                f"crops/{number:06d}.png",
                u.id,
                stack=f"crops/{number:06d}-stack.png",
            )
            for number, u in enumerate(finals, start=len(self.events) + 1)
            if u.plate
        ]
        self.events += events
        told = {update.track_id for update in finals}
        self.left_out += [
            _left_out(plate, source.name, self._min_confidence)
            for plate in over
            if plate.track_id not in told
        ]
        kept = [strips.take(update.track_id) for update in finals]
        for plate in over:
            strips.take(plate.track_id)
        ended = iter(zip(events, kept, strict=True))
        if not self._files:
            return
        for update in updates:
            if update.state == "final":
                event, strip = next(ended)
                stacked = update.plate.stacked if update.plate else None
                average = stacked.rgb if event.stack and stacked else None
                self._files.event(event, update.crop.rgb, strip, average)
            self._files.update(update, source.name)

    def _drawing_path(self, source: Source) -> Path | None:
        if not self._annotated:
            return None
        suffix = ".png" if isinstance(source, PictureSource) else ".mp4"
        stem = Path(source.name).stem
        path, number = self._annotated / f"{stem}{suffix}", 1
        while path in self._drawings:  # another source of the same name
            number += 1
            path = path.with_name(f"{stem}-{number}{suffix}")
        self._drawings.add(path)
        return path


def _why(plate: Plate, min_confidence: float) -> str:
    if not plate.reading.text:
        return "unread"
    return "below" if plate.confidence < min_confidence else "other"


def _left_out(plate: Plate, source_name: str, min_confidence: float) -> LeftOut:
    return LeftOut(
        plate=plate.reading.text,
        confidence=round(plate.confidence, 4),
        source=source_name,
        box_xyxy=round_box(plate.best_crop.box_xyxy, 1),
        why=_why(plate, min_confidence),
    )


class SourceRecording:
    """Records the steps of one source.

    Args:
        recording: The run it belongs to.
        source: The source.
        drawing: Where to draw its frames; None not to.
        min_confidence: See `Annotator`.
    """

    def __init__(
        self, recording: Recording, source: Source, drawing: Path | None, min_confidence: float
    ) -> None:
        self._recording, self._source, self._drawing = recording, source, drawing
        self._min_confidence = min_confidence
        self._strips = Strips()
        self._video: AnnotatedVideo | None = None

    def __enter__(self) -> "SourceRecording":
        return self

    def __exit__(self, *_: object) -> None:
        if self._video:
            self._video.__exit__()

    def add(self, step: Step) -> None:
        """Report what is told, then draw the frame.

        Raises:
            StoreError: something could not be written.
        """
        if step.frame or step.decisions or step.updates or step.ended:
            self._recording.open_files()
        self._strips.see(step.decisions, step.tracks)
        self._recording.add(step.updates, step.ended, self._strips, self._source)
        if step.frame and self._drawing:
            if isinstance(self._source, PictureSource):
                drawn = Annotator(self._min_confidence).draw(step.frame.rgb, step.decisions)
                write_picture(self._drawing, drawn)
            else:
                self._video = self._video or AnnotatedVideo(self._drawing, self._min_confidence)
                self._video.write(step.frame, step.decisions)
