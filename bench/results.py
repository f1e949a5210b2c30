"""Make the tables of docs/results.md, and the figures of the model cards, from one measurement.

    python bench/results.py DATA_ROOT [GLYPHS] > docs/results.md

Every figure comes from `platestream evaluate` on the shipped weights. GLYPHS is a folder of
Chinese plate glyphs for the rendered twin of NWPU-LPR; without it they are drawn in fonts.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

from looks import NOTE as LOOKS_NOTE
from looks import look
from peers import DETECTORS, PIPELINES, READERS
from rates import measure_rates
from regions import NOTE as REGIONS_NOTE
from regions import measure_regions
from tables import print_rows, print_table
from throughput import DECODING, EVERYWHERE, HERE, USUAL, measure_throughput

from platestream.lab.data.layouts import read_dataset
from platestream.lab.statistics import wilson_interval
from platestream.models.cards import DEFAULT_ARCH, WEIGHTS_DIR, list_models, load_card
from platestream.models.registry import ARCHITECTURES

Row: TypeAlias = dict[str, Any]

COLUMNS = {
    "crops": "split num plate_accuracy plate_accuracy_folded interval char_error_rate "
    "ms_per_crop peers",
    "frames": "split num plate_accuracy plate_accuracy_folded interval char_error_rate peers",
    "detection": "split frames recall precision corner_error corner_error_crop ms_detect peers",
    "end_to_end": "split num end_to_end end_to_end_folded interval end_to_end_boxes_folded "
    "ms_per_frame peers",
    "sizes": "detector_size recall precision end_to_end_folded ms_detect",
    "tracks": "arch tracks num plate_accuracy frame_accuracy frame_accuracy_latin track_accuracy "
    "interval char_error_rate reads_per_track ms_per_frame peers",
    "ranking": "score pairs best_frame lost discard_error",
    "video": "passages passages_read events char_error_rate ms_per_frame",
}
HEADINGS = {
    "crops": "Plate crops",
    "frames": "Plates in full frames, cut by hand",
    "detection": "Finding plates in full frames",
    "end_to_end": "Finding and reading",
    "sizes": "The detector's picture",
    "tracks": "Plate streams",
    "ranking": "Ranking the frames of a stream",
    "video": "Videos",
}
NOTES = {
    "crops": "Each crop read by itself.",
    "frames": "The reader on the labelled boxes grown by a tenth.",
    "detection": "Recall and precision at IoU 0.5, one threshold and one size (640) for all sets. "
    "Some plates in these pictures are not labelled, so precision is a lower bound. "
    "`corner_error` is the mean distance of the corners from hand-marked ones as a share of the "
    "plate's diagonal, `corner_error_crop` that of the corner network in the labelled boxes grown "
    "by a tenth; `ms_detect` the median from decoded frame to corners, resize included.",
    "end_to_end": "`end_to_end` is the share of labelled texts whose plate was found and read "
    "exactly, cut upright by its corners as `platestream run` does; `end_to_end_boxes_folded` cuts "
    "by the found boxes instead. `ms_per_frame` is the median for finding and reading.",
    "sizes": "`--detector-size`: the longer side of the picture that the detector sees. Frames "
    "that are smaller stay as they are.",
    "tracks": "`plate_accuracy` reads each crop by itself; `frame_accuracy` counts the reading "
    "that Algorithm 1 reports for each frame, `track_accuracy` the last one. `ms_per_frame` is "
    "scoring, deciding and reading, averaged over all frames. `twin/ufpr` is a rendered twin of "
    "UFPR-ALPR's test share (60 Brazilian tracks of 30 frames), `twin/nwpu` of NWPU-LPR's (500 "
    "Chinese plates of 5 frames; `frame_accuracy_latin` leaves the Chinese character out).",
    "ranking": "`platestream evaluate --ranking`. `pairs`: of all pairs of one readable and one "
    "unreadable frame of the same plate, the share ordered rightly; `best_frame`: share of tracks "
    "whose highest frame is readable, `lost`: what that is below the best possible choice; "
    "`discard_error`: mean error when the worst 0 to 90 % of each track are discarded (lower is "
    "better). `reader` is the reader's own score, which costs a reading; `detector`, where there "
    "are full frames, the detection's.",
    "video": "A passage counts as read when an event of its video spells it exactly; unlabelled "
    "plates also drive by. `char_error_rate` compares each label with the nearest event.",
}
READING = ["plate_accuracy", "plate_accuracy_folded", "char_error_rate", "end_to_end"]
READING += ["end_to_end_folded", "end_to_end_boxes_folded"]
INTERVAL_OF = {
    "crops": "plate_accuracy_folded",
    "frames": "plate_accuracy_folded",
    "end_to_end": "end_to_end_folded",
    "tracks": "track_accuracy",
}
"""The figure that a table's 95 % interval is of."""

SIZES = (320, 416, 512, 640, 800, 1024)
CLIPS = ("gb_slow.mp4", "vn_toll.mp4", "nl_gate.mp4")
SIZED_SETS = ("frames/brazil", "frames/china_easypr", "detect/world")
MEASURED = "by `platestream evaluate` on these very weights; the tables of docs/results.md"


def evaluate(labels: Path, arch: str, split: str, *options: str) -> Row:
    """What `platestream evaluate` prints."""
    command = ["platestream", "evaluate", str(labels), "--arch", arch, "--split", split, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{labels}: {done.stderr.strip()}")
    print(labels.parent.name, arch, *options, "done", file=sys.stderr)
    row: Row = json.loads(done.stdout)
    return row


def render_twins(folder: Path, glyphs: Path | None) -> list[Path]:
    """Streams like those of the paper's two data sets; the seed is of no training run."""
    sizes = {"ufpr": ("br", 60, 30), "nwpu": ("cn", 500, 5)}
    for name, (layout, num, frames) in sizes.items():
        out = folder / "twin" / name
        command = ["platestream", "data", "render", "--what", "streams", "--seed", "2020"]
        command += ["--out", str(out), "--layout", layout, "--num", str(num)]
        command += ["--frames", str(frames), *(["--glyphs", str(glyphs)] if glyphs else [])]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return [folder / "twin" / name / "labels.csv" for name in sizes]


def measure(root: Path, twins: Sequence[Path]) -> dict[str, list[Row]]:
    """All rows of all tables but the rates."""
    tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    sets = sorted([*root.glob("*/*/labels.csv"), root / "video" / "labels.csv"])
    for labels in [*sets, *twins]:
        has_dev = ",dev," in labels.read_text(encoding="utf-8")
        split = "all" if labels in twins else "dev" if has_dev else "train"
        row = evaluate(labels, DEFAULT_ARCH, split)
        parts = labels.parent.parts
        name = parts[-1] if row["kind"] == "video" else "/".join(parts[-2:])
        rows = [row]
        if row["kind"] == "tracks":
            rows += [
                evaluate(labels, arch, split) for arch in ARCHITECTURES if arch != DEFAULT_ARCH
            ]
        if parts[-2] in ("tracks", "twin"):
            tables["ranking"] += rank(name, labels, split)
        for each in rows:
            if not each["num"]:  # boxes without texts say nothing of reading
                each = {key: value for key, value in each.items() if key not in READING}
            each = {**each, "set": name, "plates": num_plates(labels, split)}
            tables[row["kind"]].append({**each, "peers": READERS.get(name, "")})
            if row["kind"] == "frames":
                tables["detection"].append({**each, "peers": DETECTORS.get(name, "")})
                if each.get("num"):
                    tables["end_to_end"].append({**each, "peers": PIPELINES.get(name, "")})
    for name, size in product(SIZED_SETS, SIZES):
        labels = root / name / "labels.csv"
        row = evaluate(labels, DEFAULT_ARCH, "dev", "--detector-size", str(size))
        if not row["num"]:
            row = {key: value for key, value in row.items() if key not in READING}
        tables["sizes"].append({**row, "set": name, "detector_size": size})
    return tables


def num_plates(labels: Path, split: str) -> int:
    """Of different texts: frames of one plate are right or wrong together."""
    texts = {item.text for item in read_dataset(labels, None if split == "all" else split)}
    return len(texts - {""})


def rank(name: str, labels: Path, split: str) -> list[Row]:
    """The scores that cost nothing once, and the quality network of each architecture."""
    rows = []
    for arch in ARCHITECTURES:
        ranking = evaluate(labels, arch, split, "--ranking")
        for score in ("quality", "reader", "sharpness", "height", "detector"):
            own = score == "quality"
            if score in ranking and (own or arch == DEFAULT_ARCH):
                title = f"quality-{arch}" if own else score
                rows.append({"set": name, "score": title, **ranking[score]})
    return rows


def update_cards(tables: dict[str, list[Row]]) -> None:
    """Write each model's figures into its card."""
    figures: dict[str, dict[str, float]] = {name: {} for name in list_models()}
    for kind in ("crops", "frames", "tracks"):
        for row in tables[kind]:
            weights = ARCHITECTURES[row.get("arch", DEFAULT_ARCH)]
            if "plate_accuracy" in row:
                figures[weights.reader][f"{row['set']} plate_accuracy"] = row["plate_accuracy"]
            if kind == "tracks":
                figures[weights.quality][f"{row['set']} frame_accuracy"] = row["frame_accuracy"]
            for column in ("recall", "precision") if kind == "frames" else ():
                figures["detector"][f"{row['set']} {column}"] = row[column]
            if "corner_error_crop" in row:
                figures["corners"][f"{row['set']} corner_error_crop"] = row["corner_error_crop"]
    for row in tables["ranking"]:
        if row["score"] in figures:
            figures[row["score"]][f"{row['set']} pairs"] = row["pairs"]
    for name, metrics in figures.items():
        replace(load_card(name), measured=MEASURED, metrics=metrics).save()


def write_page(
    tables: dict[str, list[Row]], commit: str, clips: list[Path], root: Path, glyphs: Path | None
) -> None:
    """The whole of docs/results.md, to standard output."""
    today = datetime.now(UTC).date().isoformat()
    print("# Results\n")
    print("`platestream evaluate DATA/SET/labels.csv`, one thread, the weights of the package,")
    print(f"architecture {DEFAULT_ARCH} unless a row names another. Measured {today} at commit")
    print(f"{commit} by `python bench/results.py DATA GLYPHS`. Split `train` stands where a set")
    print("has no `dev` rows: the weights saw those plates while training. What falls short of")
    print("its target, and why, stands in [shortfalls.md](shortfalls.md). `interval`: where the")
    print("last accuracy before it lies, 95 % (Wilson, by plates and not by their frames).")
    for kind, names in COLUMNS.items():
        columns = ["set", *names.split()]
        print(f"\n## {HEADINGS[kind]}\n\n{NOTES[kind]}\n")
        rows = [row for row in tables[kind] if kind != "frames" or row["num"]]
        rows = [row | {"interval": interval(row, INTERVAL_OF.get(kind, ""))} for row in rows]
        print_table(columns, ([row.get(c, "") for c in columns] for row in rows))
    print(f"\n## By kind of plate\n\n{LOOKS_NOTE}\n")
    print_rows(look(root, {"package": WEIGHTS_DIR}, glyphs, every_look=True))
    print(f"\n## Where plates are from\n\n{REGIONS_NOTE}\n")
    print_rows(measure_regions(root))
    print("\n## Rates\n\nMedians on one thread, all taking turns, by `python bench/rates.py`.\n")
    print_table(["part", "ms"], measure_rates().items())
    print(
        "\n## Frames a second\n\nWhole clips, decoding included, by `python bench/throughput.py`;"
    )
    print(
        "`ratio` is to decoding alone, in time of the processor (`--every-frame` looks at all).\n"
    )
    ways = {DECODING: HERE, USUAL: HERE, EVERYWHERE: HERE}
    *rows, median_clip = measure_throughput(clips, ways, num_rounds=3)
    print_rows(rows)
    told = ", ".join(f"{way} {ratio}" for way, ratio in median_clip["ratio"].items())
    print(f"\nOf the median clip the ratio is: {told}.")


def interval(row: Row, share: str) -> str:
    """Where a share lies, 95 %; nothing where there is none."""
    if share not in row:
        return ""
    low, high = wilson_interval(row[share], row["plates"])
    return f"{low:.3f} to {high:.3f}"


def main() -> None:
    root, *given = (Path(argument) for argument in sys.argv[1:])
    glyphs = given[0] if given else None
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as folder:
        tables = measure(root, render_twins(Path(folder), glyphs))
    update_cards(tables)
    clips = [root / "video" / name for name in CLIPS]
    write_page(tables, commit, [*clips, Path("src/platestream/demo/street.mp4")], root, glyphs)


if __name__ == "__main__":
    main()
