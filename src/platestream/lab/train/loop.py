"""The loop every training shares: ordered batches, checkpoints that resume exactly, a run folder.

A batch is a pure function of its step, and the learning rate too, so a run that was cut off
and resumed sees the same batches and ends with the same weights as an unbroken one.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.data import DataLoader, Dataset

from platestream.core.errors import ConfigError, ModelContractError, WeightsNotFound
from platestream.core.private import make_private_folder

Batch: TypeAlias = Mapping[str, NDArray[Any]]
BatchMaker: TypeAlias = Callable[[int], Batch]
"""Step to batch; deterministic, numpy only, since it runs in worker processes."""

CHECKPOINT_NAME = "checkpoint.pt"
"""The file of a run folder that holds the weights, and all that training goes on with."""


class Task(Protocol):
    """What is trained: its parameters, one step, and how it is judged."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes while training: weights and optimizer states."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""

    def train_step(self, step: int, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        """Learn from one batch; returns the losses to log."""

    def validate(self, step: int) -> dict[str, float]:
        """Metrics on held-out data."""


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How long to train, how often to look, and who is told.

    Attributes:
        num_steps: Optimizer steps in all.
        validate_every: Steps between validations.
        checkpoint_every_s: Seconds between checkpoints.
        log_every: Steps a line of `metrics.jsonl` averages over.
        num_workers: Processes that make batches, some 800 plates a second each; 0 makes them in
            this one.
        num_threads: CPU threads of torch. More than other processes leave free is a loss:
            each step waits for its slowest thread.
        stop_after: Stop (resumably) at this step; None to go to the end.
        on_step: Called with the number of steps done: where the run begins or goes on, and after
            each step. A progress bar hangs here; training itself draws nothing.
    """

    num_steps: int
    validate_every: int = 1000
    checkpoint_every_s: float = 120.0
    log_every: int = 100
    num_workers: int = 1
    num_threads: int = 1
    stop_after: int | None = None
    on_step: Callable[[int], object] | None = None


def cosine_lr(step: int, num_steps: int, peak: float, warmup: int = 200) -> float:
    """Linear warm-up, then half a cosine down to a hundredth of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    share_done = (step - warmup) / max(1, num_steps - warmup)
    return float(peak * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * share_done))))


def training_device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fast_floats(device: torch.device) -> torch.autocast:
    """Autocast to bfloat16 where that is faster.

    On a CPU without AVX-512 a step takes fifteen times as long in it; networks this small
    were no faster in it on a GPU.
    """
    fast = device.type == "cpu" and torch.backends.cpu.get_cpu_capability() == "AVX512"
    return torch.autocast(device.type, torch.bfloat16, enabled=fast)


Network = TypeVar("Network", bound=nn.Module)


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
        network.load_state_dict(_load(checkpoint)["task"]["network"])
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


def save_network(run_dir: Path, network: nn.Module) -> None:
    """Leave a network in a run folder for `load_trained`; there is nothing to go on from."""
    _write(run_dir / CHECKPOINT_NAME, {"task": {"network": network.state_dict()}})


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Set every parameter group's learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def run_training(
    task: Task, batches: BatchMaker, run_dir: Path, loop: LoopConfig, config: Mapping[str, Any]
) -> dict[str, float]:
    """Train to the end, or on from the last checkpoint in `run_dir`.

    Writes `config.json`, `metrics.jsonl` and `checkpoint.pt` there.

    Returns:
        The last validation's metrics.

    Raises:
        ConfigError: `run_dir` holds a run with another configuration.
    """
    torch.set_num_threads(loop.num_threads)
    device = training_device()
    claim(run_dir, config)
    checkpoint = run_dir / CHECKPOINT_NAME
    start = _restore(task, checkpoint) if checkpoint.exists() else 0
    stop = min(loop.num_steps, loop.stop_after or loop.num_steps)
    metrics = last_validation(run_dir)
    sums: dict[str, list[float]] = {}
    saved_s = time.monotonic()
    tell = loop.on_step or (lambda _: None)
    tell(start)
    for step, batch in _batches(batches, start, stop, loop.num_workers):
        there = {name: each.to(device, non_blocking=True) for name, each in batch.items()}
        for name, value in task.train_step(step, there).items():
            sums.setdefault(name, []).append(value)
        done = step + 1
        if done % loop.log_every == 0:
            log(run_dir, {"step": done} | {k: float(np.mean(v)) for k, v in sums.items()})
            sums.clear()
        if done % loop.validate_every == 0 or done == loop.num_steps:
            metrics = task.validate(done)
            log(run_dir, {"step": done, "validation": metrics})
        if time.monotonic() - saved_s > loop.checkpoint_every_s or done == stop:
            _save(task, checkpoint, done)
            saved_s = time.monotonic()
        tell(done)
    return metrics


def last_validation(run_dir: Path) -> dict[str, float]:
    """The metrics of a run's last validation; empty before the first."""
    path = run_dir / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return next((row["validation"] for row in reversed(rows) if "validation" in row), {})


class _Steps(Dataset[dict[str, torch.Tensor]]):
    def __init__(self, batches: BatchMaker, start: int, stop: int) -> None:
        self._batches, self._start, self._stop = batches, start, stop

    def __len__(self) -> int:
        return self._stop - self._start

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        batch = self._batches(self._start + index)
        return {name: torch.from_numpy(np.ascontiguousarray(a)) for name, a in batch.items()}


def _batches(
    batches: BatchMaker, start: int, stop: int, num_workers: int
) -> Iterator[tuple[int, dict[str, torch.Tensor]]]:
    loader = DataLoader(
        _Steps(batches, start, stop),
        batch_size=None,
        num_workers=num_workers,
        prefetch_factor=4 if num_workers else None,
        pin_memory=torch.cuda.is_available(),
    )
    return enumerate(loader, start=start)


def claim(run_dir: Path, config: Mapping[str, Any]) -> None:
    """Make a run folder, or see that it is this run's.

    Raises:
        ConfigError: it holds a run with another configuration.
    """
    make_private_folder(run_dir)  # what is learned from lies there as well
    path = run_dir / "config.json"
    text = json.dumps(config, indent=2, sort_keys=True)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        msg = f"{path} differs from this run's configuration; use another run folder or remove it"
        raise ConfigError(msg)
    path.write_text(text, encoding="utf-8")


def _save(task: Task, path: Path, step: int) -> None:
    _write(path, {"step": step, "task": task.state_dict(), "rng": torch.get_rng_state()})


def _write(path: Path, checkpoint: Mapping[str, Any]) -> None:
    # Write beside and rename: a run killed while saving keeps its last whole checkpoint.
    part = path.with_suffix(".part")
    torch.save(dict(checkpoint), part)
    part.replace(path)


def _restore(task: Task, path: Path) -> int:
    saved = _load(path)
    task.load_state_dict(saved["task"])
    torch.set_rng_state(saved["rng"])
    return int(saved["step"])


def _load(path: Path) -> dict[str, Any]:
    """A checkpoint, wherever it was made, into the CPU's memory."""
    saved: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return saved


def log(run_dir: Path, row: Mapping[str, Any]) -> None:
    """Add a line to a run's `metrics.jsonl`."""
    with (run_dir / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "time": time.strftime("%FT%T")}) + "\n")
