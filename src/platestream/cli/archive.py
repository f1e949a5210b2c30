"""`platestream run` over an archive: with --jobs, --ray, --store or --parquet."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from platestream.cli.options import complain, print_json, say
from platestream.core.errors import ConfigError, Interrupted, PlatestreamError, SourceError
from platestream.core.text import counted, is_utf8

if TYPE_CHECKING:
    from platestream.cluster.archive import Found
    from platestream.cluster.archive_run import Progress as RunProgress
    from platestream.cluster.archive_run import Tell
    from platestream.cluster.executor import Executor
    from platestream.cluster.results import Keeper
    from platestream.cluster.settings import ReadSettings
    from platestream.store.privacy import Privacy


SEGMENT_S = 600.0
"""Length of a part of a long video, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """The options of `platestream run` that only archives have.

    Attributes:
        jobs: Processes of this machine; None for one, or what the Ray cluster has.
        ray: Address of a Ray cluster; empty for none.
        segment_s: About how long a unit of a long video is.
        restart: Whether to forget what is done.
        parquet: Whether to write ``events.parquet``.
        store: URL of an event store; empty for none.
        pictures: Folder of its pictures; None for the one beside a SQLite file.
        time_from: How names tell when a source began.
        time_zone: Of these names.
        camera: Name of the camera; empty for each source's folder.
        plates: What of plates the event store keeps, see `Privacy`.
    """

    jobs: int | None
    ray: str
    segment_s: float
    restart: bool
    parquet: bool
    store: str
    pictures: Path | None
    time_from: str
    time_zone: str
    camera: str
    plates: str

    @property
    def are_given(self) -> bool:
        """Whether the run is over an archive."""
        return bool(self.first_given())

    def first_given(self) -> str:
        """The first option by which the run is one over an archive; empty if none is."""
        return _first_of(
            {
                "--jobs": self.jobs,
                "--ray": self.ray,
                "--store": self.store,
                "--parquet": self.parquet,
            }
        )

    def only_for_archives(self) -> str:
        """An option that is given, and says nothing elsewhere; empty if none is."""
        return _first_of(
            {
                "--segment-s": self.segment_s != SEGMENT_S,
                "--restart": self.restart,
                "--time-from": self.time_from,
                "--time-zone": self.time_zone,
                "--camera": self.camera,
            }
        )

    def only_for_stores(self) -> str:
        """An option that is given, and says nothing without an event store; empty if none is."""
        return _first_of({"--pictures": self.pictures, "--plates": self.plates != "keep"})


def _first_of(options: Mapping[str, object]) -> str:
    return next((option for option, is_given in options.items() if is_given), "")


def run_archive(
    sources: Sequence[str],
    out: Path,
    settings: "ReadSettings",
    options: ArchiveOptions,
    *,
    as_json: bool,
) -> None:
    """Run over an archive, and print what came of it; exits with the last problem's code."""
    from platestream.cluster.archive_run import Run
    from platestream.cluster.manifest import Manifest
    from platestream.cluster.parquet import PARQUET_FILE, write_parquet
    from platestream.cluster.results import Results
    from platestream.cluster.times import Clock
    from platestream.store.export import check_pyarrow

    problems: list[tuple[str, int]] = []
    if options.parquet:
        check_pyarrow()  # what takes hours must not end in that
    found = _find(sources, settings, problems)
    progress = None
    if found:
        with (
            Manifest(out, settings.fingerprint(), restart=options.restart) as manifest,
            _keeper(out, options) as keeper,
            _executor(options) as executor,
            _bar(as_json) as tell,
        ):
            results = Results(out, manifest, keeper)
            run = Run(manifest, results, executor, settings, options.segment_s)
            progress = run.progress
            try:
                run.run(found, tell)
                if options.parquet:
                    write_parquet(
                        out / PARQUET_FILE,
                        results,
                        [each.source for each in found],
                        Clock(options.time_from, options.time_zone),
                        options.camera,
                    )
            except PlatestreamError as error:
                problems.append((str(error), error.exit_code))
            except KeyboardInterrupt:
                stopped = Interrupted("stopped; give the same command again to go on")
                problems.append((str(stopped), stopped.exit_code))
        problems = [*progress.problems.values(), *problems]
    _print(progress, problems, out, as_json=as_json)
    if problems:
        raise typer.Exit(problems[-1][1])


def _find(
    sources: Sequence[str], settings: "ReadSettings", problems: list[tuple[str, int]]
) -> list["Found"]:
    """Everything at the given paths and addresses; one that holds nothing is a problem."""
    from platestream.cluster.archive import find
    from platestream.cluster.settings import make_judge

    judge = make_judge(settings)

    found: dict[str, Found] = {}
    for source in sources:
        try:
            found |= {each.source: each for each in find(source, judge)}
        except SourceError as error:
            problems.append((str(error), error.exit_code))
    for name in [name for name in found if not is_utf8(name)]:
        # Neither the manifest nor an event can hold such a name.
        del found[name]
        msg = f"{name}: its name is no UTF-8; rename it"
        problems.append((msg, SourceError.exit_code))
    return list(found.values())


@contextmanager
def _executor(options: ArchiveOptions) -> Iterator["Executor"]:
    if not options.ray:
        from platestream.cluster.processes import Processes

        yield Processes(options.jobs or 1)
        return
    from platestream.cluster.on_ray import OnRay

    executor = OnRay(options.ray, options.jobs)
    try:
        yield executor
    finally:
        executor.close()


@contextmanager
def _keeper(out: Path, options: ArchiveOptions) -> Iterator["Keeper | None"]:
    if not options.store:
        yield None
        return
    from platestream.cluster.store_keeper import StoreKeeper
    from platestream.cluster.times import Clock
    from platestream.core.urls import mask_url
    from platestream.store.database import pictures_beside
    from platestream.store.store import open_store

    privacy = _privacy(options.plates)
    pictures = options.pictures or pictures_beside(options.store)
    if pictures is None:
        msg = "--store with PostgreSQL needs --pictures: the folder that `serve` has, too"
        raise ConfigError(msg)
    clock = Clock(options.time_from, options.time_zone)
    store = open_store(options.store, pictures, privacy=privacy)
    try:
        if privacy.plates != "hash" and store.has_hashes():
            msg = f"{mask_url(options.store)}: keeps plates as hashes; add --plates hash"
            raise ConfigError(msg)
        yield StoreKeeper(store, mask_url(options.store), out, clock, options.camera)
    finally:
        store.close()


def _privacy(plates: str) -> "Privacy":
    """What of plates the store keeps; the key of hashes is where `events` has it from."""
    from platestream.cli.events_options import HASH_KEY
    from platestream.store.privacy import Privacy

    if plates == "keep":
        return Privacy()
    if plates == "listed":
        return Privacy("listed")
    if plates != "hash":
        msg = f"--plates {plates!r}: choose keep, hash or listed"
        raise ConfigError(msg)
    key = os.environ.get(HASH_KEY, "").encode()
    if not key:
        msg = f"--plates hash: set {HASH_KEY} to the service's `store.hash_key`"
        raise ConfigError(msg)
    return Privacy("hash", key)


@contextmanager
def _bar(as_json: bool) -> Iterator["Tell"]:
    """One bar for all: units, frames a second, hours of video an hour, time left, failures."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    bars = Progress(
        *columns, console=console, transient=True, disable=as_json or not console.is_terminal
    )
    with bars:
        task = bars.add_task("looking", total=None)

        def tell(now: "RunProgress") -> None:
            bars.update(task, completed=now.num_done, total=now.num_units, description=_say(now))

        yield tell


def _say(now: "RunProgress") -> str:
    elapsed_s = now.elapsed_s or 1.0
    parts = [f"{now.num_frames / elapsed_s:.0f} frames/s", f"{now.video_s / elapsed_s:.1f} h/h"]
    if now.left_s is not None:
        parts.append(f"{timedelta(seconds=round(now.left_s))} left")
    if now.problems:
        parts.append(f"{len(now.problems)} failed")
    return ", ".join(parts)


def _print(
    now: "RunProgress | None", problems: list[tuple[str, int]], out: Path, *, as_json: bool
) -> None:
    if as_json:
        from platestream.cluster.archive_run import Progress

        done = now or Progress()
        print_json(
            {
                "num_events": done.num_events,
                "num_units": done.num_units,
                "num_done": done.num_done,
                "num_read": done.num_read,
                "num_frames": done.num_frames,
                "video_s": round(done.video_s, 3),
                "elapsed_s": round(done.elapsed_s, 3),
                "errors": [text for text, _ in problems],
                "out": str(out) if now else None,
            }
        )
        return
    for text, _ in problems:
        complain(f"platestream: {text}\n")
    if now:
        events = counted(now.num_events, "event")
        say(f"{events} of {now.num_done}/{now.num_units} units are in {out}\n")
