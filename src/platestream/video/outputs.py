"""The files of a run: events as lines and as a table, a report, and the crops that were read."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from platestream.core.errors import ConfigError, StoreError
from platestream.core.local_time import local
from platestream.core.plate_event import PlateEvent
from platestream.core.private import make_private_folder
from platestream.core.types import Rgb
from platestream.sinks.jsonl import EVENTS_FILE, UPDATES_FILE, EventWriter
from platestream.sinks.report import REPORT_FILE, ReportWriter
from platestream.sinks.table import ALL_COLUMNS, FIRST_COLUMNS, TableWriter
from platestream.stream.life import PlateUpdate
from platestream.video.events import update_line
from platestream.video.pictures import write_picture
from platestream.video.report_rows import report_row
from platestream.video.strips import Strip


class RunFiles:
    """Writes a run into a folder; use it in a ``with`` statement.

    ``events.jsonl`` has an object an event, ``events.csv`` a row, ``report.html`` shows all with
    pictures, ``crops/`` has the crops, ``updates.jsonl`` the lives of plates, see `stream.life`.

    Of what the folder holds already, only files that a run makes are replaced. What is made is its
    owner's alone: it tells who was where, and when.

    Args:
        out_dir: Made if missing.
        annotate: Whether pictures and videos will be drawn into ``annotated/``.
        all_columns: Whether the table has every field of an event, or a person's first ten.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(self, out_dir: Path, *, annotate: bool = False, all_columns: bool = False) -> None:
        self._dir = out_dir
        try:
            for name in ("crops", "annotated") if annotate else ("crops",):
                make_private_folder(out_dir / name)
            _clear(out_dir)
        except OSError as error:
            msg = f"{out_dir}: cannot make the output folder: {error.strerror}; choose another"
            raise StoreError(msg) from error
        with ExitStack() as opened:
            self._events = EventWriter(out_dir)
            opened.push(self._events.__exit__)
            self._updates = EventWriter(out_dir, UPDATES_FILE)
            opened.push(self._updates.__exit__)
            columns = ALL_COLUMNS if all_columns else FIRST_COLUMNS
            self._table = TableWriter(out_dir, columns)
            opened.push(self._table.__exit__)
            made = f"Made {local(datetime.now().astimezone())} by platestream"
            self._report = ReportWriter(out_dir / REPORT_FILE, "Licence plates", made)
            opened.push(self._report.__exit__)
            self._opened = opened.pop_all()

    def __enter__(self) -> "RunFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def event(self, event: PlateEvent, crop: Rgb, strip: Strip, average: Rgb | None = None) -> None:
        """Write an event; `average` is its crops laid on top of each other, if that was read.

        Raises:
            StoreError: the disk is full or gone.
        """
        write_picture(self._dir / event.crop, crop)
        if average is not None:
            write_picture(self._dir / event.stack, average)
        values = asdict(event)
        self._events.write(values)
        self._table.write(values)
        self._report.add(report_row(event, crop, strip))

    def update(self, update: PlateUpdate, source_name: str) -> None:
        """Write what is told of a plate.

        Raises:
            StoreError: the disk is full or gone.
        """
        self._updates.write(update_line(update, source_name))


def check_apart(out_dir: Path | None, sources: Iterable[Path]) -> None:
    """See that no source is among what a run into a folder removes or writes anew.

    Raises:
        ConfigError: one is.
        StoreError: the folder is a file.
    """
    if out_dir and out_dir.exists() and not out_dir.is_dir():
        msg = f"{out_dir}: is a file; choose another --out, a folder"
        raise StoreError(msg)
    written = [(out_dir / name).resolve() for name in ("crops", "annotated")] if out_dir else []
    for source in sources:
        if any(source.resolve().is_relative_to(folder) for folder in written):
            msg = f"{source}: lies in the output folder, and would be removed; choose another --out"
            raise ConfigError(msg)


def _clear(out_dir: Path) -> None:
    """Remove what an earlier run left; a folder without its events is nobody's to clear."""
    if not (out_dir / EVENTS_FILE).exists():
        return
    drawn = [p for p in (out_dir / "annotated").glob("*") if p.suffix in (".mp4", ".png")]
    crops, number = out_dir / "crops", "[0-9]" * 6
    for old in [*crops.glob(f"{number}.png"), *crops.glob(f"{number}-stack.png"), *drawn]:
        old.unlink()
