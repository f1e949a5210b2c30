"""From training runs to the weight files and cards that ship."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS
from platestream.lab.blocks import in_blocks
from platestream.lab.export import export_onnx, halve_weights
from platestream.lab.networks.corners import CornerNetwork
from platestream.lab.networks.count import count_macs, count_parameters
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.networks.eqlpr import EqLpr, QualityNetwork, ReaderNetwork
from platestream.lab.quantize import check_quantized, load_measuring, quantize
from platestream.lab.train.eqlpr import EqLprConfig, load_config, load_network
from platestream.lab.train.run_folder import (
    kind_of_run,
    last_validation,
    load_settings,
    load_trained,
)
from platestream.models.cards import ModelCard, sha256
from platestream.models.preprocess import PATCH_HEIGHT_PX, PATCH_WIDTH_PX

SUMMARIES = {
    "corners": "Finds the corners of the plate in a crop, to turn it upright",
    "detector": "Finds plates in frames: a heat map of centres, boxes and corners; 8-bit integers",
    "reader-p": "EQ-LPR reader with a trunk of its own",
    "reader-s": "EQ-LPR reader whose trunk is shared with quality-s; serves S and E",
    "reader-nano": "Our reader: the paper's trunk and encoder, all characters decoded at once",
    "quality-p": "EQ-LPR quality network P: a trunk of its own",
    "quality-s": "EQ-LPR quality network S: the reader's trunk",
    "quality-e": "EQ-LPR quality network E: the light trunk, distilled from S",
    "quality-nano": "Quality network of depthwise convolutions, distilled from reader-nano",
}


_TRUNK_OPS = ("Conv", "Relu", "MaxPool")

_ON_DEV = "the run's last validation on split dev, in torch: "
_RANKING = "quality_auc and score_auc are the chance that a crop read rightly outranks a wrong one"
MEASURED = {
    "corners": _ON_DEV + "mean distance of the corners as a share of the plate's diagonal",
    "detector": _ON_DEV + "at IoU 0.5, default size and score",
    "reader": _ON_DEV + "share of plates read exactly, at most 250 crops a set; " + _RANKING,
    "quality": _ON_DEV + _RANKING + ", the rest is its reader's share of plates read exactly",
}


@dataclass(frozen=True, slots=True)
class _Shipment:
    """One network to export, and what its card says of it.

    Attributes:
        example: To trace and prove parity with.
        integer_ops: Kinds of nodes that are turned into integer ones; none leaves it as it is.
        float_from: Weights from which on it stays as it is, see `quantize`.
        feed_integers: See `quantize`.
        size_px: Height and width that multiply-accumulates are counted at.
    """

    name: str
    kind: str
    network: nn.Module
    example: Tensor
    size_px: tuple[int, int]
    free_axes: dict[int, Any]
    input: str
    outputs: dict[str, str]
    alphabet: str = ""
    integer_ops: tuple[str, ...] = ()
    float_from: tuple[str, ...] = ()
    feed_integers: bool = False


def ship(run_dir: Path, out_dir: Path, made_by: Mapping[str, str] | None = None) -> list[ModelCard]:
    """Export what a run trained, with a card for each network.

    Of reader and quality network only those are written that the run has trained; E's reader is
    S's.

    Args:
        run_dir: Of a training run.
        out_dir: For weights and cards.
        made_by: What the cards say beside the run's own settings: its recipe and commit.

    Raises:
        WeightsNotFound: `run_dir` is no run.
        ModelContractError: an exported file does not compute what the network does.
    """
    settings = load_settings(run_dir) | dict(made_by or {})
    kind = kind_of_run(settings)
    if kind == "reader":
        shipments = _eqlpr_shipments(load_network(run_dir), load_config(run_dir))
    elif kind == "corners":
        shipments = [_corners_shipment(load_trained(CornerNetwork, run_dir))]
    else:
        shipments = [_detector_shipment(load_trained(PlateDetector, run_dir))]
    return [_write(shipment, run_dir, settings, out_dir) for shipment in shipments]


def _eqlpr_shipments(network: EqLpr, run: EqLprConfig) -> list[_Shipment]:
    config = network.config
    arch, height_px, width_px = config.arch, config.height_px, config.width_px
    quality = _Shipment(
        name=f"quality-{arch}",
        kind="quality",
        network=QualityNetwork(network),
        example=_noise(3, height_px, width_px),
        size_px=(height_px, width_px),
        free_axes={0: torch.export.Dim("batch", max=4096)},
        input=f"patches (N, {height_px}, {width_px}, 3) uint8 RGB, the plate stretched to fit",
        outputs={"quality": "(N,) float32 in 0..1"},
        # Nano is so small that turning numbers into integers takes as long as it saves.
        integer_ops=() if arch == "nano" else _TRUNK_OPS,
        float_from=("head.hidden.weight",),
    )
    reader = replace(
        quality,
        name=f"reader-{arch}",
        kind="reader",
        network=ReaderNetwork(network),
        outputs={"char_probs": f"(N, {NUM_STEPS}, {NUM_CLASSES}) float32, class 0 ends the plate"},
        alphabet=CHARACTERS,
        integer_ops=(*_TRUNK_OPS, "LSTM"),
        float_from=(),
    )
    return [quality] * run.learns_quality + [reader] * run.learns_reading


def _corners_shipment(network: CornerNetwork) -> _Shipment:
    height_px, width_px = PATCH_HEIGHT_PX, PATCH_WIDTH_PX
    return _Shipment(
        name="corners",
        kind="corners",
        network=network,
        example=_noise(3, height_px, width_px),
        size_px=(height_px, width_px),
        free_axes={0: torch.export.Dim("batch", max=4096)},
        input=f"patches (N, {height_px}, {width_px}, 3) uint8 RGB, the crop stretched to fit",
        outputs={
            "corners": "(N, 8) float32, x and y from the top left clockwise, as shares of the crop"
        },
    )


def _detector_shipment(network: PlateDetector) -> _Shipment:
    dim = torch.export.Dim
    return _Shipment(
        name="detector",
        kind="detector",
        network=network,
        # Small: on a large noise picture some neighbours tie, and rounding decides the peak.
        example=_noise(2, 64, 96),
        size_px=(384, 640),
        free_axes={
            0: dim("batch", max=256),
            1: 32 * dim("rows", max=256),
            2: 32 * dim("columns", max=256),
        },
        input="frames (N, H, W, 3) uint8 RGB, H and W multiples of 32, padded with grey 114; "
        "multiply-accumulates are of 384x640",
        outputs={
            "scores": "(N, 1, h, w) float32 in 0..1, 0 where it is no peak",
            "boxes": "(N, 4, h, w) float32 xyxy in pixels of the input",
            "quads": "(N, 8, h, w) float32 corners in pixels of the input",
        },
        integer_ops=("Conv", "Relu", "Add", "Resize"),
        float_from=("heat.weight", "box.weight", "corners.weight"),
        feed_integers=True,
    )


def _write(
    shipment: _Shipment, run_dir: Path, settings: dict[str, Any], out_dir: Path
) -> ModelCard:
    weights = export_onnx(
        shipment.network,
        [shipment.example, shipment.example[:1]],
        list(shipment.outputs),
        shipment.free_axes,
        halve=not shipment.integer_ops,
    )
    if shipment.integer_ops:
        pictures = load_measuring(run_dir)
        weights = quantize(
            weights,
            pictures,
            shipment.integer_ops,
            shipment.float_from,
            feed_integers=shipment.feed_integers,
        )
        if shipment.feed_integers:
            weights = in_blocks(weights)
        weights = halve_weights(weights)
        check_quantized(weights, shipment.network, pictures)
    card = ModelCard(
        name=shipment.name,
        kind=shipment.kind,
        summary=SUMMARIES[shipment.name],
        input=shipment.input,
        output="; ".join(f"{name} {meaning}" for name, meaning in shipment.outputs.items()),
        alphabet=shipment.alphabet,
        trained_on=tuple(settings["trained_on"]),
        measured=MEASURED[shipment.kind],
        metrics=last_validation(run_dir),
        num_parameters=count_parameters(shipment.network),
        num_macs=count_macs(shipment.network, _noise(1, *shipment.size_px)),
        run={key: value for key, value in settings.items() if key != "trained_on"},
        sha256=sha256(weights),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        folder=out_dir,
    )
    out_dir.mkdir(parents=True, exist_ok=True)
    card.path.write_bytes(weights)
    card.save()
    return card


def _noise(num: int, height_px: int, width_px: int) -> Tensor:
    """Inputs to prove parity with: noise, not zeros, keeps every activation alive."""
    generator = torch.Generator().manual_seed(0)
    shape = (num, height_px, width_px, 3)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
