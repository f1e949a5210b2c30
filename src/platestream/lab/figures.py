"""Pictures of how rules decide: accuracy against reads, histograms of quality, strips of tracks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from platestream.core.types import PlateDecision, Rgb
from platestream.lab.bench import BenchRow
from platestream.lab.widths import WidthRow
from platestream.stream.registry import DEFAULT_FUSION
from platestream.video.pictures import write_picture

mpl.use("Agg")  # pictures only: never look for a screen
from matplotlib import pyplot as plt

_MARKERS = "os.Dh^1vxP*"


def plot_rules(rows: Sequence[BenchRow], path: Path) -> None:
    """Accuracy (or agreement, without labels) against reads a track, one mark a rule."""
    fig, axes = plt.subplots(figsize=(7.5, 4.8), layout="constrained")
    by_fusion: dict[str, list[BenchRow]] = defaultdict(list)
    for row in rows:
        by_fusion[row.fusion].append(row)
    labelled = all(row.accuracy is not None for row in rows)
    for marker, (fusion, group) in zip(_MARKERS, by_fusion.items(), strict=False):
        heights = [row.agreement if row.accuracy is None else row.accuracy for row in group]
        reads = [row.reads_per_track for row in group]
        axes.scatter(reads, heights, marker=marker, label=fusion, alpha=0.8)
        if fusion == DEFAULT_FUSION:
            for row, height in zip(group, heights, strict=True):
                axes.annotate(
                    row.policy, (row.reads_per_track, height), (4, -9), textcoords="offset points"
                )
    paper = next(r for r in rows if (r.policy, r.fusion) == ("paper", "best"))
    height = paper.agreement if paper.accuracy is None else paper.accuracy
    axes.axhline(height, color="grey", linewidth=0.8, linestyle="--")
    axes.text(0.99, height, "the paper's rule", ha="right", va="bottom", color="grey",
              transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set(
        xscale="log", xlabel="reads a track", ylabel="tracks right" if labelled else "agreement"
    )
    ticks = [1, 2, 4, 8, 16, 32]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.legend(title="fusion", fontsize="small")
    _save(fig, path)


def plot_qualities(sets: dict[str, Sequence[float]], path: Path) -> None:
    """The paper's Fig. 3: a histogram of quality scores for each set."""
    fig, all_axes = plt.subplots(
        1, len(sets), figsize=(3.6 * len(sets), 2.8), layout="constrained", squeeze=False
    )
    for axes, (name, qualities) in zip(all_axes[0], sets.items(), strict=True):
        axes.hist(qualities, bins=np.linspace(0, 1, 21), density=True, color="#3b6ea5")
        axes.set(title=name, xlabel="quality", xlim=(0, 1), yticks=[])
    _save(fig, path)


def plot_widths(curves: Mapping[str, Sequence[WidthRow]], path: Path) -> None:
    """Recall against a plate's width as a share of the picture's, one line a detector."""
    fig, axes = plt.subplots(figsize=(7.5, 3.6), layout="constrained")
    for marker, (name, rows) in zip(_MARKERS, curves.items(), strict=False):
        shares = [100 * row.share for row in rows]
        axes.plot(shares, [100 * row.recall for row in rows], marker=marker, label=name)
    axes.set(
        xscale="log", ylim=(0, 102), ylabel="plates found, %",
        xlabel="plate's width, % of the picture's",
    )  # fmt: skip
    ticks = [1, 2, 5, 10, 20, 50, 100]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    _save(fig, path)


def draw_strip(
    crops: Sequence[Rgb], decisions: Sequence[PlateDecision], plate: str, path: Path
) -> None:
    """The paper's Fig. 4: the crops of a track, with each frame's quality and report below.

    A crop that was read has a green edge; the last line says what the track ended with.
    """
    tiles = [_tile(crop, decision) for crop, decision in zip(crops, decisions, strict=True)]
    line = np.full((26, sum(tile.shape[1] for tile in tiles), 3), 255, np.uint8)
    cv2.putText(line, f"= {plate}", (6, 19), (178, 28, 34), cv2.FontFace("uni"), 18, 700)
    write_picture(path, np.vstack([np.hstack(tiles), line]))


def _tile(crop: Rgb, decision: PlateDecision) -> NDArray[np.uint8]:
    width, height = 132, 44
    tile = np.full((height + 46, width + 8, 3), 255, np.uint8)
    tile[4 : 4 + height, 4 : 4 + width] = cv2.resize(
        crop, (width, height), interpolation=cv2.INTER_AREA
    )
    if decision.was_read:
        cv2.rectangle(tile, (1, 1), (width + 6, height + 6), (30, 150, 60), 3)
    face = cv2.FontFace("uni")
    ink = (0, 0, 0) if decision.was_read else (120, 120, 120)
    cv2.putText(tile, f"q {decision.quality:.2f}", (6, height + 22), ink, face, 13)
    cv2.putText(tile, decision.reading.text or "-", (6, height + 40), ink, face, 14)
    return tile


def _save(fig: Figure, path: Path) -> None:
    # No date and no version inside: the same figure is the same file.
    fig.savefig(path, dpi=110, metadata={"Software": None} if path.suffix == ".png" else None)
    plt.close(fig)
