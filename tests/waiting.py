"""Waiting for what threads and servers do, no longer than it takes."""

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], object], timeout_s: float = 30.0) -> None:
    """Return once it is so; fail when it does not become so."""
    end_s = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > end_s:
            msg = f"not so within {timeout_s:g} s"
            raise AssertionError(msg)
        time.sleep(0.02)
