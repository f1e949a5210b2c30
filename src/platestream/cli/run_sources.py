"""The sources of `platestream run`: found, read one after another, and what is wrong is told."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from platestream.cli.options import complain
from platestream.core.errors import PlatestreamError, SourceError, StoreError
from platestream.core.text import counted
from platestream.video.kinds import Kind

if TYPE_CHECKING:
    from rich.progress import Progress

    from platestream.cli.ending import Ending
    from platestream.video.pipeline import Pipeline
    from platestream.video.profile import Profile
    from platestream.video.recording import Recording
    from platestream.video.survey import Found, Judge


def find_sources(
    paths: list[Path], judge: "Judge", kind: Kind | None, errors: list[PlatestreamError]
) -> list["Found"]:
    """Everything to read at the given paths; a path that holds nothing is reported."""
    from platestream.cli.findings import survey_lines
    from platestream.video.survey import survey

    found: list[Found] = []
    for path in paths:
        try:
            result = survey(path, judge, kind)
        except SourceError as error:
            report(error, errors)
            continue
        for line in survey_lines(path, result):
            complain(f"platestream: {line}\n")
        found += result.found
    return found


def run_all(
    found: list["Found"],
    pipeline: "Pipeline",
    recording: "Recording",
    errors: list[PlatestreamError],
    watch: "Profile",
    ending: "Ending",
    decoder: str,
) -> None:
    """Run every source; one that fails is reported and does not stop the others."""
    from platestream.cli.progress import progress

    with progress() as bars:
        for each in found:
            try:
                _run_one(each, pipeline, recording, bars, watch, ending, decoder)
            except SourceError as error:
                report(error, errors)


def _run_one(
    found: "Found",
    pipeline: "Pipeline",
    recording: "Recording",
    bars: "Progress",
    watch: "Profile",
    ending: "Ending",
    decoder: str,
) -> None:
    path = found.path
    source = found.open(decoder)
    bar = bars.add_task(path.name, total=source.num_frames)
    steps = pipeline.run(watch.source(source))
    try:
        with recording.of(source) as record, watch.stage("track"):
            for step in steps:
                try:
                    with watch.stage("write"):
                        record.add(step)
                    ending.check()
                except (StoreError, KeyboardInterrupt) as error:
                    # Where nothing more can be written the plates in view are at least printed.
                    with suppress(StoreError):
                        record.add(steps.throw(error))
                    raise
                bars.advance(bar)
    finally:
        bars.remove_task(bar)
    if source.num_corrupt:
        complain(f"platestream: {path}: skipped {counted(source.num_corrupt, 'broken frame')}\n")


def print_profile(watch: "Profile") -> None:
    """Where the time went, a frame and in all; on standard error, so that JSON stays JSON."""
    seconds = watch.seconds()
    rows = [*seconds.items(), ("all", sum(seconds.values()))]
    for stage, spent_s in rows:
        a_frame = f"{1000 * spent_s / max(1, watch.num_frames):8.2f} ms a frame"
        complain(f"{stage:8}{a_frame} {1000 * spent_s:10.0f} ms\n")


def report(error: PlatestreamError, errors: list[PlatestreamError]) -> None:
    """Say what is wrong, and note it for the exit code."""
    complain(f"platestream: {error}\n")
    errors.append(error)
