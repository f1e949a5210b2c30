"""The mean of two runs' weights, a model soup (Wortsman et al., 2022, arXiv:2203.05482).

Where one run went on from the other, their mean reads new pictures better than either: what each
learnt by heart cancels, what both know stays.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from platestream.core.errors import ConfigError
from platestream.core.types import Rgb
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.networks.eqlpr import EqLpr
from platestream.lab.quantize import MEASURING_FILE, load_measuring, save_measuring
from platestream.lab.train.adopt import adopt_reader
from platestream.lab.train.detector.adopt import adopt_detector
from platestream.lab.train.detector.task import detector_validation
from platestream.lab.train.eqlpr import load_network
from platestream.lab.train.reader import dev_validation
from platestream.lab.train.run_folder import (
    claim,
    load_settings,
    load_trained,
    log,
    save_network,
)
from platestream.models.detector import PAD

Validate: TypeAlias = Callable[[Any], Mapping[str, float]]


def mean_of_runs(
    first: Path, second: Path, run_dir: Path, validate: Validate, share: float = 0.5
) -> dict[str, float]:
    """Write a run folder whose network is the mean of two readers or two detectors.

    Its settings are the second's, and name both.

    Args:
        first: A run, or a network's ``.onnx``; a reader's may lack letters that the second has.
        second: A run.
        run_dir: To be written.
        validate: Judges it, see `validation_of`.
        share: Weight of the second; the first has the rest.

    Returns:
        Its metrics.

    Raises:
        WeightsNotFound: one is no run.
        ConfigError: they trained networks of different shapes, or `run_dir` holds another run.
        ModelContractError: the file is no network of that shape.
    """
    network = _trained(second)
    one = _start(first, second) if first.suffix == ".onnx" else _other_run(first, second)
    network.load_state_dict(_mean(one.state_dict(), network.state_dict(), share))
    settings = load_settings(second) | {"mean_of": [first.name, second.name]}
    claim(run_dir, settings | ({} if share == 0.5 else {"mean_share": share}))
    save_network(run_dir, network)
    if (second / MEASURING_FILE).is_file():
        save_measuring(run_dir, load_measuring(second))
    metrics = dict(validate(network))
    log(run_dir, {"validation": metrics})
    return metrics


def validation_of(run_dir: Path, data_root: Path | None) -> Validate:
    """What judges a network like that of a run by the dev splits of a data folder."""
    is_reader = "network" in load_settings(run_dir)
    return dev_validation(data_root) if is_reader else detector_validation(data_root)


def _trained(run_dir: Path) -> EqLpr | PlateDetector:
    settings = load_settings(run_dir)
    if "network" in settings:
        return load_network(run_dir)
    if "judge_score" in settings:
        return load_trained(PlateDetector, run_dir)
    msg = f"{run_dir}: trained neither a reader nor a detector; of others there is no mean"
    raise ConfigError(msg)


def _other_run(first: Path, second: Path) -> nn.Module:
    one, other = (load_settings(run).get("network") for run in (first, second))
    if one != other:
        msg = f"{first} and {second} trained different networks: {one}, {other}"
        raise ConfigError(msg)
    return _trained(first)


def _start(weights: Path, second: Path) -> nn.Module:
    """The network of a file, its norms those that it has on what the second was measured with."""
    network, pictures = _trained(second), load_measuring(second)
    if isinstance(network, PlateDetector):
        adopt_detector(network, weights, torch.from_numpy(_side_by_side(pictures)))
    else:
        is_whole = adopt_reader(network, weights, torch.from_numpy(np.stack(pictures)))
        if not is_whole:
            msg = f"{weights} and {second} have other decoders; name a file of the same kind"
            raise ConfigError(msg)
        _add_missing(network.reader_head, weights, second)
    return network.eval()


def _side_by_side(pictures: list[Rgb]) -> NDArray[np.uint8]:
    """Pictures of several sizes as one batch, with the grey that a detector is used to."""
    height, width = np.max([picture.shape[:2] for picture in pictures], axis=0)
    batch = np.full((len(pictures), height, width, 3), PAD, np.uint8)
    for row, picture in zip(batch, pictures, strict=True):
        row[: picture.shape[0], : picture.shape[1]] = picture
    return batch


@torch.no_grad()
def _add_missing(head: nn.Module, weights: Path, second: Path) -> None:
    """Where a reader's file knows fewer signs or steps, take the second's for them."""
    _, steps, classes = (
        each.dim_value for each in onnx.load(weights).graph.output[0].type.tensor_type.shape.dim
    )
    signs = ("classify.weight", "classify.bias", "embedding.weight")
    known = dict.fromkeys(signs, classes) | {"queries": steps}
    full = load_network(second).reader_head.state_dict()
    for name, parameter in head.named_parameters():
        if name in known:
            parameter[known[name] :] = full[name][known[name] :]


def _mean(
    one: Mapping[str, Tensor], other: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    # Of whole numbers, batch counts, there is no mean; nothing depends on them.
    return {
        name: torch.lerp(one[name], tensor, share) if tensor.is_floating_point() else tensor
        for name, tensor in other.items()
    }
