"""Processes under attack, and what is wrong with how they live and end."""

import contextlib
import json
import multiprocessing
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from bench.attacks import child

from platestream.video.pictures import read_picture

SECRET = "Gartenzaun7"
"""In every configuration; found in what a process says, it is a fault."""

TOKEN = f"{SECRET}{'t' * 30}"
PLATE = re.compile(r"XYP\dB?\d\d")
"""As the film's plate is read; no log may have it."""

NAMED_AS_LOST = re.compile(r"is lost: |plates in view are lost")
"""What the log says of each event that could not be kept, and of a camera that did not end."""

END_WITHIN_S = 13.0
MOST_MB = 2000
PATIENCE_S = 90.0

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload([child.__name__])


@dataclass
class Report:
    """What a scene found.

    Attributes:
        faults: What must not be.
        counts: What was done, for the reader.
        slowest_end_s: From a signal to the end of a process.
        most_mb: Of any process.
        cpu_s: Of all processes.
    """

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    slowest_end_s: float = 0.0
    most_mb: float = 0.0
    cpu_s: float = 0.0

    def check(self, is_so: object, fault: str) -> None:
        """Note a fault unless it is so."""
        if not is_so:
            self.faults.append(fault)


@dataclass
class Place:
    """Where a scene plays.

    Attributes:
        folder: An empty one.
        is_short: Whether it is the form for CI.
        num_rounds: So often, whatever the form; 0 for as often as the form says.
        report: What it found.
    """

    folder: Path
    is_short: bool
    num_rounds: int = 0
    report: Report = field(default_factory=Report)

    def rounds(self, short: int, long: int) -> range:
        """How often, in this form."""
        return range(self.num_rounds or (short if self.is_short else long))


def wait_until(is_so: Callable[[], object], within_s: float = PATIENCE_S) -> bool:
    """Whether it became so in time."""
    end_s = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.05)
    return True


class Process:
    """`platestream ARGV...`; use it in a ``with`` statement."""

    says_plates = True
    """A run prints what it found."""

    may_end_with: tuple[int, ...] = (1, 2, 3, 7, 130, -signal.SIGTERM)
    """Exit codes that are no crash; by the signal itself ends what has nothing left to keep."""

    def __init__(self, place: Place, argv: list[str], clock: Path | None = None) -> None:
        self.report, self._cpu_s = place.report, 0.0
        self._ours, theirs = _FORK.Pipe(duplex=False)
        self._said: list[bytes] = []
        self._process = _FORK.Process(target=child.run, args=(argv, theirs, clock))
        self._process.start()
        theirs.close()
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if error[0]:
            state = "alive" if self.is_alive else f"ended with {self.exit_code}"
            self.report.faults.append(f"{state} when the scene broke off: {self.said[-1500:]}")
        if self.is_alive:
            self.kill()
        elif self.exit_code and self.exit_code not in (-9, *self.may_end_with):
            self.report.faults.append(f"it crashed: {self.exit_code}: {self.said[-1500:]}")
        self.report.cpu_s += self._cpu_s
        self._reader.join(5)
        said = self.said
        self.report.check(SECRET not in said, f"a secret was said: {_around(SECRET, said)}")
        found = None if self.says_plates else PLATE.search(said)
        self.report.check(
            not found, f"a plate stands in the log: {found and _around(found[0], said)}"
        )
        self.report.check(
            "Traceback" not in said, f"a traceback: {_around('Traceback', said, 3000)}"
        )

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid or 0

    @property
    def said(self) -> str:
        """All that it said until now."""
        return b"".join(self._said).decode(errors="replace")

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        """Negative for a signal."""
        return self._process.exitcode

    def kill(self) -> None:
        """End it as a power cut would."""
        self._note_memory()
        self._process.kill()
        self._process.join()

    def end(self, *signals: int, codes: tuple[int, ...] = (0,)) -> None:
        """End it by signals, in time and with one of these exit codes."""
        self._note_memory()
        begin_s = time.monotonic()
        for number in signals or (signal.SIGTERM,):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
        self._process.join(END_WITHIN_S)
        took_s = time.monotonic() - begin_s
        self.report.slowest_end_s = max(self.report.slowest_end_s, took_s)
        if self.is_alive:
            os.kill(self.pid, signal.SIGABRT)
            self._process.join(5)
            self._reader.join(5)
            self.report.faults.append(f"no end within {END_WITHIN_S:g} s: {self.said[-6000:]}")
        elif self.exit_code not in codes:
            self.report.faults.append(f"ended with {self.exit_code}: {self.said[-1500:]}")

    def wait(self, within_s: float = PATIENCE_S) -> int | None:
        """Its exit code; a fault where it does not end by itself."""
        while self.is_alive and within_s > 0:
            self._note_memory()
            self._process.join(0.2)
            within_s -= 0.2
        self.report.check(not self.is_alive, f"it hangs: {self.said[-500:]}")
        return self.exit_code

    def _note_memory(self) -> None:
        with contextlib.suppress(OSError, IndexError):
            status = Path(f"/proc/{self.pid}/status").read_text()
            most_mb = int(status.split("VmHWM:")[1].split()[0]) / 1000
            self.report.most_mb = max(self.report.most_mb, most_mb)
            self.report.check(most_mb < MOST_MB, f"{most_mb:.0f} MB")
            ticks = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            self._cpu_s = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while piece := os.read(self._ours.fileno(), 65536):
                self._said.append(piece)


def _around(what: str, said: str, num_after: int = 100) -> str:
    at = max(0, said.find(what))
    return said[max(0, at - 150) : at + num_after]


def film_cameras(film: Path, num: int = 1, **more: object) -> dict[str, Any]:
    """So many cameras that play a film again and again."""
    return {f"c{n}": {"url": str(film), "loop": True, **more} for n in range(num)}


class Service(Process):
    """`platestream serve`, up and running."""

    says_plates = False
    may_end_with = ()

    def __init__(
        self,
        place: Place,
        cameras: dict[str, Any],
        *,
        sinks: dict[str, Any] | None = None,
        store: dict[str, Any] | None = None,
        clock: Path | None = None,
    ) -> None:
        folder = place.folder
        config = {
            "cameras": cameras,
            "sinks": sinks or {},
            "store": store or {"url": str(folder / "events.db")},
            "reader": {"detector_size": 320},
            "server": {"port": 0, "tokens": {"bench": {"token": TOKEN, "role": "operator"}}},
        }
        (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML
        super().__init__(place, ["serve", "--config", str(folder / "config.yaml")], clock)

    def __enter__(self) -> Self:
        wait_until(lambda: "http://" in self.said or not self.is_alive)
        found = re.search(r"http://[\d.]+:\d+", self.said)
        self.url = found[0] if found else ""
        self.report.check(found, f"it does not start: {self.said[-1500:]}")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.client = httpx.Client(base_url=self.url, headers=headers, timeout=20)
        is_up = self.figure("platestream_store_waiting") >= 0
        self.report.check(is_up, f"it says an address and does not answer: {self.said[-1500:]}")
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()
        super().__exit__(*error)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def ask(self, path: str) -> Any:
        """A JSON answer; empty while there is none."""
        with contextlib.suppress(httpx.HTTPError, ValueError):
            answer = self.client.get(f"/api/v1/{path}")
            return answer.json() if answer.is_success else {}
        return {}

    def cameras(self) -> dict[str, dict[str, Any]]:
        """Health of each."""
        return {each["name"]: each["health"] for each in self.ask("cameras").get("cameras", [])}

    def frames(self) -> int:
        """Looked at until now, by all cameras; told without the store."""
        return round(self.figure("platestream_camera_num_frames"))

    def events(self) -> Iterator[dict[str, Any]]:
        """The newest ones."""
        yield from self.ask("events?limit=200").get("events", [])

    def figure(self, name: str) -> float:
        """One of `/metrics`, summed over all cameras; -1 where there is none."""
        with contextlib.suppress(httpx.HTTPError):
            text = self.client.get("/metrics").text
            found = re.findall(rf"^{name}(?:{{.*}})? (\S+)", text, re.MULTILINE)
            return sum(map(float, found)) if found else -1.0
        return -1.0


def check_store(place: Place, store: Any, acknowledged: set[str], told: set[str] | None) -> None:
    """Every event that was seen is there and whole, and none goes on.

    Args:
        place: Has the report.
        store: An open `EventStore`, of which nobody else is at work.
        acknowledged: Ids that were seen in it before.
        told: Ids whose end a receiver was told; None where there is none.
    """
    from platestream.store.records import Query

    report, ids = place.report, set()
    for event in store.each(Query()):
        ids.add(event.id)
        report.check(event.state == "final", f"event {event.id} goes on for ever")
        for file in (event.crop_file, event.frame_file):
            try:
                read_picture(store.picture(file))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not whole
                report.faults.append(f"event {event.id} is half there: {error}")
    report.counts["events"] += len(ids)
    report.check(ids, "nothing was kept at all")
    report.check(acknowledged <= ids, f"lost: {sorted(acknowledged - ids)}")
    if told is not None:
        report.check(ids <= told, f"never told: {sorted(ids - told)}")
