"""What a run leaves behind: events, the crops that were read, annotated pictures and video."""

from dataclasses import asdict
from pathlib import Path

from platestream.core.errors import StoreError
from platestream.core.types import Plate, PlateEvent
from platestream.sinks.jsonl import EVENTS_FILE, UPDATES_FILE, EventWriter
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.updates import PlateUpdate, Updates
from platestream.video.annotate import AnnotatedVideo, draw_decisions
from platestream.video.events import last_line, make_event, news_line
from platestream.video.pictures import write_picture
from platestream.video.pipeline import Step
from platestream.video.sources import PictureSource, Source


def is_reportable(plate: Plate, min_confidence: float = MIN_CONFIDENCE) -> bool:
    """Whether a finished plate says enough to make an event."""
    return bool(plate.reading.text) and plate.confidence >= min_confidence


class Recording:
    """Writes a run into a folder: ``events.jsonl``, ``crops/`` and, if wanted, ``annotated/``.

    ``updates.jsonl`` tells the life of each plate as it goes: ``provisional`` when there is a
    first reading to speak of, ``improved`` when it changed or became sure, and ``final``, or
    ``withdrawn`` where too little of it was left at the end.

    Of what the folder holds already, only files that a run makes are replaced.

    Args:
        out_dir: Made if missing.
        annotate: Whether to draw.
        min_confidence: Plates that are less sure make no event.

    Attributes:
        events: What was reported so far, also what could not be written.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(
        self, out_dir: Path, *, annotate: bool, min_confidence: float = MIN_CONFIDENCE
    ) -> None:
        self.events: list[PlateEvent] = []
        self._out_dir, self._annotate = out_dir, annotate
        self._min_confidence = min_confidence
        self._drawings: set[Path] = set()
        try:
            for name in ("crops", "annotated") if annotate else ("crops",):
                (out_dir / name).mkdir(parents=True, exist_ok=True)
            _clear(out_dir)
        except OSError as error:
            msg = f"{out_dir}: cannot make the output folder: {error.strerror}; choose another"
            raise StoreError(msg) from error
        self._writer = EventWriter(out_dir)
        self._update_writer = EventWriter(out_dir, UPDATES_FILE)

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.__exit__()
        self._update_writer.__exit__()

    def of(self, source: Source) -> "SourceRecording":
        """Record one source; use it in a ``with`` statement."""
        updates = Updates(self._min_confidence)
        return SourceRecording(self, source, updates, self._drawing_path(source))

    def add(self, plates: list[Plate], source: Source) -> None:
        """Report finished plates: note all their events, then write crops and lines.

        Raises:
            StoreError: something could not be written; `events` has them all the same.
        """
        reportable = [p for p in plates if self.reports(p)]
        events = [
            make_event(plate, source.name, f"crops/{number:06d}.png")
            for number, plate in enumerate(reportable, start=len(self.events) + 1)
        ]
        self.events += events
        for plate, event in zip(reportable, events, strict=True):
            write_picture(self._out_dir / event.crop, plate.best_crop.rgb)
            self._writer.write(asdict(event))
            self._update_writer.write(last_line("final", plate, source.name))

    def reports(self, plate: Plate) -> bool:
        """Whether a finished plate makes an event."""
        return is_reportable(plate, self._min_confidence)

    def withdraw(self, plate: Plate, source: Source) -> None:
        """Note that a plate that was told of ended as too little to report.

        Raises:
            StoreError: it could not be written.
        """
        self._update_writer.write(last_line("withdrawn", plate, source.name))

    def tell(self, update: PlateUpdate, source: Source) -> None:
        """Note news of a plate in view.

        Raises:
            StoreError: it could not be written.
        """
        self._update_writer.write(news_line(update, source.name))

    def _drawing_path(self, source: Source) -> Path | None:
        if not self._annotate:
            return None
        suffix = ".png" if isinstance(source, PictureSource) else ".mp4"
        stem = Path(source.name).stem
        path, number = self._out_dir / "annotated" / f"{stem}{suffix}", 1
        while path in self._drawings:  # another source of the same name
            number += 1
            path = path.with_name(f"{stem}-{number}{suffix}")
        self._drawings.add(path)
        return path


def _clear(out_dir: Path) -> None:
    """Remove what an earlier run left; a folder without its events is nobody's to clear."""
    if not (out_dir / EVENTS_FILE).exists():
        return
    drawn = [p for p in (out_dir / "annotated").glob("*") if p.suffix in (".mp4", ".png")]
    for old in [*(out_dir / "crops").glob("[0-9]" * 6 + ".png"), *drawn]:
        old.unlink()


class SourceRecording:
    """Records the steps of one source.

    Args:
        recording: The run it belongs to.
        source: The source.
        updates: Tells what is news of it.
        drawing: Where to draw its frames; None not to.
    """

    def __init__(
        self, recording: Recording, source: Source, updates: Updates, drawing: Path | None
    ) -> None:
        self._recording, self._source, self._drawing = recording, source, drawing
        self._updates = updates
        self._video: AnnotatedVideo | None = None

    def __enter__(self) -> "SourceRecording":
        return self

    def __exit__(self, *_: object) -> None:
        if self._video:
            self._video.__exit__()

    def add(self, step: Step) -> None:
        """Report news and the plates that ended, then draw the frame.

        Raises:
            StoreError: something could not be written.
        """
        for update in self._updates.see(step.decisions):
            self._recording.tell(update, self._source)
        self._recording.add(step.ended, self._source)
        for plate in step.ended:
            was_told = self._updates.forget((plate.track_id, *plate.continued))
            if was_told and not self._recording.reports(plate):
                self._recording.withdraw(plate, self._source)
        if step.frame and self._drawing:
            if isinstance(self._source, PictureSource):
                write_picture(self._drawing, draw_decisions(step.frame.rgb, step.decisions))
            else:
                self._video = self._video or AnnotatedVideo(self._drawing)
                self._video.write(step.frame, step.decisions)
