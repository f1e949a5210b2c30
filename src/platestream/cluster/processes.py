"""Units read by processes of this machine."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from platestream.cluster.executor import MAX_TRIES, Outcome, died, tried
from platestream.cluster.settings import ReadSettings, make_reader
from platestream.cluster.units import Unit, UnitResult
from platestream.core.errors import ConfigError, PlatestreamError

# A fork would share the driver's locks and database handles.
_SPAWN = multiprocessing.get_context("spawn")

MakeReader = Callable[[ReadSettings], Callable[[Unit], UnitResult]]


class Processes:
    """An `Executor` that needs nothing but this machine.

    Args:
        num_workers: How many processes.
        make_reader: Makes what a worker reads with; a function that can be imported.

    Raises:
        ConfigError: `num_workers` is under 1.
    """

    def __init__(self, num_workers: int, make_reader: MakeReader = make_reader) -> None:
        if num_workers < 1:
            msg = f"--jobs {num_workers}: give 1 or more"
            raise ConfigError(msg)
        self.num_workers, self._make_reader = num_workers, make_reader

    def run(self, units: Iterable[Unit], settings: ReadSettings) -> Iterator[Outcome]:
        """See `Executor`."""
        waiting = deque(units)
        workers: list[_Worker] = []
        try:
            while waiting or workers:
                while waiting and len(workers) < self.num_workers:
                    workers.append(_Worker.started(settings, self._make_reader))
                    workers[-1].give(waiting.popleft())
                for worker in _ready(workers):
                    outcome = worker.take()
                    if outcome is None:
                        workers.remove(worker)
                        waiting.appendleft(tried(worker.unit))
                        continue
                    if waiting and worker.process.is_alive():
                        worker.give(waiting.popleft())
                    else:
                        workers.remove(worker)
                        worker.dismiss()
                    yield outcome
        finally:
            for worker in workers:
                worker.process.kill()
                worker.dismiss()


@dataclass(slots=True, eq=False)
class _Worker:
    """One process and the unit it has; it always has one."""

    process: SpawnProcess
    pipe: "Connection[Any, Any]"
    unit: Unit

    @classmethod
    def started(cls, settings: ReadSettings, make_reader: MakeReader) -> "_Worker":
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_work, args=(theirs, settings, make_reader), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours, Unit("", ""))

    def give(self, unit: Unit) -> None:
        self.unit = unit
        with suppress(OSError):  # it died; `take` finds out
            self.pipe.send(unit)

    def take(self) -> Outcome | None:
        """What came of the unit; None where the process died over it and may try again."""
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            how, num_tries = _how(self.process.exitcode), self.unit.num_tries + 1
            return None if num_tries < MAX_TRIES else Outcome(self.unit, died(self.unit, how))
        if isinstance(answer, PlatestreamError):
            raise answer
        return Outcome(self.unit, answer)

    def dismiss(self) -> None:
        self.pipe.close()
        self.process.join()


def _ready(workers: list[_Worker]) -> list[_Worker]:
    # A pipe is ready, too, when the process at its other end is gone.
    ready = wait([worker.pipe for worker in workers])
    return [worker for worker in workers if worker.pipe in ready]


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"


def _work(pipe: "Connection[Any, Any]", settings: ReadSettings, make_reader: MakeReader) -> None:
    """A worker's life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver says when to stop
    threading.Thread(target=_die_with_driver, daemon=True).start()
    try:
        read = make_reader(settings)
        while True:
            pipe.send(read(pipe.recv()))
    except PlatestreamError as error:
        pipe.send(error)
    except (EOFError, BrokenPipeError):
        return


def _die_with_driver() -> None:
    driver = multiprocessing.parent_process()
    if driver:
        driver.join()
        os._exit(1)
