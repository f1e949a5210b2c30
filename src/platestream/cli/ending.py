"""A run that is told to end: the plates in view are kept first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Asked after each step whether to end, so that no step is cut in two.

    Attributes:
        is_wanted: Set by the first signal.
    """

    def __init__(self) -> None:
        self.is_wanted = False

    def check(self) -> None:
        """End here if that was asked for.

        Raises:
            KeyboardInterrupt: it was.
        """
        if self.is_wanted:
            raise KeyboardInterrupt

    def on_signal(self, _number: int, _frame: object) -> None:
        """Ask to end; who asks twice does not want to wait.

        Raises:
            KeyboardInterrupt: for the second signal, wherever the work is.
        """
        is_again, self.is_wanted = self.is_wanted, True
        if is_again:
            raise KeyboardInterrupt


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Ctrl-C and SIGTERM end what is inside at its next `Ending.check`."""
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending  # signals go to the main thread alone
        return
    before = {each: signal.signal(each, ending.on_signal) for each in SIGNALS}
    try:
        yield ending
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
