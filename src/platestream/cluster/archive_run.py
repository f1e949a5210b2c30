"""A run over an archive: what is to do is planned, read, and kept, whatever happens meanwhile."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from platestream.cluster.archive import Found
from platestream.cluster.executor import Executor, Outcome
from platestream.cluster.manifest import Manifest
from platestream.cluster.planning import plan, whole
from platestream.cluster.results import Results
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit
from platestream.core.errors import DataError


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        num_units: All units of the archive.
        num_done: Of these, how many are done, in this run or an earlier one.
        num_frames: Frames that this run looked at.
        video_s: Seconds of video that this run read.
        elapsed_s: How long this run has been reading.
        num_read: Units that this run read.
        num_events: Events of all complete sources, once they are written.
        problems: A line and an exit code for each source that could not be read to its end.
    """

    num_units: int = 0
    num_done: int = 0
    num_frames: int = 0
    video_s: float = 0.0
    elapsed_s: float = 0.0
    num_read: int = 0
    num_events: int = 0
    problems: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def left_s(self) -> float | None:
        """About how long the rest takes; None before the first unit."""
        if not self.num_read:
            return None
        return (self.num_units - self.num_done) * self.elapsed_s / self.num_read


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class Run:
    """One run.

    Attributes:
        manifest: What is done.
        results: Where results go.
        executor: Reads units.
        settings: How they are read.
        segment_s: See `plan`.
        progress: How far it is, also of a run that broke off.
    """

    manifest: Manifest
    results: Results
    executor: Executor
    settings: ReadSettings
    segment_s: float
    progress: Progress = field(default_factory=Progress)

    def run(self, found: Sequence[Found], tell: Tell = lambda _: None) -> None:
        """Read what is not yet read, and write down all.

        Args:
            found: The archive's sources.
            tell: Told of the progress, after each unit.

        Raises:
            PlatestreamError: nothing more can be done, as with a full disk; what is done is kept.
        """
        sources = [each.source for each in found]
        progress, begun_s = self.progress, time.monotonic()
        self._plan(found)
        progress.num_units = progress.num_done = self.manifest.num_units(sources)
        try:
            for source in self.results.unsettled(sources):
                self._settle(source)
            while units := self._to_do(sources):
                progress.num_units = self.manifest.num_units(sources)
                progress.num_done = progress.num_units - len(units)
                tell(progress)
                for outcome in self.executor.run(units, self.settings):
                    self._take(outcome)
                    progress.elapsed_s = time.monotonic() - begun_s
                    tell(progress)
            progress.problems |= self.results.problems(sources)
        finally:
            # Also of a run that ends early: what is complete can be used.
            progress.num_events = self.results.write(sources)

    def _plan(self, found: Sequence[Found]) -> None:
        planned = self.manifest.versions()
        for each in found:
            if planned.get(each.source) != each.version:
                self.manifest.plan(plan(each, self.segment_s))

    def _to_do(self, sources: Sequence[str]) -> list[Unit]:
        to_do = self.manifest.to_do(sources)
        return [unit for unit in to_do if unit.source not in self.progress.problems]

    def _take(self, outcome: Outcome) -> None:
        unit, result, progress = outcome.unit, outcome.result, self.progress
        progress.num_frames += result.num_frames
        progress.num_read += 1
        if unit.segment and (result.error or result.num_corrupt) and result.is_final:
            # Frames are counted from the part's start, which says nothing in a damaged file.
            self.manifest.plan([whole(unit)])
            return
        progress.video_s += result.video_s
        progress.num_done += 1
        if not result.is_final:
            progress.problems[unit.source] = (result.error, result.exit_code)
            return
        self.results.keep(unit, result)
        self.manifest.done(unit, result)
        self._settle(unit.source)

    def _settle(self, source: str) -> None:
        try:
            self.results.settle(source)
        except DataError as error:
            self.progress.problems[source] = (str(error), error.exit_code)
