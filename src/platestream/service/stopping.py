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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

LOOK_EVERY_S = 0.1
"""How often the main thread looks whether it is to stop."""

PAGE_WITHIN_S = 2.0
"""How long clients of the page may take to be done."""

END_WITHIN_S = 10.0
"""From the signal to the end of the process."""

KILL_AFTER_S = 3.0
"""So long after that, the kernel ends what cannot even end itself."""

logger = logging.getLogger(__name__)


class Stop:
    """Set once, by a signal or by the page's end; the main thread waits for it.

    A plain attribute that is looked at: a `threading.Event` has a lock, which a signal's handler
    may find taken by the very thread that it interrupts, and a wait for it goes on when the
    kernel gives the signal to another thread.

    Attributes:
        is_set: Whether to stop.
    """

    def __init__(self) -> None:
        self.is_set = False

    def set(self) -> None:
        """Stop, now."""
        self.is_set = True

    def wait(self) -> None:
        """Until it is set."""
        while not self.is_set:
            time.sleep(LOOK_EVERY_S)


@contextmanager
def ended_in_time() -> Iterator[Stop]:
    """Gives what SIGINT and SIGTERM set; a second signal changes nothing.

    What is left inside must follow within `END_WITHIN_S` of the signal: then the process ends.
    """
    stop = Stop()

    def on_signal(_number: int, _frame: object) -> None:
        if not stop.is_set:
            stop.set()
            _end_after(END_WITHIN_S)

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
        if stop.is_set:
            # The interpreter's own end would wait for a thread that decodes an upload, and take
            # locks from under threads that are inside a network or a decoder.
            _end(0)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def serve_until(
    stop: Stop, server: uvicorn.Server, taken: socket.socket, on_listening: Callable[[], None]
) -> None:
    """Serve until told to stop, or until the server ends by itself.

    Args:
        stop: Set by who wants it to end.
        server: Is run in a thread of its own.
        taken: Where it listens.
        on_listening: Called once, as soon as a client is answered.
    """
    ended = threading.Thread(target=_serve, args=(server, taken, stop), name="page", daemon=True)
    ended.start()
    while not (server.started or stop.is_set):
        time.sleep(LOOK_EVERY_S / 10)
    try:
        if server.started:
            on_listening()
        stop.wait()
    finally:
        server.should_exit = True
        ended.join(PAGE_WITHIN_S)
        if ended.is_alive():
            server.force_exit = True


def _serve(server: uvicorn.Server, taken: socket.socket, stop: Stop) -> None:
    try:
        server.run(sockets=[taken])
    finally:
        stop.set()


def _end_after(within_s: float) -> None:
    def end() -> None:
        hanging = [each.name for each in threading.enumerate() if not each.daemon]
        logger.error("ended after %g s, while these hung: %s", within_s, ", ".join(hanging))
        _end(1)

    timer = threading.Timer(within_s, end)
    timer.daemon = True
    timer.start()
    signal.setitimer(signal.ITIMER_REAL, within_s + KILL_AFTER_S)


def _end(code: int) -> None:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
