"""A run folder: `config.json` says whose it is, `metrics.jsonl` how it goes, and a checkpoint."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from torch import nn

from platestream.core.errors import ConfigError, ModelContractError, WeightsNotFound
from platestream.core.private import make_private_folder, write_private

CHECKPOINT_NAME = "checkpoint.pt"
"""The file that holds the weights, and all that training goes on with."""

Network = TypeVar("Network", bound=nn.Module)


def claim(run_dir: Path, config: Mapping[str, Any], name: str = "config.json") -> None:
    """Make a run folder, or see that it is this run's.

    Raises:
        ConfigError: it holds a run with another configuration.
    """
    make_private_folder(run_dir)  # what is learned from lies there as well
    path = run_dir / name
    text = json.dumps(config, indent=2, sort_keys=True)
    if not path.exists():
        part = path.with_suffix(".part")
        write_private(part, text)
        part.replace(path)
    elif path.read_text(encoding="utf-8") != text:
        msg = f"{path} differs from this run's configuration; use another run folder or remove it"
        raise ConfigError(msg)


def load_trained(make: Callable[[], Network], run_dir: Path) -> Network:
    """The network of a run folder, in eval mode.

    Args:
        make: Makes one of the same shape; asked once there is a checkpoint.
        run_dir: Where `run_training` left it.

    Raises:
        WeightsNotFound: the folder holds no checkpoint.
        ModelContractError: it holds one of another platestream.
    """
    checkpoint = run_dir / CHECKPOINT_NAME
    if not checkpoint.is_file():
        msg = f"{run_dir}: no {CHECKPOINT_NAME}; name the folder of a training run"
        raise WeightsNotFound(msg)
    network = make()
    try:
        network.load_state_dict(load_checkpoint(checkpoint)["task"]["network"])
    except RuntimeError as error:
        msg = f"{checkpoint}: its network is none that this platestream knows; train it again"
        raise ModelContractError(msg) from error
    network.eval()
    return network


def load_settings(run_dir: Path) -> dict[str, Any]:
    """The `config.json` of a run folder.

    Raises:
        WeightsNotFound: the folder holds no run.
    """
    path = run_dir / "config.json"
    if not path.is_file():
        msg = f"{run_dir}: no config.json; name the folder of a training run"
        raise WeightsNotFound(msg)
    settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return settings


def kind_of_run(settings: Mapping[str, Any]) -> Literal["reader", "corners", "detector"]:
    """What a run trains, by its settings."""
    if "network" in settings:
        return "reader"
    return "corners" if "num_stills" in settings else "detector"


def save_network(run_dir: Path, network: nn.Module) -> None:
    """Leave a network in a run folder for `load_trained`; there is nothing to go on from."""
    save_checkpoint(run_dir / CHECKPOINT_NAME, {"task": {"network": network.state_dict()}})


def save_checkpoint(path: Path, checkpoint: Mapping[str, Any]) -> None:
    """Write a checkpoint: a run that is killed at that keeps its last whole one."""
    part = path.with_suffix(".part")
    torch.save(dict(checkpoint), part)
    part.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint, wherever it was made, into the CPU's memory."""
    saved: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return saved


def log(run_dir: Path, row: Mapping[str, Any]) -> None:
    """Add a line to a run's `metrics.jsonl`."""
    with (run_dir / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "time": time.strftime("%FT%T")}) + "\n")


def last_validation(run_dir: Path) -> dict[str, float]:
    """The metrics of a run's last validation; empty before the first."""
    path = run_dir / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in reversed(lines):
        with suppress(ValueError):  # half a line, where a run was killed in it
            if "validation" in (row := json.loads(line)):
                return dict(row["validation"])
    return {}
