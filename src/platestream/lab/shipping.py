"""From training runs to the weight files and cards that ship."""

import datetime
import json
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS
from platestream.core.errors import WeightsNotFound
from platestream.lab.export import export_onnx
from platestream.lab.networks.count import count_macs, count_parameters
from platestream.lab.networks.eqlpr import EqLpr, QualityNetwork, ReaderNetwork
from platestream.lab.train.detector import load_detector_network
from platestream.lab.train.eqlpr import load_network
from platestream.models.cards import ModelCard, sha256

Settings: TypeAlias = dict[str, Any]

SUMMARIES = {
    "detector": "Finds plates in frames: centre heatmap and boxes, peaks instead of NMS",
    "reader-p": "EQ-LPR reader with a trunk of its own",
    "reader-s": "EQ-LPR reader whose trunk is shared with quality-s; serves S and E",
    "quality-p": "EQ-LPR quality network P: a trunk of its own",
    "quality-s": "EQ-LPR quality network S: the reader's trunk",
    "quality-e": "EQ-LPR quality network E: the light trunk, distilled from S",
}


def ship(run_dir: Path, out_dir: Path) -> list[ModelCard]:
    """Export what a run trained, with a card for each network.

    E's reader is S's, to the bit, so of E only its quality network is written.

    Raises:
        WeightsNotFound: `run_dir` is no run.
        ModelContractError: an exported file does not compute what the network does.
    """
    settings = _settings(run_dir)
    if "network" not in settings:
        return [_ship_detector(run_dir, settings, out_dir)]
    network = load_network(run_dir)
    arch = network.config.arch
    cards = [_ship_quality(f"quality-{arch}", network, run_dir, settings, out_dir)]
    if arch != "e":
        cards.append(_ship_reader(f"reader-{arch}", network, run_dir, settings, out_dir))
    return cards


def _ship_reader(
    name: str, network: EqLpr, run_dir: Path, settings: Settings, out_dir: Path
) -> ModelCard:
    return _write(
        ReaderNetwork(network),
        _noise(3, network.config.height_px, network.config.width_px),
        {0: torch.export.Dim("batch", max=4096)},
        run_dir,
        settings,
        out_dir,
        name=name,
        kind="reader",
        input=_patch_input(network),
        outputs={"char_probs": f"(N, {NUM_STEPS}, {NUM_CLASSES}) float32, class 0 ends the plate"},
        alphabet=CHARACTERS,
    )


def _ship_quality(
    name: str, network: EqLpr, run_dir: Path, settings: Settings, out_dir: Path
) -> ModelCard:
    return _write(
        QualityNetwork(network),
        _noise(3, network.config.height_px, network.config.width_px),
        {0: torch.export.Dim("batch", max=4096)},
        run_dir,
        settings,
        out_dir,
        name=name,
        kind="quality",
        input=_patch_input(network),
        outputs={"quality": "(N,) float32 in 0..1"},
    )


def _ship_detector(run_dir: Path, settings: Settings, out_dir: Path) -> ModelCard:
    dim = torch.export.Dim
    return _write(
        load_detector_network(run_dir),
        # Small: on a large noise picture some neighbours tie, and rounding decides the peak.
        _noise(2, 64, 96),
        {0: dim("batch", max=256), 1: 32 * dim("rows", max=256), 2: 32 * dim("cols", max=256)},
        run_dir,
        settings,
        out_dir,
        name="detector",
        kind="detector",
        input="frames (N, H, W, 3) uint8 RGB, H and W multiples of 32, grey 114 as padding",
        outputs={
            "scores": "(N, 1, h, w) float32 in 0..1, 0 where it is no peak",
            "boxes": "(N, 4, h, w) float32 xyxy in pixels of the input",
        },
    )


def _write(
    network: nn.Module,
    example: Tensor,
    free_axes: dict[int, Any],
    run_dir: Path,
    settings: Settings,
    out_dir: Path,
    *,
    name: str,
    kind: str,
    input: str,  # noqa: A002 - the card's own word
    outputs: dict[str, str],
    alphabet: str = "",
) -> ModelCard:
    # A detector's boxes are pixels of a large picture, and it is small anyway.
    half_weights = kind != "detector"
    weights = export_onnx(
        network, [example, example[:1]], list(outputs), free_axes, half_weights=half_weights
    )
    card = ModelCard(
        name=name,
        kind=kind,
        summary=SUMMARIES[name],
        input=input,
        output="; ".join(f"{output} {meaning}" for output, meaning in outputs.items()),
        alphabet=alphabet,
        trained_on=tuple(settings["trained_on"]),
        metrics=last_validation(run_dir),
        num_parameters=count_parameters(network),
        num_macs=count_macs(network, example[:1]),
        run={key: value for key, value in settings.items() if key != "trained_on"},
        sha256=sha256(weights),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        folder=out_dir,
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    card.path.write_bytes(weights)
    card.save()
    return card


def _settings(run_dir: Path) -> Settings:
    path = run_dir / "config.json"
    if not path.is_file():
        msg = f"{run_dir}: no config.json; name the folder of a training run"
        raise WeightsNotFound(msg)
    settings: Settings = json.loads(path.read_text(encoding="utf-8"))
    return settings


def _patch_input(network: EqLpr) -> str:
    size = f"(N, {network.config.height_px}, {network.config.width_px}, 3)"
    return f"patches {size} uint8 RGB, the plate stretched to fill them"


def _noise(num: int, height_px: int, width_px: int) -> Tensor:
    """Inputs to prove parity with: noise, not zeros, keeps every activation alive."""
    generator = torch.Generator().manual_seed(0)
    shape = (num, height_px, width_px, 3)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def last_validation(run_dir: Path) -> dict[str, float]:
    """The metrics of a run's last validation; empty where it had no dev data."""
    path = run_dir / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return next((row["validation"] for row in reversed(rows) if "validation" in row), {})
