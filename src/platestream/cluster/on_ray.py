"""Units read on a Ray cluster: by as many workers as it has room for, wherever they are.

Each node needs platestream itself, and must see the sources by the paths or addresses that the
driver sees them by. What a unit gave comes back to the driver, which alone writes.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from platestream.cluster.connecting import connect
from platestream.cluster.executor import MAX_TRIES, Outcome, died, tried
from platestream.cluster.settings import ReadSettings, make_reader
from platestream.cluster.units import Unit, UnitResult
from platestream.core.errors import PlatestreamError

_AHEAD = 2
"""Units handed to Ray for each worker: one at work, one to follow."""

MakeReader = Callable[[ReadSettings], Callable[[Unit], UnitResult]]


class OnRay:
    """An `Executor` on a Ray cluster.

    Args:
        address: Of the cluster; ``local`` for one on this machine, for this run.
        num_workers: Most units read at a time; as many as the cluster has CPUs when omitted.
        make_reader: Makes what a worker reads with; a function that can be imported.

    Raises:
        ConfigError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(
        self, address: str, num_workers: int | None = None, make_reader: MakeReader = make_reader
    ) -> None:
        self._ray = connect(address, num_workers, "--ray", "--jobs does without")
        self._make_reader = make_reader
        num_cpus = int(self._ray.cluster_resources().get("CPU", 1))
        self.num_workers = num_workers or num_cpus

    def run(self, units: Iterable[Unit], settings: ReadSettings) -> Iterator[Outcome]:
        """See `Executor`."""
        task = self._ray.remote(
            num_cpus=settings.threads, max_retries=0, scheduling_strategy="SPREAD"
        )(_read)
        waiting, flying = deque(units), dict[Any, Unit]()
        try:
            while waiting or flying:
                while waiting and len(flying) < _AHEAD * self.num_workers:
                    unit = waiting.popleft()
                    flying[task.remote(unit, settings, self._make_reader)] = unit
                ready, _ = self._ray.wait(list(flying))
                for reference in ready:
                    outcome = self._take(reference, flying.pop(reference), waiting)
                    if outcome:
                        yield outcome
        finally:
            for reference in flying:
                self._ray.cancel(reference, force=True)

    def close(self) -> None:
        """Leave the cluster; one that was made for this run ends."""
        self._ray.shutdown()

    def _take(self, reference: Any, unit: Unit, waiting: "deque[Unit]") -> Outcome | None:
        try:
            answer = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:  # it or its node died, or had no memory left
            return self._again(unit, waiting, error)
        if isinstance(answer, PlatestreamError):
            raise answer
        return Outcome(unit, answer)

    def _again(self, unit: Unit, waiting: "deque[Unit]", error: Exception) -> Outcome | None:
        if unit.num_tries + 1 < MAX_TRIES:
            waiting.appendleft(tried(unit))
            return None
        reason = str(error).strip().partition("\n")[0]
        return Outcome(unit, died(unit, f"{type(error).__name__}: {reason}"))


def _read(unit: Unit, settings: ReadSettings, make_reader: MakeReader) -> Any:
    """Runs in a worker, which reads many units with the networks it loaded once."""
    try:
        return _reader(settings, make_reader)(unit)
    except PlatestreamError as error:
        return error


@cache
def _reader(settings: ReadSettings, make_reader: MakeReader) -> Callable[[Unit], UnitResult]:
    return make_reader(settings)
