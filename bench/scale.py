"""What an archive costs: workers, units, the manifest. Of its store: big_store.py.

python bench/scale.py workers CLIPS... [--times 2] [--ray]   # the same clips by 1 and 2 workers
python bench/scale.py units [--ray]                          # what a unit costs beside its work
python bench/scale.py manifest [--units 100000]              # time to resume, size

For `workers` the machine must have nothing else to do, and two cores. One worker is measured twice:
as it is, when decoding helps itself to the second core, and held to one core, of which two are
twice as much. What two cores lose to each other is told by two runs at a time, each held to one.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
    workers.add_argument("clips", nargs="+", type=Path)
    workers.add_argument("--times", type=int, default=2, help="How often each clip is read.")
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
    films = lay_out(given.clips, given.times, folder / "films")
    found: dict[str, Any] = {"load": round(os.getloadavg()[0], 1)}
    engines: dict[str, tuple[str, ...]] = {"processes": ()}
    if given.ray:
        engines["ray"] = ("--ray", "local")
        os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - Ray spells it so
    for engine, options in engines.items():
        held = run(films, folder / f"{engine}-held", "--jobs", "1", *options, cores={0})
        one, two = (run(films, folder / f"{engine}{n}", "--jobs", n, *options) for n in "12")
        linear = of_linear(held["fps"], two["fps"])
        found[engine] = {"1, one core": held, "1": one, "2": two, "of_linear": linear}
    with ThreadPoolExecutor() as at_once:
        pair = at_once.map(
            lambda core: run(films, folder / f"pair{core}", "--jobs", "1", cores={core}), (0, 1)
        )
        fps = sum(each["fps"] for each in pair)
    alone = found["processes"]["1, one core"]["fps"]
    found["two runs at a time"] = {"of_linear": of_linear(alone, fps)}
    return found


def lay_out(clips: list[Path], times: int, folder: Path) -> Path:
    """The clips, the largest first, so that both workers end at about the same time."""
    folder.mkdir()
    clips = sorted(clips * times, key=lambda clip: -clip.stat().st_size)
    for number, clip in enumerate(clips):
        (folder / f"{number:03}{clip.suffix}").symlink_to(clip.absolute())
    return folder


def run(films: Path, out: Path, *options: str, cores: set[int] | None = None) -> dict[str, float]:
    """Read films, on some cores only if need be."""
    begun_s = time.perf_counter()
    held = ["taskset", "-c", ",".join(map(str, cores))] if cores else []
    command = [*held, PLATESTREAM, "run", films, "--out", out, *options, "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    answer = json.loads(done.stdout)
    if answer["errors"]:
        sys.exit(f"{options}: {answer['errors']}")
    return {
        "wall_s": round(time.perf_counter() - begun_s, 1),
        "num_frames": answer["num_frames"],
        "num_events": answer["num_events"],
        "fps": round(answer["num_frames"] / answer["elapsed_s"], 1),
        "video_h_per_h": round(answer["video_s"] / answer["elapsed_s"], 2),
    }


def of_linear(one_fps: float, two_fps: float) -> float:
    return round(two_fps / (2 * one_fps), 3)


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
