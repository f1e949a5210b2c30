"""What a run leaves behind: events, the crops that were read, annotated pictures and video."""

import shutil
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from platestream.core.errors import StoreError
from platestream.core.types import Plate, PlateEvent
from platestream.sinks.jsonl import EventWriter
from platestream.video.annotate import AnnotatedVideo, draw_decisions
from platestream.video.pictures import write_picture
from platestream.video.pipeline import Step
from platestream.video.sources import PictureSource, Source

MIN_SCORE = 0.3
"""Below this the least confident character is a guess, and nothing is reported."""


class Recording:
    """Writes a run into a folder: ``events.jsonl``, ``crops/`` and, if wanted, ``annotated/``.

    Args:
        out_dir: Made if missing; an earlier run's results in it are replaced.
        annotate: Whether to draw.
        min_score: Plates whose reading scores less make no event.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(self, out_dir: Path, *, annotate: bool, min_score: float = MIN_SCORE) -> None:
        self._out_dir, self._annotate, self._min_score = out_dir, annotate, min_score
        self._num_events = 0
        try:
            for folder in (out_dir / "crops", out_dir / "annotated"):
                shutil.rmtree(folder, ignore_errors=True)
            (out_dir / "crops").mkdir(parents=True)
            if annotate:
                (out_dir / "annotated").mkdir()
        except OSError as error:
            msg = f"{out_dir}: cannot make the output folder: {error.strerror}; choose another"
            raise StoreError(msg) from error
        self._events = EventWriter(out_dir)

    def __enter__(self) -> "Recording":
        self._events.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._events.__exit__(kind, error, at)

    def of(self, source: Source) -> "SourceRecording":
        """Record one source; use it in a ``with`` statement."""
        return SourceRecording(self, source, self._drawing_path(source))

    def add(self, plate: Plate, source: Source) -> PlateEvent | None:
        """Write a plate's crop and event; None where the reading says too little."""
        if not plate.reading.text or plate.reading.score < self._min_score:
            return None
        self._num_events += 1
        crop = f"crops/{self._num_events:06d}.png"
        write_picture(self._out_dir / crop, plate.best_crop.rgb)
        event = PlateEvent(
            plate=plate.reading.text,
            score=round(plate.reading.score, 4),
            quality=round(plate.quality, 4),
            track_id=plate.track_id,
            source=source.name,
            first_pts_s=round(plate.first_pts_s, 3),
            last_pts_s=round(plate.last_pts_s, 3),
            best_pts_s=round(plate.best_crop.pts_s, 3),
            first_frame=plate.first_frame,
            last_frame=plate.last_frame,
            best_frame=plate.best_crop.frame_index,
            box_xyxy=_rounded(plate.best_crop.box_xyxy),
            num_frames=plate.num_frames,
            num_scored=plate.num_scored,
            num_read=plate.num_read,
            crop=crop,
        )
        self._events.write(asdict(event))
        return event

    def _drawing_path(self, source: Source) -> Path | None:
        if not self._annotate:
            return None
        suffix = ".png" if isinstance(source, PictureSource) else ".mp4"
        stem = Path(source.name).stem
        path, number = self._out_dir / "annotated" / f"{stem}{suffix}", 1
        while path.exists():  # another source of the same name
            number += 1
            path = path.with_name(f"{stem}-{number}{suffix}")
        return path


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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._video:
            self._video.__exit__(kind, error, at)

    def add(self, step: Step) -> list[PlateEvent]:
        """Draw the frame, write the plates that ended; returns their events."""
        if step.frame and self._drawing:
            if isinstance(self._source, PictureSource):
                write_picture(self._drawing, draw_decisions(step.frame.rgb, step.decisions))
            else:
                self._video = self._video or AnnotatedVideo(self._drawing)
                self._video.write(step.frame, step.decisions)
        events = (self._recording.add(plate, self._source) for plate in step.ended)
        return [event for event in events if event]


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return round(x1, 1), round(y1, 1), round(x2, 1), round(y2, 1)
