"""`platestream run`: videos, pictures, folders and plate streams in, their plates out."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from platestream.cli.archive import SEGMENT_S, ArchiveOptions, run_archive
from platestream.cli.options import (
    FUSION,
    LEAST_CONFIDENCE,
    POLICY,
    READS_PER_S,
    ArchName,
    DecoderName,
    DetectorName,
    DetectorSize,
    DeviceName,
    Json,
    ModelsDir,
    Threads,
    print_json,
)
from platestream.cli.run_sources import find_sources, print_profile, report, run_all
from platestream.core.errors import (
    ConfigError,
    Interrupted,
    PlatestreamError,
    StoreError,
)
from platestream.models.cards import DEFAULT_ARCH, DETECTOR_SIZE_PX
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.registry import DEFAULT_DETECTOR
from platestream.stream.confidence import MIN_CONFIDENCE
from platestream.stream.life import LifeRules
from platestream.stream.registry import DEFAULT_POLICY
from platestream.video.decoders import DEFAULT_DECODER
from platestream.video.kinds import Kind

if TYPE_CHECKING:
    from platestream.video.recording import Recording


def run(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Videos, pictures, and folders of them with all their sub-folders; also plates "
            "that are cut out already. With --jobs, --ray, --store or --parquet also "
            "patterns, and addresses such as s3://...",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder for the results; an earlier run's are replaced.",
            show_default="print only",
        ),
    ] = None,
    annotate: Annotated[
        bool,
        typer.Option("--annotate", help="Draw what was found on videos and pictures, into OUT."),
    ] = False,
    show: Annotated[
        bool,
        typer.Option(
            "--show",
            help="Open the annotated picture, or of more than one source the report, when done; "
            "without --out in a folder that is left for temporary files.",
        ),
    ] = False,
    kind: Annotated[
        Kind | None,
        typer.Option(
            "--as",
            help="What pictures are: whole photos, plate streams (a folder of crops for each "
            "plate), or crops of one plate each.",
            show_default="told from the pictures",
        ),
    ] = None,
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="Every field of an event in events.csv.")
    ] = False,
    arch: ArchName = DEFAULT_ARCH,
    policy: Annotated[str, POLICY] = DEFAULT_POLICY,
    fusion: Annotated[str | None, FUSION] = None,
    reads_per_s: Annotated[float | None, READS_PER_S] = None,
    min_confidence: Annotated[float, LEAST_CONFIDENCE] = MIN_CONFIDENCE,
    detector: DetectorName = DEFAULT_DETECTOR,
    detector_size: DetectorSize = DETECTOR_SIZE_PX,
    every_frame: Annotated[
        bool, typer.Option("--every-frame", help="Look for plates in the whole of every frame.")
    ] = False,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Print where the processor's time went, in milliseconds."),
    ] = False,
    models: ModelsDir = None,
    threads: Threads = 1,
    device: DeviceName = DEFAULT_DEVICE,
    decoder: DecoderName = DEFAULT_DECODER,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, max=1024, help="Read an archive with this many processes; can be resumed."
        ),
    ] = None,
    ray: Annotated[
        str, typer.Option(help="Read an archive on the Ray cluster at this address, or local.")
    ] = "",
    segment_s: Annotated[
        float,
        typer.Option(
            min=0,
            max=86_400,
            help="Of an archive: cut longer videos into parts of so many seconds; 0 cuts none.",
        ),
    ] = SEGMENT_S,
    restart: Annotated[
        bool, typer.Option("--restart", help="Of an archive: forget what is done, begin again.")
    ] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Of an archive: also write OUT/events.parquet.")
    ] = False,
    store: Annotated[
        str,
        typer.Option(
            help="Of an archive: also keep the events in this event store, a SQLite file or "
            "postgresql://..."
        ),
    ] = "",
    pictures: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the event store's pictures.",
            show_default="`pictures` beside the SQLite file",
        ),
    ] = None,
    plates: Annotated[
        str,
        typer.Option(
            help="What of plates the event store keeps: keep, hash or listed, as `store.plates` "
            "of the service."
        ),
    ] = "keep",
    time_from: Annotated[
        str,
        typer.Option(help="How names tell when a video began, such as %Y-%m-%d_%H-%M-%S."),
    ] = "",
    time_zone: Annotated[
        str, typer.Option(help="Time zone of these names.", show_default="this machine's")
    ] = "",
    camera: Annotated[
        str,
        typer.Option(
            help="Camera of the events in the store.", show_default="the folder of each video"
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Find and read the licence plates of videos, pictures and plate streams.

    Prints what was found and what was left out. With --out it also writes OUT/report.html (a page
    with pictures), OUT/events.csv (a table), OUT/events.jsonl (one JSON object a plate),
    OUT/updates.jsonl (its life as it goes) and OUT/crops (the best crop that was read as the
    plate says). A source that is broken or cut short is reported; what was read of it stays.
    """
    from platestream.cli.ending import ended_by_signals
    from platestream.cli.findings import open_result, print_findings
    from platestream.video.decoders import hardware
    from platestream.video.engine import load_engine
    from platestream.video.looks import judge_by
    from platestream.video.outputs import check_apart
    from platestream.video.pipeline import Pipeline
    from platestream.video.profile import Profile
    from platestream.video.recording import Recording

    archive = ArchiveOptions(
        jobs=jobs,
        ray=ray,
        segment_s=segment_s,
        restart=restart,
        parquet=parquet,
        store=store,
        pictures=pictures,
        plates=plates,
        time_from=time_from,
        time_zone=time_zone,
        camera=camera,
    )
    _check_together(
        archive,
        {
            "--annotate": annotate,
            "--show": show,
            "--as": kind is not None,
            "--all-columns": all_columns,
            "--profile": profile,
        },
    )
    _check_folder(out, is_archive=archive.are_given)
    if archive.are_given:
        from platestream.cluster.settings import ReadSettings

        settings = ReadSettings(
            arch=arch,
            policy=policy,
            fusion=fusion,
            reads_per_s=reads_per_s,
            min_confidence=min_confidence,
            detector=detector,
            detector_size=detector_size,
            every_frame=every_frame,
            models=str(models) if models else None,
            threads=threads,
            device=device,
            decoder=decoder,
        )
        run_archive(
            sources, _wanted(out, archive.first_given()), settings, archive, as_json=as_json
        )
        return
    hardware(decoder)  # what is not here is said before an earlier run's results are replaced
    out = _drawn_into(out, annotate=annotate, show=show)
    errors: list[PlatestreamError] = []
    engine = load_engine(
        arch=arch,
        policy=policy,
        fusion=fusion,
        reads_per_s=reads_per_s,
        detector=detector,
        detector_size=detector_size,
        models=models,
        num_threads=threads,
        device=device,
    )
    judge = judge_by(engine)
    found = find_sources([Path(source) for source in sources], judge, kind, errors)
    if not found:
        # A mistyped path must not cost the results of an earlier run.
        _end_with_nothing(errors, as_json=as_json)
    check_apart(out, (each.path for each in found))
    watch = Profile()
    if profile:
        engine = watch.engine(engine)
    pipeline = Pipeline(engine, every_frame=every_frame, rules=LifeRules(min_confidence))
    with ended_by_signals() as ending:
        recording = Recording(
            out, annotate=annotate or show, all_columns=all_columns, min_confidence=min_confidence
        )
        try:
            with recording:
                run_all(found, pipeline, recording, errors, watch, ending, decoder)
        except StoreError as error:
            report(error, errors)
        except KeyboardInterrupt:
            report(Interrupted("stopped; what was read until now is kept"), errors)
    if as_json:
        print_json(_as_json(recording, errors))
    else:
        print_findings(recording, len(found), min_confidence)
    if profile:
        print_profile(watch)
    if show and recording.written_to:
        open_result(recording.written_to)
    if errors:
        raise typer.Exit(errors[-1].exit_code)


def _check_together(archive: ArchiveOptions, of_files: dict[str, bool]) -> None:
    """See that no option is given that would be left out in silence."""
    if (option := archive.only_for_stores()) and not archive.store:
        msg = f"{option}: only for an event store; add --store, or leave it out"
        raise ConfigError(msg)
    if archive.are_given:
        for option in (name for name, is_given in of_files.items() if is_given):
            msg = f"{option}: not with {archive.first_given()}; leave it out"
            raise ConfigError(msg)
    elif option := archive.only_for_archives():
        msg = f"{option}: only for an archive; add --jobs 1, or leave it out"
        raise ConfigError(msg)


def _check_folder(out: Path | None, *, is_archive: bool) -> None:
    """See that an archive's results and those of a run of the other kind do not get mixed up."""
    from platestream.cluster.manifest import MANIFEST_FILE
    from platestream.sinks.jsonl import UPDATES_FILE

    if out and (out / (UPDATES_FILE if is_archive else MANIFEST_FILE)).exists():
        kind = "without" if is_archive else "with"
        archives = "--jobs, --ray, --store or --parquet"
        msg = f"{out}: holds results of a run {kind} {archives}; choose another --out"
        raise ConfigError(msg)


def _end_with_nothing(errors: list[PlatestreamError], *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"events": [], "errors": [str(error) for error in errors], "out": None})
    raise typer.Exit(errors[-1].exit_code)


def _drawn_into(out: Path | None, *, annotate: bool, show: bool) -> Path | None:
    """The folder of the results; for what is only to be looked at, one for temporary files."""
    if show and out is None:
        return Path(tempfile.mkdtemp(prefix="platestream-"))
    return _wanted(out, "--annotate") if annotate else out


def _wanted(out: Path | None, what: str) -> Path:
    if out is None:
        msg = f"{what}: no folder for the results; add --out DIR"
        raise ConfigError(msg)
    return out


def _as_json(recording: "Recording", errors: list[PlatestreamError]) -> dict[str, Any]:
    return {
        "events": [asdict(event) for event in recording.events],
        "left_out": [asdict(plate) for plate in recording.left_out],
        "errors": [str(error) for error in errors],
        "out": str(recording.written_to) if recording.written_to else None,
    }
