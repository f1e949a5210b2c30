"""What reader and quality branch are pulled towards (paper, section 3), and what is ours in it."""

from torch import Tensor
from torch.nn import functional

from platestream.core.alphabet import END

RANKING_SCALE = 0.1
"""Difference of scores that counts as one unit of the logistic loss."""


def reader_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """L_r: mean negative log likelihood of the characters and the end symbol.

    Args:
        logits: ``(N, T, C)``, teacher-forced.
        targets: ``(N, T)`` int64; steps after the first end symbol do not count.
    """
    wanted = until_end(targets)
    losses = functional.cross_entropy(logits.float().transpose(1, 2), targets, reduction="none")
    return (losses * wanted).sum() / wanted.sum()


def legibility(logits: Tensor) -> Tensor:
    """Alpha: probability of the least confident character of a greedy reading, detached.

    Args:
        logits: ``(N, T, C)`` of the reader's own greedy reading.

    Returns:
        ``(N,)`` float32 in 0..1; the end symbol counts, what follows it does not.
    """
    probs, best = logits.detach().float().softmax(dim=2).max(dim=2)
    return probs.masked_fill(~until_end(best), 1.0).min(dim=1).values


def truth(logits: Tensor, targets: Tensor) -> Tensor:
    """Ours: probability of the least likely character of the labelled text, detached.

    A reader that is sure of a wrong character has a high alpha; this is low.

    Args:
        logits: ``(N, T, C)``, teacher-forced.
        targets: ``(N, T)`` int64.

    Returns:
        ``(N,)`` float32 in 0..1; the end symbol counts, what follows it does not.
    """
    probs = logits.detach().float().softmax(dim=2).gather(2, targets.unsqueeze(2)).squeeze(2)
    return probs.masked_fill(~until_end(targets), 1.0).min(dim=1).values


def ranking_loss(scores: Tensor, wanted: Tensor) -> Tensor:
    """Ours: logistic loss on every pair of a plate's views, weighed by how far apart they are.

    Args:
        scores: ``(K, V)``, V views of K plates.
        wanted: ``(K, V)`` targets of the same.
    """
    apart = wanted.unsqueeze(2) - wanted.unsqueeze(1)
    ahead = scores.unsqueeze(2) - scores.unsqueeze(1)
    losses = functional.softplus(-ahead / RANKING_SCALE) * apart.clamp(min=0)
    return losses.sum() / apart.clamp(min=0).sum().clamp(min=1e-6)


def distillation_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """|| F*_q - F_r ||_2, ours: over the root of the number of elements, to suit any size."""
    return (student.float() - teacher.detach().float()).pow(2).flatten(1).mean(1).sqrt().mean()


def until_end(indices: Tensor) -> Tensor:
    """``(N, T)`` class indices: true up to and including the first end symbol of each row."""
    ended = (indices == END).int().cumsum(dim=1) - (indices == END).int()
    return ended == 0
