"""Make the tables and pictures of docs/decisions.md: `python bench/decisions.py DATA_ROOT`.

Writes docs/decisions/*.png and docs/decisions/tables.md. Streams are the real ones of
tracks/rlpr and tracks/tudelft, semi-real ones (sharp real crops of split dev, filmed by our
camera) and a rendered twin of UFPR-ALPR. The strips show a rendered plate.
"""

import json
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import defaultdict
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from platestream.core.alphabet import NUM_CLASSES, NUM_STEPS
from platestream.core.types import PlateCrop, Reading
from platestream.lab.data.labels_csv import read_labels
from platestream.lab.data.sample import Sample
from platestream.lab.figures import draw_strip, plot_qualities
from platestream.lab.replay import StackReader, record_samples, replay_track
from platestream.models.bundle import load_networks
from platestream.models.stacking import Stack
from platestream.stream.registry import DEFAULT_FUSION, DEFAULT_POLICY
from platestream.stream.rules import make_rule
from platestream.video.pictures import read_picture

Row: TypeAlias = dict[str, Any]

OUT = Path(__file__).parents[1] / "docs" / "decisions"
NUM_LIVE = 10_000
COLUMNS = "policy fusion reads_per_track accuracy low high frame_accuracy p_value ms_per_frame"


def render(out: Path, *options: str) -> Path:
    command = ["platestream", "data", "render", "--frames", "30", "--seed", "2020"]
    subprocess.run([*command, "--out", str(out), *options], check=True, stdout=sys.stderr)
    return out / "labels.csv"


def compare(labels: Path, split: str, out: Path) -> tuple[list[Row], list[Row]]:
    """What `platestream bench` says of rules, and of numbers of frames."""
    command = ["platestream", "bench", str(labels), "--split", split, "--out", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    return told["rules"], told["frames"]


def table_lines(rows: list[Row]) -> list[str]:
    columns = COLUMNS.split()
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in rows:
        best = (row["policy"], row["fusion"]) == (DEFAULT_POLICY, DEFAULT_FUSION)
        cells = [str(row[column]) for column in columns]
        lines.append("| " + " | ".join(f"**{c}**" if best else c for c in cells) + " |")
    return lines


def frames_lines(rows: list[Row]) -> list[str]:
    """Plates right, in per cent, against the number of frames."""
    ways = list(dict.fromkeys(row["way"] for row in rows))
    lines = ["| frames | " + " | ".join(ways) + " |", "|---" * (len(ways) + 1) + "|"]
    for num in dict.fromkeys(row["num_frames"] for row in rows):
        of_num = [row for row in rows if row["num_frames"] == num]
        cells = [
            f"{100 * row['accuracy']:.1f} ({100 * row['low']:.0f}-{100 * row['high']:.0f}"
            + (")" if row["way"] == "product" else f", p {row['p_value']:.3f})")
            for row in of_num
        ]
        lines.append(f"| {num} | " + " | ".join(cells) + " |")
    return lines


def draw_strips(labels: Path) -> None:
    """The paper's rule and the default one on a rendered stream that is read wrongly at first."""
    networks = load_networks()
    by_track: dict[str | None, list[Sample]] = defaultdict(list)
    for sample in read_labels(labels):
        by_track[sample.track].append(sample)
    for own in by_track.values():
        (track,) = record_samples(own, networks.score, networks.read, lambda: None)
        _, plate = replay_track(
            track, make_rule(DEFAULT_POLICY), networks.confidence, StackReader(networks.read)
        )
        if track.readings[0].text != track.text == plate.reading.text:
            break
    crops = [read_picture(sample.file) for sample in own]
    some = range(0, len(crops), 3)
    for policy in ("paper", "sparing"):
        decisions, plate = replay_track(
            track, make_rule(policy), networks.confidence, StackReader(networks.read)
        )
        text = f"{plate.reading.text}  (is {track.text})"
        path = OUT / f"strip-{policy}.png"
        draw_strip([crops[i] for i in some], [decisions[i] for i in some], text, path)


def measure_cost() -> tuple[float, float]:
    """Microseconds of a decision without a reading, bytes of 10,000 tracks after five frames."""
    probs = np.full((NUM_STEPS, NUM_CLASSES), 1 / NUM_CLASSES, np.float32)
    heart = make_rule(DEFAULT_POLICY).recognizer(
        lambda _: 0.5, lambda _: Reading("AB12", probs.copy(), 0.2), new_stack=Stack
    )
    tracemalloc.start()
    for frame in range(5):
        for track in range(NUM_LIVE):
            rgb = np.zeros((30, 100, 3), np.uint8)
            heart.push(PlateCrop(track, frame, frame / 25, (0, 0, 1, 1), rgb))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    crop = PlateCrop(1, 9, 0.4, (0, 0, 1, 1), np.zeros((30, 100, 3), np.uint8))
    sure = make_rule("first").recognizer(lambda _: 0.5, lambda _: Reading("AB12", probs, 0.2))
    sure.push(crop)
    times = []
    for _ in range(5000):
        start_s = time.perf_counter()
        sure.push(crop)
        times.append(time.perf_counter() - start_s)
    return 1e6 * float(np.median(times)), held


def main() -> None:
    root = Path(sys.argv[1])
    OUT.mkdir(exist_ok=True)
    lines = ["# Every rule, measured", ""]
    lines += [
        "Made by `python bench/decisions.py DATA`. `p_value` is McNemar's against the paper's"
    ]
    lines += ["rule, `low` and `high` Wilson's 95 % interval of `accuracy` over tracks.", ""]
    qualities: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        semi = render(
            Path(folder) / "semi", "--what", "semi-real", "--data", str(root), "--num", "700"
        )
        twin = render(Path(folder) / "twin", "--what", "streams", "--num", "60", "--layout", "br")
        sets = {
            "rlpr": (root / "tracks" / "rlpr" / "labels.csv", "dev"),
            "tudelft": (root / "tracks" / "tudelft" / "labels.csv", "dev"),
            "semi-real": (semi, "dev"),
            "twin": (twin, "all"),
            "hongkong": (root / "tracks" / "hongkong" / "labels.csv", "all"),
            "india_street": (root / "tracks" / "india_street" / "labels.csv", "all"),
        }
        networks = load_networks()
        for name, (labels, split) in sets.items():
            rows, frames = compare(labels, split, Path(folder) / name)
            (OUT / f"{name}.png").write_bytes((Path(folder) / name / "rules.png").read_bytes())
            lines += [f"## {name}", "", *table_lines(rows), "", *frames_lines(frames), ""]
            samples = read_labels(labels, None if split == "all" else split)[::3]
            tracks = record_samples(samples, networks.score, networks.read, lambda: None)
            qualities[name] = [quality for track in tracks for quality in track.qualities]
            print(name, "done", file=sys.stderr)
        plot_qualities(qualities, OUT / "quality.png")
        draw_strips(twin)
    decide_us, held_bytes = measure_cost()
    lines += ["## Cost of deciding", ""]
    lines += [f"A decision that reads nothing takes {decide_us:.1f} microseconds (median);"]
    lines += [f"{NUM_LIVE:,} live tracks hold {held_bytes / 1e6:.0f} MB after five frames of"]
    lines += ["30x100 pixels, all unsure, pictures included."]
    (OUT / "tables.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
