"""The mean of two runs' weights, a model soup (Wortsman et al., 2022, arXiv:2203.05482).

Where one run went on from the other, their mean reads new pictures better than either: what each
learnt by heart cancels, what both know stays.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from platestream.core.errors import ConfigError
from platestream.lab.quantize import MEASURING_FILE
from platestream.lab.train.eqlpr import Validate, load_config, load_network
from platestream.lab.train.loop import claim, load_settings, log, save_network


def mean_of_runs(first: Path, second: Path, run_dir: Path, validate: Validate) -> dict[str, float]:
    """Write a run folder whose network is the mean of two.

    Its settings are the second's, and name both.

    Returns:
        Its metrics.

    Raises:
        WeightsNotFound: one is no run.
        ConfigError: they trained networks of different shapes, or `run_dir` holds another run.
    """
    one, other = load_config(first), load_config(second)
    if one.network != other.network:
        msg = f"{first} and {second} trained different networks: {one.network}, {other.network}"
        raise ConfigError(msg)
    network = load_network(second)
    network.load_state_dict(_mean(load_network(first).state_dict(), network.state_dict()))
    claim(run_dir, load_settings(second) | {"mean_of": [first.name, second.name]})
    save_network(run_dir, network)
    if (second / MEASURING_FILE).is_file():
        shutil.copy(second / MEASURING_FILE, run_dir)
    metrics = dict(validate(network))
    log(run_dir, {"validation": metrics})
    return metrics


def _mean(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> dict[str, Tensor]:
    # Of whole numbers, batch counts, there is no mean; nothing depends on them.
    return {
        name: torch.lerp(one[name], tensor, 0.5) if tensor.is_floating_point() else tensor
        for name, tensor in other.items()
    }
