"""How many frames a second a clip runs at, decoding included, with and without the motion gate.

    python bench/throughput.py CLIP...

Every way of looking takes its turn on every clip; medians of three rounds are given, with the
processor time of a frame over all threads.
"""

import json
import sys
import time
from pathlib import Path
from statistics import median

from platestream.stream.life import is_reportable
from platestream.video.engine import load_engine
from platestream.video.pipeline import Pipeline
from platestream.video.sources import open_source

NUM_ROUNDS = 3


def run(clip: Path, *, every_frame: bool) -> tuple[float, float, int, list[str]]:
    """Seconds, processor seconds, frames, and plates that made an event."""
    pipeline = Pipeline(load_engine(), every_frame=every_frame)
    num_frames, plates = 0, []
    start_s, start_cpu_s = time.perf_counter(), time.process_time()
    for step in pipeline.run(open_source(clip)):
        num_frames += step.frame is not None
        plates += [plate.reading.text for plate in step.ended if is_reportable(plate)]
    passed_s, cpu_s = time.perf_counter() - start_s, time.process_time() - start_cpu_s
    return passed_s, cpu_s, num_frames, sorted(plates)


def measure_throughput(clips: list[Path]) -> list[dict[str, object]]:
    """A row for each clip and way of looking."""
    rows = []
    for clip in clips:
        runs = [
            [run(clip, every_frame=every) for every in (False, True)] for _ in range(NUM_ROUNDS)
        ]
        for index, looks in enumerate(("where it moves", "every frame")):
            of_one = [each[index] for each in runs]
            _, _, num_frames, plates = of_one[0]
            rows.append(
                {
                    "clip": clip.name,
                    "looks at": looks,
                    "frames": num_frames,
                    "frames_per_s": round(num_frames / median(r[0] for r in of_one), 1),
                    "cpu_ms_per_frame": round(1000 * median(r[1] for r in of_one) / num_frames, 2),
                    "plates": ", ".join(plates),
                }
            )
    return rows


if __name__ == "__main__":
    print(json.dumps(measure_throughput([Path(clip) for clip in sys.argv[1:]]), indent=1))
