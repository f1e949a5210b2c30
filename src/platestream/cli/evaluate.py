"""`platestream evaluate`: how well the weights read what a label file says."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platestream.cli.options import (
    ArchName,
    DetectorName,
    DetectorSize,
    DeviceName,
    ModelsDir,
    Threads,
    complain,
    is_given,
    print_json,
)
from platestream.core.errors import ConfigError, DataError
from platestream.models.cards import DEFAULT_ARCH, DETECTOR_SIZE_PX
from platestream.models.devices import DEFAULT_DEVICE
from platestream.models.registry import DEFAULT_DETECTOR

if TYPE_CHECKING:
    from platestream.lab.data.sample import Passage, Sample


def evaluate(
    context: typer.Context,
    labels: Annotated[
        Path,
        typer.Argument(
            metavar="LABELS",
            help="Label file of crops, tracks, frames or videos; a folder of UFPR-ALPR, CCPD, or "
            "pictures named for their plates; or a table as `finetune` takes it, of which --split "
            "dev is the quarter that it holds out.",
        ),
    ],
    split: Annotated[str, typer.Option(help="dev, train, test, or all.")] = "dev",
    arch: ArchName = DEFAULT_ARCH,
    detector: DetectorName = DEFAULT_DETECTOR,
    detector_size: DetectorSize = DETECTOR_SIZE_PX,
    models: ModelsDir = None,
    threads: Threads = 1,
    device: DeviceName = DEFAULT_DEVICE,
    ranking: Annotated[
        bool, typer.Option("--ranking", help="How scores rank the frames of each plate stream.")
    ] = False,
    failures: Annotated[
        Path | None,
        typer.Option(
            help="Write a sheet of the plates read wrongly and, of frames, those missed and what "
            "was taken for a plate."
        ),
    ] = None,
) -> None:
    """Measure on labelled pictures or videos; prints one JSON object.

    Crops give reading accuracy; tracks also what Algorithm 1 makes of them; frames also
    detection and end to end; videos the share of passages read.

    With --ranking, tracks tell instead how well the quality network orders readable frames
    before unreadable ones, beside the reader's score, sharpness, height and the detector's score.
    """
    from platestream.cli.progress import progress
    from platestream.lab.data.layouts import kind_of
    from platestream.lab.data.sample import Sample
    from platestream.lab.evaluate import evaluate as measure
    from platestream.lab.failures import check_sheet, write_failures
    from platestream.lab.ranking import rank_tracks, tracks_of
    from platestream.models.bundle import load_networks, second_opinion
    from platestream.models.registry import choose_detector

    if failures:
        check_sheet(failures)
    items = _labelled(labels, None if split == "all" else split)
    if not items:
        msg = f"{labels}: nothing of split {split!r} there; try --split all"
        raise DataError(msg)
    samples = [item for item in items if isinstance(item, Sample)]
    if failures and not samples:
        msg = f"{labels}: --failures draws pictures, and these are videos"
        raise ConfigError(msg)
    if kind_of(items) in ("crops", "tracks"):
        _refuse_detector(context, labels)
    networks = load_networks(arch, models, num_threads=threads, device=device)
    found_by = choose_detector(
        detector, models, size_px=detector_size, num_threads=threads, device=device
    )
    finder = second_opinion(found_by, networks)
    name = labels.parent.name if labels.is_file() else labels.name
    with progress() as bars:
        bar = bars.add_task(name, total=len({item.file for item in items}))
        metrics: Mapping[str, object]
        if ranking:
            metrics = rank_tracks(
                tracks_of(items), networks.score, networks.read, finder, lambda: bars.advance(bar)
            )
        else:
            metrics = measure(items, networks, finder, lambda: bars.advance(bar))
    print_json({"labels": name, "split": split, "arch": arch, **metrics})
    if failures:
        wrong = write_failures(samples, networks.read, failures, finder)
        complain(f"{failures}: {wrong}\n")


def _refuse_detector(context: typer.Context, labels: Path) -> None:
    """Where every picture is a plate already, a detector was meant for something else."""
    for name in ("detector", "detector_size"):
        if is_given(context, name):
            option = "--" + name.replace("_", "-")
            msg = f"{labels}: {option} has no effect on pictures of plates alone; leave it out"
            raise ConfigError(msg)


def _labelled(labels: Path, split: str | None) -> "list[Sample] | list[Passage]":
    """What a label file or folder says; of tables as `finetune` takes them a quarter is `dev`."""
    from platestream.lab.data.layouts import read_dataset
    from platestream.lab.data.own import is_own, read_own, with_splits
    from platestream.lab.data.sample import select

    if not is_own(labels):
        return read_dataset(labels, split)
    own = read_own(labels)
    for reason, number in own.left_aside.most_common():
        complain(f"platestream: left aside: {number} x {reason}\n")
    return select(with_splits(own.samples), split)
