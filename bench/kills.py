"""Kill a run over an archive at random, go on, and compare with one process that nobody killed.

python bench/kills.py VIDEOS... [--kills 50] [--ray] [--seed 7]

Read are the videos and a film made of them, which is cut into parts. Without --ray the driver or
one of its processes is killed. With it there is a Ray cluster of two nodes, and the driver, a
worker or a whole node is. A driver that lost a worker goes on, one that was killed is started
again. After each five kills the run goes on to its end: then its events must be those of a single
process, each with its picture, and nothing half done. Short clips will do.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from same import events_of, make_film

from platestream.video.pictures import read_picture

PLATESTREAM = str(Path(sys.executable).with_name("platestream"))
KILLS_A_RUN = 5
FILM_FPS = 10  # few frames, as each part looks at those of six seconds before it, too
SEGMENT_S = "6"
EARLY = 0.2  # of the kills may come before anything is read
END_WITHIN_S = 900.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("videos", nargs="+", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        RayNodes.running() if given.ray else nullcontext(Processes()) as engine,
    ):
        film = Path(folder) / "film.mp4"
        make_film(given.videos, film, fps=FILM_FPS)
        films = [*given.videos, film]
        found = measure(films, given.kills, random.Random(given.seed), Path(folder), engine)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


class Processes:
    """The driver and its processes."""

    options = ("--jobs", "2")

    def workers(self, driver: int) -> list[int]:
        """Its processes that read; its first one is the tracker of Python's resources."""
        return _children(driver)[1:]

    def kill(self, chance: random.Random, driver: int) -> str:
        """Kill something; says what."""
        workers = self.workers(driver)
        what = chance.choice(["driver", "worker"] if workers else ["driver"])
        _kill(driver if what == "driver" else chance.choice(workers))
        return what


class RayNodes:
    """A cluster of this machine: a head that reads nothing, and two nodes of one CPU each."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._nodes = [self._add(), self._add()]
        self.options = ("--ray", cluster.address, "--jobs", "2")

    @classmethod
    @contextmanager
    def running(cls) -> Iterator["RayNodes"]:
        """Have one for a while."""
        from ray.cluster_utils import Cluster

        os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112 - Ray spells it so
        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": 10**8}
        cluster = _patiently(lambda: Cluster(initialize_head=True, head_node_args=head))
        try:
            yield cls(cluster)
        finally:
            cluster.shutdown()

    def workers(self, _driver: int) -> list[int]:
        """The nodes' processes that read."""
        return [pid for node in self._nodes for pid in _workers(node)]

    def kill(self, chance: random.Random, driver: int) -> str:
        """Kill something; says what."""
        workers = self.workers(driver)
        what = chance.choice(["driver", "node", *(["worker"] if workers else [])])
        if what == "node":
            node = self._nodes.pop(chance.randrange(len(self._nodes)))
            self._cluster.remove_node(node, allow_graceful=False)
            self._nodes.append(self._add())
        else:
            _kill(driver if what == "driver" else chance.choice(workers))
        return what

    def _add(self) -> Any:
        return _patiently(lambda: self._cluster.add_node(num_cpus=1, object_store_memory=10**8))


def _patiently(start: Callable[[], Any]) -> Any:
    """Ray gives a busy machine half a minute, and raises no error narrower than any."""
    for _ in range(9):
        with suppress(Exception):
            return start()
    return start()


def measure(
    films: list[Path], num_kills: int, chance: random.Random, folder: Path, engine: Any
) -> dict[str, Any]:
    command = [PLATESTREAM, "run", *map(str, films), "--out"]
    whole = folder / "whole"
    subprocess.run([*command, whole], check=True, capture_output=True)
    cut = [*engine.options, "--segment-s", SEGMENT_S, "--json"]
    done = subprocess.run([*command, folder / "cut", *cut], check=True, capture_output=True)
    read_s = json.loads(done.stdout)["elapsed_s"]
    problems = differences(folder / "cut", whole)
    kills, num_runs = Counter[str](), 0
    while sum(kills.values()) < num_kills:
        out = folder / f"killed-{num_runs}"
        run: subprocess.Popen[bytes] | None = None
        for _ in range(KILLS_A_RUN):
            run = run or subprocess.Popen(
                [*command, out, *cut], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            is_early = chance.random() < EARLY
            while run.poll() is None and not is_early and not engine.workers(run.pid):
                time.sleep(0.05)
            time.sleep(read_s * chance.random() / 2)
            if run.poll() is not None:
                break
            what = engine.kill(chance, run.pid)
            kills[what] += 1
            if what == "driver":  # else it goes on, and so do the kills
                run.wait()
                run = None
        if run:
            run.wait(END_WITHIN_S)
        num_runs += 1
        found = ended([*command, out, *cut]) or differences(out, whole)
        problems += [f"run {num_runs}: {each}" for each in found]
        sys.stderr.write(f"{dict(kills)} in {num_runs} runs: {found or 'the same events'}\n")
        shutil.rmtree(out)
    return {
        "num_events": len(events_of(whole)),
        "num_units": json.loads(done.stdout)["num_units"],
        "read_s": read_s,
        "kills": dict(kills),
        "num_runs": num_runs,
        "problems": problems,
    }


def ended(command: list[Any]) -> list[str]:
    """Run it to its end; says what went wrong."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=END_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired:
        return [f"it did not end in {END_WITHIN_S:.0f} s"]
    return [f"exit code {done.returncode}: {done.stderr[-500:]}"] if done.returncode else []


def differences(out: Path, whole: Path) -> list[str]:
    """What is not as in a run of one process."""
    found = [] if events_of(out) == events_of(whole) else ["other events"]
    text = (out / "events.jsonl").read_text("utf-8")
    for event in map(json.loads, text.splitlines()):
        for name in filter(None, (event["crop"], event["stack"])):
            try:
                read_picture(out / name)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                found.append(str(error))
    found += [f"left over: {path.name}" for path in out.rglob("*.part")]
    with sqlite3.connect(out / "manifest.db") as database:
        (num_left,) = database.execute("SELECT count(*) FROM units WHERE result IS NULL").fetchone()
    return [*found, f"{num_left} units are not done"] if num_left else found


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    """A process's own processes, oldest first."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _workers(node: Any) -> list[int]:
    """Ray's processes on a node that read units."""
    raylet = node.all_processes["raylet"][0].process.pid
    return [pid for pid in _children(raylet) if "ray::_read" in _title(pid)]


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


if __name__ == "__main__":
    main()
