"""`platestream export`: a training run's weights as ONNX, with their card."""

from pathlib import Path
from typing import Annotated

import typer

from platestream.cli.options import Json, print_json, say


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for weights and cards.")],
    as_json: Json = False,
) -> None:
    """Export a run's networks to ONNX, check them against torch, write a card for each."""
    from platestream.lab.shipping import ship

    cards = ship(run, out)
    if as_json:
        print_json([{"name": c.name, "file": str(c.path), "sha256": c.sha256} for c in cards])
        return
    for card in cards:
        size_mb = card.path.stat().st_size / 1e6
        say(f"{card.path}  {size_mb:.1f} MB  {card.num_macs / 1e6:.0f} M MACs\n")
