"""What workers read with in these tests; imported by their processes."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from platestream.cluster.reading import read_unit
from platestream.cluster.settings import ReadSettings
from platestream.cluster.units import Unit, UnitResult
from platestream.core.errors import WeightsNotFound

from .road import make_pipeline, photos

Reader = Callable[[Unit], UnitResult]


def road_reader(_: ReadSettings) -> Reader:
    """Reads films of `road`."""
    pipeline = make_pipeline()
    return lambda unit: read_unit(unit, pipeline, photos)


def echo_reader(_: ReadSettings) -> Reader:
    """Says who read it; a unit called kill dies, one called kill-once only at first."""

    def read(unit: Unit) -> UnitResult:
        if unit.source == "kill" or (unit.source == "kill-once" and unit.num_tries == 0):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return UnitResult(num_frames=os.getpid(), error=unit.source)

    return read


def broken_reader(_: ReadSettings) -> Reader:
    msg = "detector.onnx is missing; install it again"
    raise WeightsNotFound(msg)


def slow_reader(settings: ReadSettings) -> Reader:
    """Reads films of `road`, and leaves its process's number beside them."""
    read = road_reader(settings)

    def read_slowly(unit: Unit) -> UnitResult:
        Path(unit.source).with_name(f"worker-{os.getpid()}").touch()
        result = read(unit)
        time.sleep(0.05)
        return result

    return read_slowly
