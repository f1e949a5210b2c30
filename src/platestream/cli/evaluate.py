"""`platestream evaluate`: how well the weights read what a label file says."""

from pathlib import Path
from typing import Annotated

import typer

from platestream.cli.options import ArchName, Json, ModelsDir, Threads, print_json
from platestream.core.errors import DataError


def evaluate(
    labels: Annotated[
        Path,
        typer.Argument(
            metavar="LABELS.csv",
            help="Of crops, tracks, frames or videos; or a folder of UFPR-ALPR, CCPD, or pictures "
            "named for their plates.",
        ),
    ],
    split: Annotated[str, typer.Option(help="dev, train, test, or all.")] = "dev",
    arch: ArchName = "e",
    models: ModelsDir = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Measure on labelled pictures or videos; prints one JSON object.

    Crops give reading accuracy; tracks also what Algorithm 1 makes of them; frames also
    detection and end to end; videos the share of passages read.
    """
    from platestream.lab.data.layouts import read_dataset
    from platestream.lab.evaluate import evaluate as measure
    from platestream.models.bundle import load_detector, load_networks
    from platestream.sinks.progress import progress

    items = read_dataset(labels, None if split == "all" else split)
    if not items:
        msg = f"{labels}: nothing of split {split!r} there; try --split all"
        raise DataError(msg)
    networks = load_networks(arch, models, num_threads=threads)
    detector = load_detector(models, num_threads=threads)
    name = labels.parent.name if labels.is_file() else labels.name
    with progress() as bars:
        bar = bars.add_task(name, total=len({item.file for item in items}))
        metrics = measure(items, networks, detector, lambda: bars.advance(bar))
    print_json({"labels": name, "split": split, "arch": arch, **metrics})
