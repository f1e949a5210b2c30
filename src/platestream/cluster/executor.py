"""The seam between a run and what it runs on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from platestream.cluster.fetching import shown
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit, UnitResult

MAX_TRIES = 3
"""Workers that may die over a unit before it counts as failed: it may be the unit's own fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A unit that is over.

    Attributes:
        unit: As it was given.
        result: What it gave.
    """

    unit: Unit
    result: UnitResult


class Executor(Protocol):
    """Something that reads units, several at a time.

    Attributes:
        num_workers: How many it reads at a time.
    """

    num_workers: int

    def run(self, units: Iterable[Unit], settings: ReadSettings) -> Iterator[Outcome]:
        """Read all units; outcomes come as they are ready, in any order.

        A worker that dies costs nothing but time: its unit is given to another one. Closing the
        iterator stops the workers.

        Raises:
            PlatestreamError: no unit can be read, as where a model is missing.
        """


def tried(unit: Unit) -> Unit:
    """The unit, one try later."""
    return replace(unit, num_tries=unit.num_tries + 1)


def died(unit: Unit, how: str) -> UnitResult:
    """The result of a unit that too many workers died over."""
    text = (
        f"{shown(unit.source)}: {MAX_TRIES} workers died over it ({how});"
        " it may need more memory: give fewer --jobs"
    )
    return UnitResult(error=text, exit_code=1, is_final=False)
