"""What a network being trained is judged by: exact match on each dev set, and how it ranks."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from platestream.core.alphabet import decode
from platestream.lab.networks.eqlpr import EqLpr
from platestream.lab.train.crops import LabelledCrop, load_crops
from platestream.lab.train.loop import fast_floats
from platestream.lab.train.losses import legibility
from platestream.models.preprocess import make_patches

BATCH = 256
DEV_CROPS_PER_SET = 250


def make_validation(crops: Sequence[LabelledCrop]) -> Callable[[EqLpr], dict[str, float]]:
    """A function that judges a network on dev crops.

    Returns:
        For each set its exact-match accuracy, their mean as ``accuracy``, and
        ``quality_auc`` and ``score_auc``: the chance that a crop read rightly outranks one
        read wrongly, by the quality network and by the reader's own score.
    """
    texts = [crop.text for crop in crops]
    pictures = [crop.rgb for crop in crops]
    by_set: dict[str, list[int]] = defaultdict(list)
    for index, crop in enumerate(crops):
        by_set[crop.set_name].append(index)

    def validate(network: EqLpr) -> dict[str, float]:
        patches = make_patches(pictures, *network.config.size_px)
        readings, scores, qualities = look(network, patches)
        right = np.array([a == b for a, b in zip(readings, texts, strict=True)])
        metrics = {name: float(right[rows].mean()) for name, rows in by_set.items()}
        metrics["accuracy"] = float(np.mean(list(metrics.values())))
        metrics["score_auc"] = area_under_curve(scores, right)
        metrics["quality_auc"] = area_under_curve(qualities, right)
        return {name: round(value, 4) for name, value in metrics.items()}

    return validate


def area_under_curve(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Chance that a right item scores above a wrong one, ties counting half (Mann-Whitney).

    Args:
        scores: ``(N,)``.
        right: ``(N,)``.

    Returns:
        0.5 where all are right or all are wrong.
    """
    above, below = scores[right], np.sort(scores[~right])
    if not len(above) or not len(below):
        return 0.5
    lower = np.searchsorted(below, above, side="left")
    not_higher = np.searchsorted(below, above, side="right")
    return float((lower + not_higher).mean() / (2 * len(below)))


@torch.no_grad()
def look(
    network: EqLpr, patches: NDArray[np.uint8]
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """What both branches make of patches: readings, the reader's scores, and qualities."""
    device = next(network.parameters()).device
    readings: list[str] = []
    scores, qualities = [], []
    for start in range(0, len(patches), BATCH):
        batch = torch.from_numpy(patches[start : start + BATCH]).to(device)
        with fast_floats(device):
            logits = network.read(batch)
            qualities.append(network.score(batch).float().cpu().numpy())
        readings += [decode(row) for row in logits.argmax(2).cpu().numpy()]
        scores.append(legibility(logits).cpu().numpy())
    return readings, np.concatenate(scores), np.concatenate(qualities)


def dev_validation(root: Path | None) -> Callable[[EqLpr], dict[str, float]]:
    """What judges a network by the dev crops of a data folder; says nothing without any."""
    dev = _thinned(load_crops(root, "dev") if root else [])
    return make_validation(dev) if dev else lambda _: {}


def _thinned(crops: list[LabelledCrop]) -> list[LabelledCrop]:
    """Evenly spaced crops of each set, so that validation stays short."""
    by_set: dict[str, list[LabelledCrop]] = {}
    for crop in crops:
        by_set.setdefault(crop.set_name, []).append(crop)
    thinned = []
    for in_set in by_set.values():
        stride = -(-len(in_set) // DEV_CROPS_PER_SET)
        thinned += in_set[::stride]
    return thinned
