"""A reader taught a few plates more, fast: what its first layers see is computed once.

Edges look the same on all plates, so the first groups of the trunk stay as they are, and each view
of a plate passes them once. What is learned is the rest. Two things keep it from forgetting: on
rendered plates it must go on saying what it said (self-distillation: Li and Hoiem, Learning without
Forgetting, 2016), and at the end its weights go back towards the old ones as far as need be
(Wortsman et al., Robust fine-tuning of zero-shot models, 2022). Forgotten is a plate that was read
surely and rightly: of barely legible ones a few change with any step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from platestream.lab.networks.eqlpr import EqLpr
from platestream.lab.networks.trunk import colour_input
from platestream.lab.train.loop import BatchMaker, fast_floats, set_lr
from platestream.lab.train.losses import reader_loss, until_end

FROZEN_GROUPS: Final = 3
BATCH: Final = 32
"""Views of own plates in a step, and as many of rendered ones."""

PEAK_LR: Final = 1e-3
KEPT_WEIGHT: Final = 6.0
"""Weight of saying the same of rendered plates, beside learning one's own."""

WARMUP: Final = 10
COOLING: Final = 120
"""Steps at the end in which the rate falls to nothing, and what slipped away comes back."""

DONE_LOSS: Final = 0.05
"""Mean loss of a character on the own views from which on there is little left to learn."""

SHARES: Final = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)
"""Of the way from the old weights to the new ones, the farthest first."""

FORGIVEN: Final = 0.015
"""Share of the rendered plates that were sure and may be lost on the way, at the first look."""

SURE: Final = 0.9
"""Chance of the least certain character from which on a view counts as surely read."""

_CHUNK = 128


@dataclass(frozen=True, slots=True)
class Views:
    """Pictures of plates, as the layers that learn see them.

    Attributes:
        seen: ``(N, C, h, w)`` float32, what the frozen layers make of them.
        targets: ``(N, T)`` int64, what stands there.
        said: ``(N, T, C)`` float32, log probabilities by the reader as it was.
    """

    seen: Tensor
    targets: Tensor
    said: Tensor

    def known(self) -> Tensor:
        """``(N,)`` bool: which the reader read rightly, and surely, as it was."""
        chances, best = self.said.exp().max(2)
        score = chances.masked_fill(~until_end(best), 1.0).amin(1)
        return _is_right(best, self.targets) & (score >= SURE)

    def only(self, kept: Tensor) -> "Views":
        """Those of which `kept`, ``(N,)`` bool, is true."""
        return Views(self.seen[kept], self.targets[kept], self.said[kept])


class Tuner:
    """Teaches a network, in place.

    Args:
        network: A reader, as `adopt_reader` left it.
        seed: Of all randomness.
    """

    def __init__(self, network: EqLpr, seed: int) -> None:
        self._network = network.eval()
        layers = list(network.reader_trunk)
        self._front = network.reader_trunk.first_groups(FROZEN_GROUPS)
        self._rest = nn.Sequential(*layers[len(self._front) :])
        self._learns = [*self._rest.parameters(), *network.reader_head.parameters()]
        self._rng = np.random.default_rng(seed)

    @torch.no_grad()
    def see(self, batches: BatchMaker, num: int) -> Views:
        """Take `num` batches through the frozen layers."""
        seen, targets, said = [], [], []
        for step in range(num):
            batch = batches(step)
            pixels = colour_input(torch.from_numpy(batch["patches"]))
            seen.append(self._front(pixels.contiguous(memory_format=torch.channels_last)))
            targets.append(torch.from_numpy(batch["targets"]))
            said.append(self._read(seen[-1]).log_softmax(2))
        return Views(torch.cat(seen), torch.cat(targets), torch.cat(said))

    def teach(
        self, own: Views, rendered: Views, num_steps: int, on_step: Callable[[int], object]
    ) -> int:
        """Learn what own plates say, and go on saying the same of rendered ones.

        The rate stays up until little is left to learn, then cools down (Hu et al., MiniCPM, 2024):
        while it is up the rendered plates suffer.

        Args:
            own: Views to learn.
            rendered: Views to say the same of.
            num_steps: At most.
            on_step: Told how many steps are done.

        Returns:
            How many steps it took.
        """
        optimizer = torch.optim.AdamW(self._learns, PEAK_LR, weight_decay=0.02)
        size = min(BATCH, len(own.targets))
        losses: list[float] = []
        end = num_steps
        while len(losses) < end:
            step = len(losses)
            mine = self._draw(len(own.targets), size)
            others = self._draw(len(rendered.targets), size)
            with fast_floats(own.seen.device):
                logits = self._read(torch.cat([own.seen[mine], rendered.seen[others]])).float()
            learned = reader_loss(logits[:size], own.targets[mine])
            kept = _divergence(logits[size:], rendered.said[others], rendered.targets[others])
            set_lr(optimizer, PEAK_LR * min(1.0, (step + 1) / WARMUP, (end - step) / COOLING))
            optimizer.zero_grad()
            (learned + KEPT_WEIGHT * kept).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self._learns, 5.0)
            optimizer.step()
            losses.append(learned.item())
            on_step(step + 1)
            if np.mean(losses[-WARMUP:]) < DONE_LOSS:
                end = min(end, step + COOLING)
        return end

    @torch.no_grad()
    def go_back(self, old: list[Tensor], check: Views) -> float:
        """Go back to where no more than `FORGIVEN` of the check's plates are lost.

        Args:
            old: The weights as they were, see `weights`.
            check: Rendered plates that were not taught, and were read surely.

        Returns:
            The share of the way that is left; 0 where all of it forgets.
        """
        new = self.weights()
        self._set(old, new, 0.0)
        least = self.share_right(check) - FORGIVEN
        for share in SHARES:
            self._set(old, new, share)
            if self.share_right(check) >= least:
                return share
        self._set(old, new, 0.0)
        return 0.0

    def weights(self) -> list[Tensor]:
        """A copy of all that learns."""
        return [parameter.detach().clone() for parameter in self._learns]

    @torch.no_grad()
    def share_right(self, views: Views) -> float:
        """Share of views that are read exactly."""
        right = 0
        for start in range(0, len(views.targets), _CHUNK):
            wanted = views.targets[start : start + _CHUNK]
            best = self._read(views.seen[start : start + _CHUNK]).argmax(2)
            right += int(_is_right(best, wanted).sum())
        return right / max(1, len(views.targets))

    def _read(self, seen: Tensor) -> Tensor:
        return torch.as_tensor(self._network.reader_head(self._rest(seen)))

    def _draw(self, num: int, size: int) -> Tensor:
        return torch.from_numpy(self._rng.choice(num, size, replace=num < size))

    def _set(self, old: list[Tensor], new: list[Tensor], share: float) -> None:
        for parameter, before, after in zip(self._learns, old, new, strict=True):
            parameter.copy_(torch.lerp(before, after, share))


def _is_right(best: Tensor, targets: Tensor) -> Tensor:
    """Which of ``(N, T)`` classes are those of the targets, up to the end symbol."""
    return ((best == targets) | ~until_end(targets)).all(1)


def _divergence(logits: Tensor, said: Tensor, targets: Tensor) -> Tensor:
    """Mean Kullback-Leibler divergence of a character from what was said before."""
    apart = functional.kl_div(logits.log_softmax(2), said, reduction="none", log_target=True)
    wanted = until_end(targets)
    return (apart.sum(2) * wanted).sum() / wanted.sum()
