"""Nodes of a Ray cluster on a machine that may be busy."""

import gc
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Started = TypeVar("Started")


def started(start: Callable[[], Started], num_tries: int = 4) -> Started:
    """Start something of Ray's, which gives a busy machine half a minute and then gives up."""
    for _ in range(num_tries - 1):
        with suppress(Exception):  # it raises no narrower one
            return start()
    return start()


def forget_ray() -> None:
    """Wait for its processes: that one was left running would else be another test's failure."""
    for each in gc.get_objects():
        if type(each) is subprocess.Popen and "/ray/" in str(each.args):
            with suppress(subprocess.TimeoutExpired):
                each.wait(20)
