"""PostgreSQL's connections, with an end to all waiting for the server.

The server's own time limits mean nothing while it stands still: stopped, or on a disk that does
not answer, its kernel still acknowledges each packet, so that no network timeout ends the wait.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

PATIENCE_S = 12.0
"""Longest wait for one answer: more than the server's own limit, so that a slow one can say so."""

_INTERVAL_S = 0.2

_Result = TypeVar("_Result")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up a server that does not answer.

    Attributes:
        patience_s: See `PATIENCE_S`.
    """

    patience_s = PATIENCE_S

    def wait(self, gen: Any, interval: float = _INTERVAL_S, *args: Any, **kwargs: Any) -> Any:
        """Wait as its base does; every wait for the server comes by here."""
        return super().wait(self._until_late(gen), interval, *args, **kwargs)

    def _until_late(self, steps: Generator[Any, Any, _Result]) -> Generator[Any, Any, _Result]:
        late_s = time.monotonic() + self.patience_s
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > late_s:
                    self.pgconn.finish()  # what it would answer still belongs to nobody
                    msg = f"the server has not answered for {self.patience_s:g} s"
                    raise psycopg.OperationalError(msg)
                wanted = steps.send(ready)
        except StopIteration as end:
            result: _Result = end.value
            return result
