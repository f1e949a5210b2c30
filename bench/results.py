"""Make the tables of docs/results.md: `python bench/results.py DATA_ROOT > docs/results.md`.

Every figure comes from `platestream evaluate` on the shipped weights.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rates import measure_rates

SETS = {
    "crops": "split num plate_accuracy plate_accuracy_folded char_error_rate ms_per_crop",
    "frames": "split frames num plate_accuracy plate_accuracy_folded char_error_rate "
    "recall precision end_to_end end_to_end_folded ms_per_frame",
    "tracks": "arch tracks num plate_accuracy frame_accuracy track_accuracy char_error_rate "
    "reads_per_track ms_per_frame",
    "video": "passages passages_read events char_error_rate ms_per_frame",
}
READING = ["plate_accuracy", "plate_accuracy_folded", "char_error_rate", "end_to_end"]
READING += ["end_to_end_folded"]
HEADINGS = {
    "crops": "Plate crops",
    "frames": "Full frames",
    "tracks": "Plate streams",
    "video": "Videos",
}
NOTES = {
    "crops": "Each crop read by itself.",
    "frames": "`plate_accuracy` is the reader on the labelled boxes grown by a tenth; recall and "
    "precision are the detector's at IoU 0.5; `end_to_end` is the share of labelled texts that "
    "were found and read exactly. Some plates in these pictures are not labelled, so precision "
    "is a lower bound.",
    "tracks": "`plate_accuracy` reads each crop by itself; `frame_accuracy` counts the reading "
    "that Algorithm 1 reports for each frame, `track_accuracy` the last one.",
    "video": "A passage counts as read when an event of its video spells it exactly; unlabelled "
    "plates also drive by. `char_error_rate` compares each label with the nearest event.",
}


def evaluate(labels: Path, arch: str, split: str) -> dict[str, Any]:
    command = ["platestream", "evaluate", str(labels), "--arch", arch, "--split", split]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{labels}: {done.stderr.strip()}")
    metrics: dict[str, Any] = json.loads(done.stdout)
    metrics["set"] = "/".join(labels.parent.parts[-2 if metrics["kind"] != "video" else -1 :])
    if not metrics["num"]:  # boxes without texts say nothing of reading
        metrics = {key: value for key, value in metrics.items() if key not in READING}
    print(metrics["set"], arch, "done", file=sys.stderr)
    return metrics


def commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    root = Path(sys.argv[1])
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in SETS}
    for labels in sorted([*root.glob("*/*/labels.csv"), root / "video" / "labels.csv"]):
        split = "dev" if ",dev," in labels.read_text(encoding="utf-8") else "train"
        metrics = evaluate(labels, "e", split)
        found[metrics["kind"]].append(metrics)
        if metrics["kind"] == "tracks":
            found["tracks"] += [evaluate(labels, arch, split) for arch in ("s", "p")]
    today = datetime.now(UTC).date().isoformat()
    print("# Results\n")
    print("`platestream evaluate DATA/SET/labels.csv`, one thread, the weights of the package.")
    print(f"Measured {today} at commit {commit()} by `python bench/results.py DATA`. Split `train`")
    print("stands where a set has no `dev` rows: the weights saw those plates while training.")
    for kind, names in SETS.items():
        columns = names.split()
        print(f"\n## {HEADINGS[kind]}\n\n{NOTES[kind]}\n")
        print("| set | " + " | ".join(columns) + " |")
        print("|---" * (len(columns) + 1) + "|")
        for metrics in found[kind]:
            values = [str(metrics.get(column, "")) for column in columns]
            print(f"| {metrics['set']} | " + " | ".join(values) + " |")
    print("\n## Rates\n\nMedians on one thread, all taking turns, by `python bench/rates.py`.\n")
    print("| part | ms |\n|---|---|")
    for part, ms in measure_rates().items():
        print(f"| {part} | {ms} |")


if __name__ == "__main__":
    main()
