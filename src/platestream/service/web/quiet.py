"""A log that strangers cannot fill: what repeats itself is told once a minute, with its number."""

import asyncio
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

EVERY_S = 60.0
_MAX_KINDS = 200

NOISY = ("asyncio", "uvicorn.error")
"""They log whatever strangers do to a socket: half a gigabyte in a minute, if need be."""


class Quiet(logging.Filter):
    """Lets the first message of a kind pass, then one a while that tells how many were left out.

    Args:
        every_s: The while.
        now: A clock in seconds that never goes back.
    """

    def __init__(self, every_s: float = EVERY_S, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._every_s, self._now = every_s, now
        self._kinds: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to tell this one."""
        if _is_cut_off(record):
            return False
        # The lines after the first name sockets and addresses, which differ each time.
        kind = str(record.msg).partition("\n")[0]
        now = self._now()
        with self._lock:
            told_at, num_left_out = self._kinds.pop(kind, (-self._every_s, 0))
            is_told = now - told_at >= self._every_s
            self._kinds[kind] = (now, 0) if is_told else (told_at, num_left_out + 1)
            if len(self._kinds) > _MAX_KINDS:
                self._kinds.popitem(last=False)
        if is_told and num_left_out:
            record.msg = f"{record.msg} (and {num_left_out} more of this kind before)"
        return is_told


def _is_cut_off(record: logging.LogRecord) -> bool:
    """Whether it tells of a request that the end of the service cut off.

    Where secrets are taken out (`service.secrets.discreet`), an error is text by now.
    """
    if record.exc_info:
        return isinstance(record.exc_info[1], asyncio.CancelledError)
    last_line = (record.exc_text or "").rpartition("\n")[2]
    return last_line.startswith("asyncio.exceptions.CancelledError")


def quiet_log() -> None:
    """Quieten those that strangers make noise with, once."""
    for name in NOISY:
        logger = logging.getLogger(name)
        if not any(isinstance(each, Quiet) for each in logger.filters):
            logger.addFilter(Quiet())
