"""What an archive costs: workers, units, the manifest. Of its store: big_store.py.

python bench/scale.py workers CLIPS... [--jobs 1 2] [--ray]   # the same clips by 1 and 2 workers
python bench/scale.py units [--ray]                          # what a unit costs beside its work
python bench/scale.py manifest [--units 100000]              # time to resume, size
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from platestream.cluster.manifest import Manifest
from platestream.cluster.on_ray import OnRay
from platestream.cluster.processes import Processes
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit, UnitResult

PLATESTREAM = str(Path(sys.executable).with_name("platestream"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    workers = verbs.add_parser("workers")
    workers.add_argument("clips", nargs="+")
    workers.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    workers.add_argument("--ray", action="store_true")
    verbs.add_parser("units").add_argument("--ray", action="store_true")
    verbs.add_parser("manifest").add_argument("--units", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = {
            "workers": lambda: measure_workers(given, Path(folder)),
            "units": lambda: measure_units(ray=given.ray),
            "manifest": lambda: measure_manifest(given.units, Path(folder)),
        }[given.verb]()
    sys.stdout.write(json.dumps(measured, indent=2) + "\n")


def measure_workers(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the command as people do."""
    found = {}
    engines = ["--jobs", *(["--ray"] if given.ray else [])]
    for engine in engines:
        for jobs in given.jobs:
            out = folder / f"{engine}{jobs}"
            options = ["--jobs", str(jobs), *(["--ray", "local"] if engine == "--ray" else [])]
            command = [PLATESTREAM, "run", *given.clips, "--out", str(out)]
            begun_s, cpu_s = time.perf_counter(), _cpu_of_children_s()
            done = subprocess.run([*command, *options, "--json"], capture_output=True, check=True)
            answer = json.loads(done.stdout)
            found[f"{engine} {jobs}"] = {
                "wall_s": round(time.perf_counter() - begun_s, 2),
                "frames_per_s": round(answer["num_frames"] / answer["elapsed_s"], 1),
                "video_h_per_h": round(answer["video_s"] / answer["elapsed_s"], 2),
                "num_events": answer["num_events"],
                # Ray's workers are nobody's children.
                **({} if engine == "--ray" else {"cpu_s": round(_cpu_of_children_s() - cpu_s, 1)}),
                "load": round(os.getloadavg()[0], 1),
            }
    return found


def _cpu_of_children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def nothing_to_do(_: ReadSettings) -> Callable[[Unit], UnitResult]:
    return lambda _: UnitResult()


def measure_units(num_units: int = 2000, *, ray: bool = False) -> dict[str, Any]:
    """What handing a unit out and taking its result costs, with a manifest that keeps each."""
    units = [Unit(f"u{number}", "") for number in range(num_units)]
    executor = OnRay("local", 1, nothing_to_do) if ray else Processes(1, nothing_to_do)
    with tempfile.TemporaryDirectory() as folder, Manifest(Path(folder), {}) as manifest:
        manifest.plan(units)
        outcomes = iter(executor.run(units, ReadSettings()))
        next(outcomes)  # the worker is up
        begun_s = time.perf_counter()
        for outcome in outcomes:
            manifest.done(outcome.unit, outcome.result)
        each_ms = 1000 * (time.perf_counter() - begun_s) / (num_units - 1)
    load = round(os.getloadavg()[0], 1)
    return {"num_units": num_units, "ms_a_unit": round(each_ms, 2), "load": load}


def measure_manifest(num_units: int, folder: Path) -> dict[str, Any]:
    """Resume a run of many units, half of them done."""
    sources = [f"archive/camera-{n % 100}/{n}.mp4" for n in range(num_units)]
    with Manifest(folder, {}) as manifest:
        manifest.plan([Unit(source, "1 2") for source in sources])
        rows = [("{}", source) for source in sources[::2]]
        manifest._database.execute("BEGIN")  # one by one it would be the disk that is measured
        manifest._database.executemany("UPDATE units SET result = ? WHERE source = ?", rows)
        manifest._database.execute("COMMIT")
    begun_s = time.perf_counter()
    with Manifest(folder, {}) as manifest:
        manifest.versions()
        num_left = len(manifest.to_do(sources))
    resume_s = time.perf_counter() - begun_s
    size = manifest.path.stat().st_size
    return {
        "num_units": num_units,
        "num_left": num_left,
        "resume_s": round(resume_s, 2),
        "mb": size // 10**6,
    }


if __name__ == "__main__":
    main()
