"""What a clip costs beside decoding it: the whole pipeline, looking where it has to and everywhere.

    python bench/throughput.py CLIP... [--before CHECKOUT] [--rounds 3] [--labels labels.csv]

Every way takes its turn on every clip, each in a process of its own. Given are medians of all
rounds: frames a second, and the processor's time of a frame over all threads, which other work on
the machine hardly changes. `ratio` is the median of each round's ratio to decoding alone in that
round; the last row has the median clip's. `--before` runs the same of an older checkout in turn.
`--labels` (file, text) says how many of the labelled passages were read.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parents[1]
DECODING, USUAL, EVERYWHERE, BEFORE = "decoding alone", "where it moves", "every frame", "before"


class Worker:
    """A process that has the networks loaded and reads clips when told to.

    Args:
        checkout: Whose code it runs.
        way: How it looks.
    """

    def __init__(self, checkout: Path, way: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--worker", way],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # One thread, as the command has it; an older one's took what OpenCV has.
            env=os.environ
            | {"PYTHONPATH": str(checkout / "src")}
            | ({} if way == BEFORE else {"OPENCV_FOR_THREADS_NUM": "1"}),
        )

    def read(self, clip: Path) -> dict[str, Any]:
        """What a clip cost, and the plates that made an event."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{clip.resolve()}\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def work(way: str) -> None:
    """Read each clip that is named on standard input; of the way there, this is the other end."""
    from platestream.stream.life import is_reportable
    from platestream.video.engine import load_engine
    from platestream.video.pipeline import Pipeline
    from platestream.video.sources import open_source
    from platestream.video.videos import VideoSource

    pipeline = Pipeline(load_engine(), every_frame=way == EVERYWHERE)
    for line in sys.stdin:
        clip, num_frames, plates = Path(line.strip()), 0, []
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        if way == DECODING:
            num_frames = sum(1 for _ in VideoSource(clip).frames())
        else:
            for step in pipeline.run(open_source(clip)):
                num_frames += step.frame is not None
                plates += [plate.reading.text for plate in step.ended if is_reportable(plate)]
        spent = {
            "wall_s": time.perf_counter() - start_s,
            "cpu_s": time.process_time() - start_cpu_s,
        }
        found = {"frames": num_frames, "plates": sorted(plates), **spent}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def measure_throughput(
    clips: list[Path], ways: dict[str, Path], num_rounds: int
) -> list[dict[str, object]]:
    """A row for each clip and way of looking, and one for the median clip of each way."""
    workers = {way: Worker(checkout, way) for way, checkout in ways.items()}
    rows: list[dict[str, object]] = []
    ratios: dict[str, list[float]] = defaultdict(list)
    for clip in clips:
        spent: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for _ in range(num_rounds):
            for way, worker in workers.items():
                spent[way].append(worker.read(clip))
        alone = [each["cpu_s"] for each in spent[DECODING]]
        for way, runs in spent.items():
            num_frames = runs[0]["frames"]
            ratio = median(run["cpu_s"] / cpu for run, cpu in zip(runs, alone, strict=True))
            ratios[way].append(ratio)
            rows.append(
                {
                    "clip": clip.name,
                    "looks at": way,
                    "frames": num_frames,
                    "frames_per_s": round(num_frames / median(run["wall_s"] for run in runs), 1),
                    "cpu_ms_per_frame": round(
                        1000 * median(run["cpu_s"] for run in runs) / num_frames, 2
                    ),
                    "ratio": round(ratio, 2),
                    "plates": ", ".join(runs[-1]["plates"]),
                }
            )
    for worker in workers.values():
        worker.close()
    medians = {way: round(median(of_clips), 2) for way, of_clips in ratios.items()}
    return [*rows, {"clip": "the median clip", "ratio": medians}]


def count_read(rows: list[dict[str, object]], labels: Path) -> dict[str, str]:
    """Of the labelled passages of these clips, how many each way read, and in how many events."""
    with labels.open(newline="") as file:
        wanted = [(row["file"], row["text"]) for row in csv.DictReader(file)]
    found: dict[str, str] = {}
    for way in {str(row["looks at"]) for row in rows if row.get("plates")}:
        of_way = {
            str(row["clip"]): str(row["plates"]) for row in rows if row.get("looks at") == way
        }
        events = {clip: plates.split(", ") if plates else [] for clip, plates in of_way.items()}
        num_read = sum(text in events.get(clip, ()) for clip, text in wanted)
        num_events = sum(map(len, events.values()))
        num_wanted = sum(clip in events for clip, _ in wanted)
        found[way] = f"{num_read} of {num_wanted} in {num_events} events"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clips", nargs="*", type=Path)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--skip", choices=[EVERYWHERE])
    parser.add_argument("--worker")
    given = parser.parse_args()
    if given.worker:
        work(given.worker)
        return
    ways = {DECODING: HERE, USUAL: HERE, EVERYWHERE: HERE}
    ways |= {BEFORE: given.before} if given.before else {}
    ways.pop(given.skip, None)
    rows = measure_throughput(given.clips, ways, given.rounds)
    if given.labels:
        rows.append({"labelled passages": count_read(rows, given.labels)})
    sys.stdout.write(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
