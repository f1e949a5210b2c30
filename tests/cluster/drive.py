"""A run over made-up films, as a process of its own that can be killed.

python -m tests.cluster.drive FILMS OUT ENGINE [SEGMENT_S]
"""

import sys
from pathlib import Path

from platestream.cluster.archive import find
from platestream.cluster.archive_run import Progress, Run
from platestream.cluster.executor import Executor
from platestream.cluster.manifest import Manifest
from platestream.cluster.on_ray import OnRay
from platestream.cluster.processes import Processes
from platestream.cluster.results import Results
from platestream.cluster.settings import ReadSettings

from .readers import road_reader, slow_reader
from .road import photos


def drive(films: Path, out: Path, executor: Executor, segment_s: float = 2.0) -> Progress:
    settings = ReadSettings()
    with Manifest(out, settings.fingerprint()) as manifest:
        run = Run(manifest, Results(out, manifest), executor, settings, segment_s)
        run.run(find(str(films), photos))
    return run.progress


if __name__ == "__main__":
    films, out, engine = sys.argv[1:4]
    make = {
        "processes": lambda: Processes(2, slow_reader),
        "ray": lambda: OnRay("local", 2, road_reader),
    }
    drive(Path(films), Path(out), make[engine]())
