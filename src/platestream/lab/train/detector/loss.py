"""What the plate detector's heat map and boxes are worth."""

import torch
from torch import Tensor
from torch.nn import functional


def heat_loss(logits: Tensor, heat: Tensor, weight: Tensor) -> Tensor:
    """Focal loss of CornerNet (arXiv:1808.01244, equation 1), over the number of plates.

    Args:
        logits: ``(N, 1, h, w)`` float32.
        heat: The same shape, in 0..1; a cell of 1 is a plate's centre.
        weight: The same shape; 0 where a cell does not count.
    """
    is_centre = heat == 1
    probability = logits.sigmoid()
    hit = -((1 - probability) ** 2) * functional.logsigmoid(logits)
    false_alarm = -((1 - heat) ** 4) * probability**2 * functional.logsigmoid(-logits)
    losses = torch.where(is_centre, hit, false_alarm) * weight
    return losses.sum() / is_centre.sum().clamp(min=1)


def box_loss(boxes: Tensor, targets: Tensor, weight: Tensor) -> Tensor:
    """GIoU (arXiv:1902.09630) plus the edges' distance as a share of the plate's size.

    Args:
        boxes: ``(N, 4, h, w)`` float32 xyxy.
        targets: The same.
        weight: ``(N, 1, h, w)``; cells of 0 do not count.
    """
    counts = weight[:, 0] > 0
    if not counts.any():
        return boxes.sum() * 0
    weights = weight[:, 0][counts]
    a, b = (each.permute(0, 2, 3, 1)[counts] for each in (boxes, targets))
    sizes = (b[:, 2:] - b[:, :2]).repeat(1, 2)
    losses = 1 - giou(a, b) + ((a - b).abs() / sizes).mean(dim=1)
    return (losses * weights).sum() / weights.sum()


def giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalized intersection over union of ``(K, 4)`` with ``(K, 4)`` xyxy: ``(K,)``, -1..1."""

    def area(top_left: Tensor, bottom_right: Tensor) -> Tensor:
        return (bottom_right - top_left).clamp(min=0).prod(dim=1)

    shared = area(torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:]))
    union = area(a[:, :2], a[:, 2:]) + area(b[:, :2], b[:, 2:]) - shared
    hull = area(torch.minimum(a[:, :2], b[:, :2]), torch.maximum(a[:, 2:], b[:, 2:]))
    return shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


def corner_loss(quads: Tensor, targets: Tensor, boxes: Tensor, weight: Tensor) -> Tensor:
    """Distance of the corners as a share of the plate's size, forgiving large slips.

    Args:
        quads: ``(N, 8, h, w)`` float32, x and y of each corner in turn.
        targets: The same.
        boxes: ``(N, 4, h, w)`` xyxy of the plates, whose sides are the unit.
        weight: ``(N, 1, h, w)``; cells of 0 do not count.
    """
    counts = weight[:, 0] > 0
    if not counts.any():
        return quads.sum() * 0
    weights = weight[:, 0][counts]
    a, b, box = (each.permute(0, 2, 3, 1)[counts] for each in (quads, targets, boxes))
    sizes = (box[:, 2:] - box[:, :2]).repeat(1, 4)
    losses = functional.smooth_l1_loss(a / sizes, b / sizes, reduction="none", beta=0.02)
    return (losses.mean(dim=1) * weights).sum() / weights.sum()
