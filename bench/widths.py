"""Recall against plate width, as a table and a plot.

    python bench/widths.py DATA_ROOT [plot.png [OTHER_DETECTOR.onnx]]

The plates of the dev frames, scaled to each width and laid into pictures of 1280x720 and, for
the smallest, 3840x2160; those that would have to be enlarged twelve times are left out. OTHER is
drawn beside.
"""

import sys
from pathlib import Path

import numpy as np

from platestream.core.detector import Detector
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.widths import WidthRow, can_be_so_wide, recall_of_width
from platestream.models.bundle import load_detector
from platestream.models.detector import OnnxDetector

SETS = ("frames/europe", "frames/brazil", "frames/california", "frames/world_416")
HD, UHD = (1280, 720), (3840, 2160)
WIDTHS_PX = (16, 20, 30, 40, 60, 90, 128, 192, 256, 384, 512, 640, 768, 896, 1024, 1152, 1280)
UHD_WIDTHS_PX = (40, 60, 90, 120)
NUM_PLATES = 150


def measure(root: Path, detector: Detector) -> dict[tuple[int, int], list[WidthRow]]:
    """Every row of both pictures' sizes."""
    samples = [s for name in SETS for s in read_labels(root / name, "dev") if s.box_xyxy]
    rng = np.random.default_rng(20)
    chosen = [samples[i] for i in rng.permutation(len(samples))[:NUM_PLATES]]
    rows: dict[tuple[int, int], list[WidthRow]] = {}
    for size_px, widths_px in ((HD, WIDTHS_PX), (UHD, UHD_WIDTHS_PX)):
        for width_px in widths_px:
            fit = [sample for sample in chosen if can_be_so_wide(sample, width_px)]
            rows.setdefault(size_px, []).append(
                recall_of_width(fit, detector, width_px, size_px, rng)
            )
    return rows


def table(rows: dict[tuple[int, int], list[WidthRow]]) -> str:
    """The rows as Markdown."""
    lines = [
        "| picture | plate, px | share of the width | plates | recall |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {width}x{height} | {row.width_px} | {row.share:.3f} | {row.num_plates} "
        f"| {row.recall:.3f} |"
        for (width, height), group in rows.items()
        for row in group
    ]
    return "\n".join(lines)


def main() -> None:
    root = Path(sys.argv[1])
    rows = measure(root, load_detector())
    print(table(rows))
    if len(sys.argv) > 2:
        from platestream.lab.figures import plot_widths

        curves = {"now": rows[HD]}
        if len(sys.argv) > 3:
            other = OnnxDetector(Path(sys.argv[3]).read_bytes())
            curves["other"] = measure(root, other)[HD]
        plot_widths(curves, Path(sys.argv[2]))


if __name__ == "__main__":
    main()
