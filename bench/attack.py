"""Attack `serve` and `run` in every way we know; each scene ends in a verdict.

    python bench/attack.py                       # the long form: hours on two slow cores
    python bench/attack.py --short               # as in CI: a minute of processor time
    python bench/attack.py --scene kill_serve    # one scene

Everything stays on this machine: loopback, folders of its own, and PostgreSQL and mosquitto where
they are installed. Nothing may be lost or half there, crash, or hang; no process may take more
than 2 GB or longer than 13 seconds to end; no secret and no plate may stand in a log.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
from bench.attacks import cameras, disks, kills, stores, strangers  # noqa: E402
from bench.attacks.process import Place, Report  # noqa: E402

Scene = Callable[[Place], None]

SCENES: tuple[Scene, ...] = (
    kills.kill_serve,
    kills.kill_run,
    kills.kill_archive,
    kills.kill_postgres,
    kills.end_by_every_signal,
    stores.locked_sqlite,
    stores.full_disk,
    stores.read_only_disk,
    disks.no_room_left,
    disks.frozen_disk,
    disks.failing_disk,
    stores.stopped_postgres,
    stores.damaged_store,
    stores.two_services,
    stores.wrong_clocks,
    cameras.evil_cameras,
    cameras.jumping_times,
    cameras.twelve_cameras,
    strangers.hanging_clients,
    strangers.hanging_receivers,
    strangers.frozen_broker,
    strangers.hostile_pictures,
)


def play(scene: Scene, *, is_short: bool, num_rounds: int = 0) -> Report:
    """Play a scene in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder), is_short, num_rounds)
        try:
            scene(place)
        except Exception as error:  # noqa: BLE001 - the others are still played
            place.report.faults.append(f"the scene broke off: {error!r}")
        return place.report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    names = {scene.__name__: scene for scene in SCENES}
    parser.add_argument("--scene", action="append", choices=names, help="These scenes only.")
    parser.add_argument("--short", action="store_true", help="The form for CI.")
    parser.add_argument("--rounds", type=int, default=0, help="So often; by default the form's.")
    args = parser.parse_args()
    num_faults = 0
    for name in args.scene or names:
        begin_s = time.monotonic()
        report = play(names[name], is_short=args.short, num_rounds=args.rounds)
        counts = ", ".join(f"{num} {what}" for what, num in report.counts.items())
        verdict = f"{len(report.faults)} FAULTS" if report.faults else "holds"
        print(
            f"{name:20} {verdict:9} {time.monotonic() - begin_s:5.0f} s  cpu {report.cpu_s:4.0f} s"
            f"  {report.most_mb:5.0f} MB  end {report.slowest_end_s:4.1f} s  {counts}",
            flush=True,
        )
        for fault in report.faults:
            print(f"    {fault}", flush=True)
        num_faults += len(report.faults)
    return int(bool(num_faults))


if __name__ == "__main__":
    sys.exit(main())
