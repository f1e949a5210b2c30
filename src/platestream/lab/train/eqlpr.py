"""How P, S, E and nano are trained (paper, section 3): reader and quality, alternately."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor

from platestream.core.errors import ConfigError, ModelContractError
from platestream.lab.networks.eqlpr import EqLpr, NetworkConfig
from platestream.lab.train.loop import (
    cosine_lr,
    fast_floats,
    set_lr,
    training_device,
)
from platestream.lab.train.losses import (
    distillation_loss,
    legibility,
    ranking_loss,
    reader_loss,
    truth,
)
from platestream.lab.train.run_folder import load_settings, load_trained

_STARTS = ("init_from", "quality_init_from")
Target: TypeAlias = Literal["confidence", "truth"]
Validate: TypeAlias = Callable[[EqLpr], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class EqLprConfig:
    """How one network is trained.

    Attributes:
        network: Which one.
        num_steps: Batches in all, reader's and quality's together.
        quality_from: First step at which the quality branch may learn; before it alpha says
            little, since the reader cannot read yet.
        quality_every: From then on every so many-th step is the quality branch's; 2 alternates
            one to one, as in the paper.
        peak_lr: Of the reader.
        quality_lr: Peak of the quality branch.
        init_from: Run folder whose reader this one starts from, or a reader's ``.onnx``, see
            `adopt_reader`; E keeps its reader as it is.
        quality_init_from: A quality network's ``.onnx`` that the branch starts from, see
            `adopt_quality`.
        frozen_groups: So many groups of the reader's trunk, from the picture on, stay as they
            are: edges look the same on all plates, and cost a third of a step on a CPU.
        target: What the quality branch learns: "confidence", the paper's alpha, or "truth", the
            reader's probability of the least likely character of the *labelled* text.
        ranking: Weight of the loss on the order of a plate's views (ours); 0 is the paper's.
        views: How many pictures of each plate follow one another in a batch.
    """

    network: NetworkConfig
    num_steps: int
    quality_from: int = 0
    quality_every: int = 2
    peak_lr: float = 1.5e-3
    quality_lr: float = 1e-3
    init_from: Path | None = None
    quality_init_from: Path | None = None
    frozen_groups: int = 0
    target: Target = "confidence"
    ranking: float = 0.0
    views: int = 1

    @property
    def learns_reading(self) -> bool:
        """Whether the reader moves at all; if not, the run is for the quality branch alone."""
        is_all_quality = self.quality_from == 0 and self.quality_every == 1
        return not (self.network.keeps_reader or is_all_quality)

    @property
    def learns_quality(self) -> bool:
        """Whether the quality branch moves at all."""
        return self.network.keeps_reader or self.quality_from < self.num_steps

    def to_json(self) -> dict[str, Any]:
        """For `config.json`; of a path only the name, since configs end up in public cards."""
        settings = asdict(self)
        for key in _STARTS:
            settings[key] = settings[key].name if settings[key] else None
        # Runs of before this setting go on.
        return {k: v for k, v in settings.items() if k != "quality_init_from" or v}


class EqLprTask:
    """A `Task` for the training loop: steps of the reader and of the quality branch in turn."""

    def __init__(self, config: EqLprConfig, validate: Validate) -> None:
        self.config = config
        self._validate = validate
        if config.network.arch == "nano" and config.network.pools != "wide":
            msg = "nano's map has the shape of the wide pools'; train it with --pools wide"
            raise ConfigError(msg)
        self.network = EqLpr(config.network)
        self.network.to(training_device(), memory_format=torch.channels_last)  # type: ignore[call-overload]
        is_file = config.init_from is not None and config.init_from.suffix == ".onnx"
        if config.init_from and not is_file:
            _start_reader(self.network, config.init_from)
        elif not (config.learns_reading or is_file):
            msg = (
                f"a quality branch of {config.network.arch} needs a reader that can read: give the "
                "run folder, or the .onnx, of one"
            )
            raise ConfigError(msg)
        net = self.network
        self._frozen = net.reader_trunk.first_groups(config.frozen_groups)
        self._frozen.requires_grad_(False)
        reader = [*net.reader_trunk.parameters(), *net.reader_head.parameters()]
        quality = [
            *net.quality_trunk.parameters(),
            *net.quality_head.parameters(),
            *net.projection.parameters(),
        ]
        self._reader_optimizer = torch.optim.AdamW(reader, config.peak_lr, weight_decay=0.02)
        self._quality_optimizer = torch.optim.AdamW(quality, config.quality_lr, weight_decay=0.02)

    def state_dict(self) -> dict[str, Any]:
        """Weights and both optimizers."""
        return {
            "network": self.network.state_dict(),
            "reader_optimizer": self._reader_optimizer.state_dict(),
            "quality_optimizer": self._quality_optimizer.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what `state_dict` gave."""
        self.network.load_state_dict(state["network"])
        self._reader_optimizer.load_state_dict(state["reader_optimizer"])
        self._quality_optimizer.load_state_dict(state["quality_optimizer"])

    def train_step(self, step: int, batch: dict[str, Tensor]) -> dict[str, float]:
        """One batch for the reader, or one for the quality branch."""
        patches = batch["patches"]
        if self._is_quality_step(step):
            return self._quality_step(step, patches, batch["targets"])
        return self._reader_step(step, patches, batch["targets"])

    def validate(self, step: int) -> dict[str, float]:
        """Metrics of the network in eval mode; the same at every step."""
        self.network.eval()
        return dict(self._validate(self.network))

    def _is_quality_step(self, step: int) -> bool:
        config = self.config
        if not config.learns_reading:
            return True
        return step >= config.quality_from and step % config.quality_every == 0

    def _reader_step(self, step: int, patches: Tensor, targets: Tensor) -> dict[str, float]:
        self.network.train()
        self._frozen.eval()
        with fast_floats(patches.device):
            loss = reader_loss(self.network.read(patches, targets), targets)
        lr = cosine_lr(step, self.config.num_steps, self.config.peak_lr)
        _descend(self._reader_optimizer, loss, lr)
        return {"reader_loss": loss.item()}

    def _quality_step(self, step: int, patches: Tensor, targets: Tensor) -> dict[str, float]:
        net = self.network
        # Alpha is the reader's at run time: eval mode, and on crops freshly degraded.
        net.eval()
        with torch.no_grad(), fast_floats(patches.device):
            features_r = net.reader_features(patches)
            if self.config.target == "truth":
                alpha = truth(net.reader_head(features_r, targets), targets)
            else:
                alpha = legibility(net.reader_head(features_r))
        net.quality_trunk.train()
        net.quality_head.train()
        with fast_floats(patches.device):
            features_q = net.quality_features(patches)
            score = net.quality_head(features_q).float()
            projected = net.projection(features_q)
        quality_loss = (alpha - score).abs().mean()
        losses = {"quality_loss": quality_loss.item(), "alpha": alpha.mean().item()}
        loss = quality_loss
        if self.config.ranking:
            views = self.config.views
            ranking = ranking_loss(score.view(-1, views), alpha.view(-1, views))
            losses["ranking_loss"] = ranking.item()
            loss = loss + self.config.ranking * ranking
        if self.config.network.is_distilled:
            distillation = distillation_loss(projected, features_r)
            losses["distillation_loss"] = distillation.item()
            loss = loss + distillation
        # Its own warm-up and decay: the reader's would be over before this branch starts.
        start = 0 if self.config.network.keeps_reader else self.config.quality_from
        lr = cosine_lr(step - start, self.config.num_steps - start, self.config.quality_lr)
        _descend(self._quality_optimizer, loss, lr)
        return losses


def _descend(optimizer: torch.optim.Optimizer, loss: Tensor, lr: float) -> None:
    set_lr(optimizer, lr)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    for group in optimizer.param_groups:
        torch.nn.utils.clip_grad_norm_(group["params"], 5.0)
    optimizer.step()


def load_config(run_dir: Path) -> EqLprConfig:
    """How the network of a run folder was trained.

    Raises:
        WeightsNotFound: the folder holds no run.
    """
    settings = load_settings(run_dir)
    known = {field.name for field in fields(EqLprConfig)} - {"network", *_STARTS}
    return EqLprConfig(
        NetworkConfig(**settings["network"]),
        **{name: value for name, value in settings.items() if name in known},
    )


def load_network(run_dir: Path) -> EqLpr:
    """The network of a run folder, in eval mode.

    Raises:
        WeightsNotFound: the folder holds no checkpoint.
        ModelContractError: it holds one of another platestream.
    """
    return load_trained(lambda: EqLpr(load_config(run_dir).network), run_dir)


def _start_reader(network: EqLpr, run_dir: Path) -> None:
    """Take what another run's reader learned.

    Raises:
        WeightsNotFound: there is no run.
        ModelContractError: it trained no reader of this shape.
    """
    other = load_settings(run_dir).get("network", {})
    shape = asdict(network.config) | {"arch": other.get("arch")}
    if other != shape:
        msg = f"{run_dir}: no run of a reader like {shape}; name another run, or give its options"
        raise ModelContractError(msg)
    source = load_network(run_dir)
    network.reader_trunk.load_state_dict(source.reader_trunk.state_dict())
    # Between the paper's decoder and ours the encoder is what they share.
    same = type(source.reader_head) is type(network.reader_head)
    into, out_of = network.reader_head, source.reader_head
    (into if same else into.encoder).load_state_dict(
        (out_of if same else out_of.encoder).state_dict()
    )
