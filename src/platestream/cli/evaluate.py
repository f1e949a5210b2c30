"""`platestream evaluate`: how well the weights read what a label file says."""

from pathlib import Path
from typing import Annotated

import typer

from platestream.cli.options import ArchName, Json, ModelsDir, Threads, print_json


def evaluate(
    labels: Annotated[
        Path, typer.Argument(metavar="LABELS.csv", help="Of crops, tracks, frames or videos.")
    ],
    split: Annotated[str, typer.Option(help="dev, train, or all.")] = "dev",
    arch: ArchName = "e",
    models: ModelsDir = None,
    threads: Threads = 1,
    as_json: Json = False,
) -> None:
    """Measure on labelled pictures or videos; prints one JSON object.

    Crops give reading accuracy; tracks also what Algorithm 1 makes of them; frames also
    detection and end to end; videos the share of passages read.
    """
    from platestream.cli.options import progress
    from platestream.lab.evaluate import evaluate as measure
    from platestream.lab.evaluate import num_pictures
    from platestream.models.bundle import load_detector, load_networks

    networks = load_networks(arch, models, num_threads=threads)
    detector = load_detector(models, num_threads=threads)
    with progress() as bars:
        bar = bars.add_task(labels.parent.name, total=num_pictures(labels, split))
        metrics = measure(labels, split, networks, detector, lambda: bars.advance(bar))
    print_json({**metrics, "arch": arch})
