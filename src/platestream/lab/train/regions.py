"""Train the head that says where a plate is from, and put it into a finished reader's file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from platestream.core.errors import DataError
from platestream.core.origin import REGIONS
from platestream.lab.region_head import RegionHead, with_head, without_head
from platestream.lab.train.region_pictures import Seen, drawn_pictures, look, real_pictures
from platestream.models.bundle import load_corner_finder
from platestream.models.cards import DEFAULT_ARCH, ModelCard, find_card, sha256
from platestream.models.registry import ARCHITECTURES

_TEMPERATURES: Final = np.exp(np.linspace(np.log(0.5), np.log(4), 61))


@dataclass(frozen=True, slots=True)
class RegionConfig:
    """How the head is trained.

    Attributes:
        num_steps: Batches.
        batch_size: Pictures a step.
        num_hidden: Numbers between its two layers.
        peak_lr: Learning rate, which falls to 0.
        dropout: Share of what is seen, and of what is between, that is left out.
        weight_decay: Of AdamW.
        real_lift: How much more a real set counts than a layout of as many pictures.
        most_real: Pictures of a real set.
        num_drawn: Plates of each layout.
        num_views: Pictures of each of those.
        seed: Of all random numbers.
    """

    num_steps: int = 1500
    batch_size: int = 512
    num_hidden: int = 32
    peak_lr: float = 3e-3
    dropout: float = 0.1
    weight_decay: float = 1e-2
    real_lift: float = 2.0
    most_real: int = 300
    num_drawn: int = 40
    num_views: int = 2
    seed: int = 1


def train_regions(
    data_root: Path,
    models: Path,
    config: RegionConfig | None = None,
    glyphs: Path | None = None,
    num_threads: int = 1,
    on_picture: Callable[[], object] = lambda: None,
) -> dict[str, float]:
    """Make a head for the reader of a folder of weights; it takes minutes.

    Args:
        data_root: Folder of labelled pictures.
        models: Has the reader's file and card, which are replaced by those of the reader with the
            head; a head that it had before goes.
        config: See `RegionConfig`.
        glyphs: Folder of Chinese plate glyphs, or None.
        num_threads: CPU threads.
        on_picture: Called after each picture that was looked at.

    Returns:
        How it does on pictures that it did not learn from, see `judge`.

    Raises:
        WeightsNotFound: the folder has no reader.
        DataError: labels are missing or wrong.
        ModelContractError: the reader has no trunk that a head fits.
    """
    config = config or RegionConfig()
    torch.set_num_threads(num_threads)
    card = find_card(ARCHITECTURES[DEFAULT_ARCH].reader, models)
    weights = without_head(card.read_weights())
    upright = load_corner_finder(models, num_threads=num_threads).upright
    rng = np.random.default_rng(config.seed)
    pictures = chain(
        real_pictures(data_root, config.most_real, rng, upright),
        drawn_pictures(config.num_drawn, config.num_views, config.seed, glyphs),
    )
    seen = look(weights, pictures, num_threads, on_picture)
    head = fit(seen, config)
    metrics = judge(seen, head)
    _write(replace(card, folder=models), with_head(weights, head), head, config, metrics)
    return metrics


def fit(seen: Seen, config: RegionConfig) -> RegionHead:
    """Train a head on what is not held out, and make it as sure as it is right on what is."""
    torch.manual_seed(config.seed)
    learned = ~seen.is_held_out
    if not learned.any() or not seen.is_held_out.any():
        msg = "no pictures of known origin to learn from, or none to judge by; give more plates"
        raise DataError(msg)
    mean, spread = seen.seen[learned].mean(axis=0), seen.seen[learned].std(axis=0) + 1e-3
    inputs = torch.from_numpy((seen.seen[learned] - mean) / spread)
    origins = torch.from_numpy(seen.origins[learned])
    layers = nn.Sequential(
        nn.Dropout(config.dropout),
        nn.Linear(inputs.shape[1], config.num_hidden),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.num_hidden, len(REGIONS)),
    )
    optimizer = torch.optim.AdamW(
        layers.parameters(), config.peak_lr, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.peak_lr, config.num_steps, pct_start=0.1
    )
    chances = torch.from_numpy(_weights(seen, config.real_lift)[learned])
    for _ in range(config.num_steps):
        batch = torch.multinomial(chances, config.batch_size, replacement=True)
        loss = -_of_origins(layers(inputs[batch]), origins[batch]).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return _tempered(_folded(layers, mean, spread).in_integers(), seen, config.real_lift)


def judge(seen: Seen, head: RegionHead) -> dict[str, float]:
    """How a head does, by the picture alone, on what is held out.

    Returns:
        Of real and of drawn pictures the share that is taken for a region it may be from, each set
        and each layout counted alike, and the mean share that was said of that region.
    """
    probs = np.exp(head.log_probs(seen.seen))
    best = probs.argmax(axis=1)
    is_right = seen.origins[np.arange(len(best)), best]
    found: dict[str, float] = {"num_pictures": float((~seen.is_held_out).sum())}
    for name, chosen in (("real", seen.is_real), ("drawn", ~seen.is_real)):
        chosen = chosen & seen.is_held_out
        weights = _by_group(seen, chosen)
        found[f"{name}_right"] = round(float((is_right * weights).sum()), 4)
        found[f"{name}_said"] = round(float((probs.max(axis=1) * weights).sum()), 4)
    return found


def _of_origins(logits: Tensor, origins: Tensor) -> Tensor:
    """``(N,)`` log-probability that each is from any of its origins."""
    of_these = logits.masked_fill(~origins, float("-inf"))
    return of_these.logsumexp(dim=1) - logits.logsumexp(dim=1)


def _weights(seen: Seen, real_lift: float) -> NDArray[np.float64]:
    """Chance of each picture: groups weigh by the root of their number, real ones more."""
    _, index, counts = np.unique(seen.groups, return_inverse=True, return_counts=True)
    return np.where(seen.is_real, real_lift, 1.0) / np.sqrt(counts[index])


def _by_group(seen: Seen, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights of some pictures that sum to 1, each group's alike; 0 for the others."""
    groups = np.array(seen.groups)
    names, index = np.unique(groups[chosen], return_inverse=True)
    weights = np.zeros(len(groups))
    weights[chosen] = 1 / (np.bincount(index)[index] * max(len(names), 1))
    return weights


def _folded(
    layers: nn.Sequential, mean: NDArray[np.float32], spread: NDArray[np.float32]
) -> RegionHead:
    """The layers as they see plain numbers."""
    first, last = (layer for layer in layers if isinstance(layer, nn.Linear))
    hidden = first.weight.detach().numpy().T / spread[:, None]
    bias = first.bias.detach().numpy() - mean @ hidden
    # As the file rounds it.
    out = last.weight.detach().numpy().T.astype(np.float16).astype(np.float32)
    return RegionHead(
        hidden.astype(np.float32), bias.astype(np.float32), out, last.bias.detach().numpy()
    )


def _tempered(head: RegionHead, seen: Seen, real_lift: float) -> RegionHead:
    """A head whose certainty is divided by what fits held-out pictures best."""
    judged = seen.is_held_out
    weights = _weights(seen, real_lift)[judged]
    logits = torch.from_numpy(head.log_probs(seen.seen[judged]))
    origins = torch.from_numpy(seen.origins[judged])

    def loss(temperature: float) -> float:
        return -float((_of_origins(logits / temperature, origins).numpy() * weights).sum())

    best = float(min(_TEMPERATURES, key=loss))
    out = (head.out / best).astype(np.float16).astype(np.float32)
    return replace(head, out=out, out_bias=(head.out_bias / best).astype(np.float32))


def _write(
    card: ModelCard,
    weights: bytes,
    head: RegionHead,
    config: RegionConfig,
    metrics: dict[str, float],
) -> None:
    """Replace the reader's file and card, the file last: half of it is no reader."""
    characters = card.output.partition("; ")[0]
    before: dict[str, Any] = card.run.get("regions", {})
    run = {
        "seed": config.seed,
        "num_steps": config.num_steps,
        "num_hidden": config.num_hidden,
        "num_parameters": head.num_parameters,
        "date": datetime.now(UTC).date().isoformat(),
        **metrics,
    }
    num_parameters = card.num_parameters - before.get("num_parameters", 0) + head.num_parameters
    replace(
        card,
        output=f"{characters}; regions (N, {len(REGIONS)}) float32 log-probabilities",
        num_parameters=num_parameters,
        run={**card.run, "regions": run},
        sha256=sha256(weights),
    ).save()
    part = card.path.with_suffix(".part")
    part.write_bytes(weights)
    part.replace(card.path)
