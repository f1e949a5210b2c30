"""The mean of two runs' weights, a model soup (Wortsman et al., 2022, arXiv:2203.05482).

Where one run went on from the other, their mean reads new pictures better than either: what each
learnt by heart cancels, what both know stays.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from platestream.core.errors import ConfigError
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.networks.eqlpr import EqLpr
from platestream.lab.quantize import MEASURING_FILE, load_measuring, save_measuring
from platestream.lab.train.adopt import adopt_quality, adopt_reader
from platestream.lab.train.adopt_decoder import num_known
from platestream.lab.train.detector.adopt import adopt_detector
from platestream.lab.train.detector.task import detector_validation
from platestream.lab.train.eqlpr import load_config, load_network
from platestream.lab.train.run_folder import (
    claim,
    kind_of_run,
    load_settings,
    load_trained,
    log,
    save_network,
)
from platestream.lab.train.validation import dev_validation
from platestream.models.cards import sha256

Validate: TypeAlias = Callable[[Any], Mapping[str, float]]


def mean_of_runs(
    first: Path, second: Path, run_dir: Path, validate: Validate, share: float = 0.5
) -> dict[str, float]:
    """Write a run folder whose network is the mean of two readers, quality networks or detectors.

    Its settings are the second's, and name both.

    Args:
        first: A run, or the ``.onnx`` of what the second trained: a detector, a reader, which may
            lack letters that the second has, or the quality network of a run for that alone.
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
    one = _of_file(first, second) if first.suffix == ".onnx" else _other_run(first, second)
    network.load_state_dict(_mean(one.state_dict(), network.state_dict(), share))
    settings = load_settings(second) | {"mean_of": [first.name, second.name]}
    if share != 0.5:
        settings["mean_share"] = share
    if first.suffix == ".onnx":
        settings["mean_of_sha256"] = sha256(first.read_bytes())
    claim(run_dir, settings)
    save_network(run_dir, network)
    if (second / MEASURING_FILE).is_file():
        save_measuring(run_dir, load_measuring(second))
    metrics = dict(validate(network))
    log(run_dir, {"validation": metrics})
    return metrics


def validation_of(run_dir: Path, data_root: Path | None) -> Validate:
    """What judges a network like that of a run by the dev splits of a data folder."""
    if kind_of_run(load_settings(run_dir)) == "detector":
        return detector_validation(data_root)
    return dev_validation(data_root)


def _trained(run_dir: Path) -> EqLpr | PlateDetector:
    kind = kind_of_run(load_settings(run_dir))
    if kind == "corners":
        msg = f"{run_dir}: trained a corner network; of those there is no mean"
        raise ConfigError(msg)
    return load_trained(PlateDetector, run_dir) if kind == "detector" else load_network(run_dir)


def _other_run(first: Path, second: Path) -> nn.Module:
    one, other = (load_settings(run).get("network") for run in (first, second))
    if one != other:
        msg = f"{first} and {second} trained different networks: {one}, {other}"
        raise ConfigError(msg)
    return _trained(first)


def _of_file(weights: Path, second: Path) -> nn.Module:
    """The network of a file, with the second's averages and what the file does not know."""
    network = _trained(second)
    if isinstance(network, PlateDetector):
        adopt_detector(network, weights, None)
        return network
    if not load_config(second).learns_reading:
        adopt_quality(network, weights, None)
        return network
    full = {name: each.clone() for name, each in network.reader_head.state_dict().items()}
    if not adopt_reader(network, weights, None):
        msg = f"{weights} and {second} have other decoders; name a file of the same kind"
        raise ConfigError(msg)
    known = num_known(weights)
    with torch.no_grad():
        for name, parameter in network.reader_head.named_parameters():
            if name in known:
                parameter[known[name] :] = full[name][known[name] :]
    return network


def _mean(
    one: Mapping[str, Tensor], other: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    # Of whole numbers, batch counts, there is no mean; nothing depends on them.
    return {
        name: torch.lerp(one[name], tensor, share) if tensor.is_floating_point() else tensor
        for name, tensor in other.items()
    }
