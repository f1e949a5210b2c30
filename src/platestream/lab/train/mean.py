"""The mean of two runs' weights, a model soup (Wortsman et al., 2022, arXiv:2203.05482).

Where one run went on from the other, their mean reads new pictures better than either: what each
learnt by heart cancels, what both know stays.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor

from platestream.core.errors import ConfigError
from platestream.lab.networks.eqlpr import EqLpr
from platestream.lab.networks.heads import ParallelHead
from platestream.lab.quantize import MEASURING_FILE, load_measuring, save_measuring
from platestream.lab.train.adopt import adopt_reader
from platestream.lab.train.eqlpr import Validate, load_config, load_network
from platestream.lab.train.run_folder import claim, load_settings, log, save_network


def mean_of_runs(
    first: Path, second: Path, run_dir: Path, validate: Validate, share: float = 0.5
) -> dict[str, float]:
    """Write a run folder whose network is the mean of two.

    Its settings are the second's, and name both.

    Args:
        first: A run, or a reader's ``.onnx``, which may lack letters that the second has.
        second: A run.
        run_dir: To be written.
        validate: Judges it.
        share: Weight of the second; the first has the rest.

    Returns:
        Its metrics.

    Raises:
        WeightsNotFound: one is no run.
        ConfigError: they trained networks of different shapes, or `run_dir` holds another run.
        ModelContractError: the file is no reader of that shape.
    """
    network = load_network(second)
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


def _other_run(first: Path, second: Path) -> EqLpr:
    one, other = load_config(first), load_config(second)
    if one.network != other.network:
        msg = f"{first} and {second} trained different networks: {one.network}, {other.network}"
        raise ConfigError(msg)
    return load_network(first)


@torch.no_grad()
def _start(weights: Path, second: Path) -> EqLpr:
    """The network of a file; where the file knows fewer signs or steps, the second's for them."""
    network, full = load_network(second), load_network(second).reader_head
    patches = np.stack(load_measuring(second))
    adopt_reader(network, weights, torch.from_numpy(patches))
    head = network.reader_head
    if isinstance(head, ParallelHead) and isinstance(full, ParallelHead):
        _, steps, classes = onnx.load(weights).graph.output[0].type.tensor_type.shape.dim
        head.classify.weight[classes.dim_value :] = full.classify.weight[classes.dim_value :]
        head.classify.bias[classes.dim_value :] = full.classify.bias[classes.dim_value :]
        head.queries[steps.dim_value :] = full.queries[steps.dim_value :]
    return network.eval()


def _mean(
    one: Mapping[str, Tensor], other: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    # Of whole numbers, batch counts, there is no mean; nothing depends on them.
    return {
        name: torch.lerp(one[name], tensor, share) if tensor.is_floating_point() else tensor
        for name, tensor in other.items()
    }
