"""Another time zone for the length of a test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def in_zone(zone: str) -> Iterator[None]:
    """Let the process live in a zone, as POSIX writes it: ``IST-5:30``."""
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of a process cannot be set here")
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("TZ", zone)
            time.tzset()
            yield
    finally:
        time.tzset()
