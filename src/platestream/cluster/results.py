"""Where the events of an archive go: crops and files in the output folder, or an event store."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from platestream.cluster.manifest import Manifest
from platestream.cluster.seams import join
from platestream.cluster.units import Unit, UnitResult
from platestream.core.errors import StoreError
from platestream.core.plate_event import PlateEvent
from platestream.core.private import make_private_folder, open_private
from platestream.sinks.jsonl import EVENTS_FILE


class Keeper(Protocol):
    """Keeps the events of a source that is complete, somewhere else than in the folder.

    Attributes:
        name: Tells one place from another.
    """

    name: str

    def keep(self, source: str, events: Sequence[PlateEvent], video_s: float) -> None:
        """Keep them once, however often it is asked to.

        Args:
            source: The source.
            events: All its events; their crops' files are relative to the output folder.
            video_s: Its length.

        Raises:
            StoreError: it cannot keep them.
            DataError: nothing tells when the source was recorded.
        """


class Results:
    """The output folder.

    Args:
        folder: It.
        manifest: What is done.
        keeper: Where events go beside the folder; None for nowhere.
    """

    def __init__(self, folder: Path, manifest: Manifest, keeper: Keeper | None = None) -> None:
        self.folder = folder
        self._manifest, self._keeper = manifest, keeper

    def keep(self, unit: Unit, result: UnitResult) -> None:
        """Write a unit's pictures; done again, the same files are written.

        Raises:
            StoreError: they cannot be written.
        """
        for place, passage in enumerate(result.passages):
            crop_file = _crop_name(unit.source, unit.part, place)
            self._write_picture(crop_file, passage.crop)
            self._write_picture(_stack_name(crop_file), passage.stack)

    def _write_picture(self, name: str, png: bytes) -> None:
        if not png:
            return
        path = self.folder / name
        try:
            make_private_folder(path.parent)
            with open_private(path, "wb") as file:
                file.write(png)
        except OSError as error:
            msg = f"{path}: cannot be written ({error.strerror}); make room there"
            raise StoreError(msg) from error

    def settle(self, source: str) -> None:
        """Hand a source's events on, if it is complete.

        Raises:
            StoreError: they cannot be kept.
            DataError: nothing tells when the source was recorded.
        """
        parts = self._manifest.results(source) if self._keeper else []
        if self._keeper and parts:
            self._keeper.keep(source, list(self._events(source, parts)), _video_s(parts))
            self._manifest.mark_stored(self._keeper.name, source)

    def unsettled(self, sources: Sequence[str]) -> list[str]:
        """Sources whose events were not handed on yet."""
        if self._keeper is None:
            return []
        stored = self._manifest.stored(self._keeper.name)
        return [source for source in sources if source not in stored]

    def complete(self, sources: Sequence[str]) -> Iterator[tuple[str, list[PlateEvent], float]]:
        """Every source that is complete, its events in order, and its length in seconds."""
        for source in sources:
            parts = self._manifest.results(source)
            if parts:
                yield source, list(self._events(source, parts)), _video_s(parts)

    def write(self, sources: Sequence[str]) -> int:
        """Write ``events.jsonl``, which appears when it is whole; returns how many events.

        Raises:
            StoreError: it cannot be written.
        """
        path = self.folder / EVENTS_FILE
        part = path.with_name(f"{path.name}.part")
        num_events = 0
        try:
            with open_private(part, encoding="utf-8", errors="backslashreplace") as file:
                for _, events, _ in self.complete(sources):
                    for event in events:
                        line = json.dumps(asdict(event), ensure_ascii=False, separators=(",", ":"))
                        file.write(f"{line}\n")
                    num_events += len(events)
            part.replace(path)
        except OSError as error:
            msg = f"{path}: cannot be written ({error.strerror}); make room there, then run again"
            raise StoreError(msg) from error
        return num_events

    def problems(self, sources: Sequence[str]) -> dict[str, tuple[str, int]]:
        """A line and an exit code for each source that was found damaged."""
        found = {}
        for source in sources:
            for _, result in self._manifest.results(source):
                if result.error:
                    found[source] = (result.error, result.exit_code)
        return found

    def _events(
        self, source: str, parts: Sequence[tuple[Unit, UnitResult]]
    ) -> Iterator[PlateEvent]:
        for joined in join(parts):
            crop = _crop_name(source, joined.part, joined.place)
            stack = _stack_name(crop) if joined.event.num_stacked else ""
            yield replace(joined.event, crop=crop, stack=stack)


def _stack_name(crop: str) -> str:
    return crop.replace(".png", "-stack.png")


def _crop_name(source: str, part: int, place: int) -> str:
    key = hashlib.sha256(source.encode(errors="surrogateescape")).hexdigest()[:16]
    return f"crops/{key}/{part:05}-{place:05}.png"


def _video_s(parts: Sequence[tuple[Unit, UnitResult]]) -> float:
    return sum(result.video_s for _, result in parts)
