"""Signals end a run between two steps; a second one ends it where it is."""

import signal
import threading

import pytest

from platestream.cli.ending import SIGNALS, ended_by_signals


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_asked_for_and_the_second_does_not_wait(number: int) -> None:
    before = signal.getsignal(number)
    with ended_by_signals() as ending:
        ending.check()
        signal.raise_signal(number)
        assert ending.is_wanted
        with pytest.raises(KeyboardInterrupt):
            ending.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_other_threads_change_no_handler() -> None:
    before, seen = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with ended_by_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
