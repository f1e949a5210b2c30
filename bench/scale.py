"""What an archive and its store cost: workers, units, the manifest, searches.

python bench/scale.py workers CLIPS... [--jobs 1 2] [--ray]   # the same clips by 1 and 2 workers
python bench/scale.py units                                  # what a unit costs beside its work
python bench/scale.py manifest [--units 100000]              # time to resume, size
python bench/scale.py store [--events 10000000]              # time to search, size
"""

import argparse
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from platestream.cluster.manifest import Manifest
from platestream.cluster.processes import Processes
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit, UnitResult

SEED = 7
PLATESTREAM = str(Path(sys.executable).with_name("platestream"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    workers = verbs.add_parser("workers")
    workers.add_argument("clips", nargs="+")
    workers.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    workers.add_argument("--ray", action="store_true")
    verbs.add_parser("units")
    verbs.add_parser("manifest").add_argument("--units", type=int, default=100_000)
    verbs.add_parser("store").add_argument("--events", type=int, default=10_000_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = {
            "workers": lambda: measure_workers(given, Path(folder)),
            "units": measure_units,
            "manifest": lambda: measure_manifest(given.units, Path(folder)),
            "store": lambda: measure_store(given.events, Path(folder)),
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
            begun_s = time.perf_counter()
            done = subprocess.run([*command, *options, "--json"], capture_output=True, check=True)
            answer = json.loads(done.stdout)
            found[f"{engine} {jobs}"] = {
                "wall_s": round(time.perf_counter() - begun_s, 2),
                "frames_per_s": round(answer["num_frames"] / answer["elapsed_s"], 1),
                "video_h_per_h": round(answer["video_s"] / answer["elapsed_s"], 2),
                "num_events": answer["num_events"],
            }
    return found


def nothing_to_do(_: ReadSettings) -> Callable[[Unit], UnitResult]:
    return lambda _: UnitResult()


def measure_units(num_units: int = 2000) -> dict[str, float]:
    """What handing a unit out and taking its result costs, with a manifest that keeps each."""
    units = [Unit(f"u{number}", "") for number in range(num_units)]
    with tempfile.TemporaryDirectory() as folder, Manifest(Path(folder), {}) as manifest:
        manifest.plan(units)
        outcomes = iter(Processes(1, nothing_to_do).run(units, ReadSettings()))
        next(outcomes)  # the worker is up
        begun_s = time.perf_counter()
        for outcome in outcomes:
            manifest.done(outcome.unit, outcome.result)
        each_ms = 1000 * (time.perf_counter() - begun_s) / (num_units - 1)
    return {"num_units": num_units, "ms_a_unit": round(each_ms, 2)}


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


def measure_store(num_events: int, folder: Path) -> dict[str, Any]:
    """Search a SQLite store; a third of the plates pass once, the others again and again."""
    from platestream.store.records import Query
    from platestream.store.store import open_store

    path = folder / "events.db"
    open_store(str(path), folder / "pictures").close()
    fill_s = _fill(path, num_events)
    store = open_store(str(path), folder / "pictures")
    rare, begun = "QX7", datetime(2026, 1, 1, tzinfo=UTC)
    queries = {
        "newest": Query(),
        "whole plate": Query(plate="AB0001CD"),
        f"part of a plate ({rare})": Query(plate=rare),
        "part that is nowhere": Query(plate="ZZZZZ"),
        "wildcards": Query(plate="?B12*Q"),
        "a camera's day": Query(camera="camera-7", since=begun, until=begun + timedelta(days=1)),
    }
    found: dict[str, Any] = {"num_events": num_events, "fill_s": round(fill_s, 1)}
    for name, query in queries.items():
        times = []
        for _ in range(5):
            begun_s = time.perf_counter()
            num = len(store.find(query).events)
            times.append(1000 * (time.perf_counter() - begun_s))
        found[name] = {"ms": round(statistics.median(times), 1), "num": num}
    store.close()
    found["gb"] = round(path.stat().st_size / 1e9, 2)
    return found


def _fill(path: Path, num_events: int) -> float:
    chance = random.Random(SEED)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    details = json.dumps(
        {
            "plate_masked": "", "candidates": [["AB12", 0.9]], "regions": ["GB"], "quality": 0.8,
            "track_id": 1, "continued": [], "source": "archive/camera/1.mp4", "first_pts_s": 1.0,
            "last_pts_s": 3.0, "best_pts_s": 2.0, "first_frame": 1, "last_frame": 75,
            "best_frame": 50, "box_xyxy": [1, 2, 3, 4], "num_frames": 75, "num_scored": 75,
            "num_read": 3, "quad": None,
        }
    )  # fmt: skip
    begun_s, begun = time.perf_counter(), datetime(2026, 1, 1, tzinfo=UTC)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    names = [row[1] for row in database.execute("PRAGMA table_info(events)")]
    insert = f"INSERT INTO events VALUES ({','.join('?' * len(names))})"
    few = [_plate(chance, letters) for _ in range(max(1, num_events // 10))]
    for at in range(0, num_events, 50_000):
        rows, plates = [], set()
        for number in range(at, min(at + 50_000, num_events)):
            plate = _plate(chance, letters) if chance.random() < 1 / 3 else chance.choice(few)
            when = (begun + timedelta(seconds=3 * number)).strftime("%Y-%m-%d %H:%M:%S.%f")
            plates.add(plate)
            known = {
                "id": f"{number:08x}-0000-7000-8000-{0:012}",
                "camera": f"camera-{number % 50}",
                "plate": plate, "read_plate": plate, "confidence": 0.9, "started_at": when,
                "ended_at": when, "best_at": when, "zones": "[]", "details": details,
                "picture_bytes": 0, "corrected_at": None,
            }  # fmt: skip
            rows.append([known.get(name, "") for name in names])
        ends = [(plate[cut:], plate) for plate in plates for cut in range(len(plate))]
        database.execute("BEGIN")
        database.executemany(insert, rows)
        database.executemany("INSERT OR IGNORE INTO plate_parts VALUES (?, ?)", ends)
        database.execute("COMMIT")
    database.execute("ANALYZE")
    database.close()
    return time.perf_counter() - begun_s


def _plate(chance: random.Random, letters: str) -> str:
    draw = chance.choice
    number = chance.randrange(10_000)
    return f"{draw(letters)}{draw(letters)}{number:04}{draw(letters)}{draw(letters)}"


if __name__ == "__main__":
    main()
