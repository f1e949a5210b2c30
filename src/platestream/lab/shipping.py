"""From training runs to the weight files and cards that ship."""

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS
from platestream.lab.export import export_onnx
from platestream.lab.networks.count import count_macs, count_parameters
from platestream.lab.networks.eqlpr import EqLpr, QualityNetwork, ReaderNetwork
from platestream.lab.train.eqlpr import load_network
from platestream.models.cards import ModelCard, sha256

SUMMARIES = {
    "reader-p": "EQ-LPR reader with a trunk of its own",
    "reader-s": "EQ-LPR reader whose trunk is shared with quality-s; serves S and E",
    "quality-p": "EQ-LPR quality network P: a trunk of its own",
    "quality-s": "EQ-LPR quality network S: the reader's trunk",
    "quality-e": "EQ-LPR quality network E: the light trunk, distilled from S",
}


def ship_eqlpr(run_dir: Path, out_dir: Path) -> list[ModelCard]:
    """Export reader and quality network of one run, with a card each.

    E's reader is S's, to the bit, so only its quality network is written.

    Raises:
        WeightsNotFound: `run_dir` is no run.
        ModelContractError: an exported file does not compute what the network does.
    """
    network = load_network(run_dir)
    arch = network.config.arch
    makers: dict[str, Callable[[EqLpr], nn.Module]] = {f"quality-{arch}": QualityNetwork}
    if arch != "e":
        makers[f"reader-{arch}"] = ReaderNetwork
    return [_ship(name, make(network), run_dir, out_dir) for name, make in makers.items()]


def _ship(name: str, network: nn.Module, run_dir: Path, out_dir: Path) -> ModelCard:
    settings = json.loads((run_dir / "config.json").read_text(encoding="utf-8"))
    size = settings["network"]
    height_px, width_px = size["height_px"], size["width_px"]
    is_reader = name.startswith("reader")
    # Noise, not zeros: parity has to hold where every activation is alive.
    generator = torch.Generator().manual_seed(0)
    shape = (3, height_px, width_px, 3)
    example = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
    weights = export_onnx(network, example, ["char_probs" if is_reader else "quality"])
    card = ModelCard(
        name=name,
        kind="reader" if is_reader else "quality",
        summary=SUMMARIES[name],
        input=f"patches (N, {height_px}, {width_px}, 3) uint8 RGB, the plate stretched to fill it",
        output=f"char_probs (N, {NUM_STEPS}, {NUM_CLASSES}) float32, class 0 ends the plate"
        if is_reader
        else "quality (N,) float32 in 0..1",
        alphabet=CHARACTERS if is_reader else "",
        trained_on=tuple(settings.pop("trained_on")),
        metrics=last_validation(run_dir),
        num_parameters=count_parameters(network),
        num_macs=count_macs(network, example[:1]),
        run=settings,
        sha256=sha256(weights),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        folder=out_dir,
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    card.path.write_bytes(weights)
    card.save()
    return card


def last_validation(run_dir: Path) -> dict[str, float]:
    """The metrics of a run's last validation; empty where it had no dev data."""
    path = run_dir / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return next((row["validation"] for row in reversed(rows) if "validation" in row), {})
