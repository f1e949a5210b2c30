"""What a run leaves behind: events, the crops that were read, annotated pictures and video."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from platestream.core.errors import StoreError
from platestream.core.types import PlateEvent
from platestream.sinks.jsonl import EVENTS_FILE, UPDATES_FILE, EventWriter
from platestream.stream.life import PlateUpdate
from platestream.video.annotate import AnnotatedVideo, draw_decisions
from platestream.video.events import make_event, update_line
from platestream.video.pictures import write_picture
from platestream.video.pipeline import Step
from platestream.video.sources import PictureSource, Source


class Recording:
    """Writes a run into a folder: ``events.jsonl``, ``crops/`` and, if wanted, ``annotated/``.

    ``updates.jsonl`` tells the life of each plate as it goes, see `stream.life`.

    Of what the folder holds already, only files that a run makes are replaced.

    Args:
        out_dir: Made if missing.
        annotate: Whether to draw.

    Attributes:
        events: What was reported so far, also what could not be written.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(self, out_dir: Path, *, annotate: bool) -> None:
        self.events: list[PlateEvent] = []
        self._out_dir, self._annotate = out_dir, annotate
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
        return SourceRecording(self, source, self._drawing_path(source))

    def add(self, updates: Sequence[PlateUpdate], source: Source) -> None:
        """Report what is told of plates: note all events, then write crops and lines.

        Raises:
            StoreError: something could not be written; `events` has them all the same.
        """
        finals = [(u.id, u.plate) for u in updates if u.state == "final" and u.plate]
        events = [
            make_event(
                plate,
                source.name,
                f"crops/{number:06d}.png",
                passage_id,
                stack=f"crops/{number:06d}-stack.png",
            )
            for number, (passage_id, plate) in enumerate(finals, start=len(self.events) + 1)
        ]
        self.events += events
        ended = iter(events)
        for update in updates:
            if update.state == "final":
                event = next(ended)
                write_picture(self._out_dir / event.crop, update.crop.rgb)
                if event.stack and update.plate and update.plate.stacked:
                    write_picture(self._out_dir / event.stack, update.plate.stacked.rgb)
                self._writer.write(asdict(event))
            self._update_writer.write(update_line(update, source.name))

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
    crops, number = out_dir / "crops", "[0-9]" * 6
    for old in [*crops.glob(f"{number}.png"), *crops.glob(f"{number}-stack.png"), *drawn]:
        old.unlink()


class SourceRecording:
    """Records the steps of one source.

    Args:
        recording: The run it belongs to.
        source: The source.
        drawing: Where to draw its frames; None not to.
    """

    def __init__(self, recording: Recording, source: Source, drawing: Path | None) -> None:
        self._recording, self._source, self._drawing = recording, source, drawing
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
        self._recording.add(step.updates, self._source)
        if step.frame and self._drawing:
            if isinstance(self._source, PictureSource):
                write_picture(self._drawing, draw_decisions(step.frame.rgb, step.decisions))
            else:
                self._video = self._video or AnnotatedVideo(self._drawing)
                self._video.write(step.frame, step.decisions)
