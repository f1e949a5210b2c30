"""From a signal to the end of the process: in order, and within ten seconds, whatever hangs.

The page's server has a thread of its own, so that neither a client that holds it up nor an upload
that is being decoded keeps the cameras' last events from the store.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

PAGE_WITHIN_S = 2.0
"""How long clients of the page may take to be done."""

END_WITHIN_S = 10.0
"""From the signal to the end of the process."""

logger = logging.getLogger(__name__)


@contextmanager
def ended_in_time() -> Iterator[threading.Event]:
    """Gives an event that SIGINT and SIGTERM set; a second signal changes nothing.

    What is left inside must follow within `END_WITHIN_S` of the signal: then the process ends.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        if not stop.is_set():
            stop.set()
            _end_after(END_WITHIN_S)

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
        if stop.is_set():
            _end_without_waiting()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def serve_until(stop: threading.Event, server: uvicorn.Server, taken: socket.socket) -> None:
    """Serve until told to stop, or until the server ends by itself."""
    ended = threading.Thread(target=_serve, args=(server, taken, stop), name="page", daemon=True)
    ended.start()
    stop.wait()
    server.should_exit = True
    ended.join(PAGE_WITHIN_S)
    if ended.is_alive():
        server.force_exit = True


def _serve(server: uvicorn.Server, taken: socket.socket, stop: threading.Event) -> None:
    try:
        server.run(sockets=[taken])
    finally:
        stop.set()


def _end_after(within_s: float) -> None:
    def end() -> None:
        hanging = [each.name for each in threading.enumerate() if not each.daemon]
        logger.error("ended after %g s, while these hung: %s", within_s, ", ".join(hanging))
        _flush()
        os._exit(1)

    timer = threading.Timer(within_s, end)
    timer.daemon = True
    timer.start()


def _end_without_waiting() -> None:
    """End now if a thread would hold up the interpreter's end, as one that decodes an upload."""
    ours = (threading.main_thread(), threading.current_thread())
    if any(not each.daemon for each in threading.enumerate() if each not in ours):
        _flush()
        os._exit(0)


def _flush() -> None:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
