"""What a clip costs beside decoding it: the whole pipeline, looking where it has to and everywhere.

    python bench/throughput.py CLIP...

Every way takes its turn on every clip. Given are medians of three rounds: frames a second, and the
processor's time of a frame over all threads, which other work on the machine hardly changes.
`ratio` is the median of each round's ratio to decoding alone in that round.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from platestream.stream.life import is_reportable
from platestream.video.engine import load_engine
from platestream.video.pipeline import Pipeline
from platestream.video.sources import open_source
from platestream.video.videos import VideoSource

NUM_ROUNDS = 3


def decode(clip: Path) -> tuple[int, list[str]]:
    """Frames of a clip, of which nothing is made RGB; and no plates."""
    return sum(1 for _ in VideoSource(clip).frames()), []


def read(clip: Path, pipeline: Pipeline) -> tuple[int, list[str]]:
    """Frames of a clip, and plates that made an event."""
    num_frames, plates = 0, []
    for step in pipeline.run(open_source(clip)):
        num_frames += step.frame is not None
        plates += [plate.reading.text for plate in step.ended if is_reportable(plate)]
    return num_frames, sorted(plates)


def measure_throughput(clips: list[Path]) -> list[dict[str, object]]:
    """A row for each clip and way of looking."""
    engine = load_engine()
    usual, everywhere = Pipeline(engine), Pipeline(engine, every_frame=True)
    ways: dict[str, Callable[[Path], tuple[int, list[str]]]] = {
        "decoding alone": decode,
        "where it moves": lambda clip: read(clip, usual),
        "every frame": lambda clip: read(clip, everywhere),
    }
    rows = []
    for clip in clips:
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        found = {}
        for _ in range(NUM_ROUNDS):
            for name, way in ways.items():
                start_s, start_cpu_s = time.perf_counter(), time.process_time()
                found[name] = way(clip)
                passed_s, cpu_s = time.perf_counter() - start_s, time.process_time() - start_cpu_s
                spent[name].append((passed_s, cpu_s))
        for name, times in spent.items():
            num_frames, plates = found[name]
            alone = spent["decoding alone"]
            rows.append(
                {
                    "clip": clip.name,
                    "looks at": name,
                    "frames": num_frames,
                    "frames_per_s": round(num_frames / median(wall for wall, _ in times), 1),
                    "cpu_ms_per_frame": round(1000 * median(c for _, c in times) / num_frames, 2),
                    "ratio": round(
                        median(c / d for (_, c), (_, d) in zip(times, alone, strict=True)), 2
                    ),
                    "plates": ", ".join(plates),
                }
            )
    return rows


if __name__ == "__main__":
    print(json.dumps(measure_throughput([Path(clip) for clip in sys.argv[1:]]), indent=1))
