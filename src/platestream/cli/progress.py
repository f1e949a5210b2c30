"""What a person sees of long work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def progress() -> Progress:
    """A progress bar that leaves no trace.

    It is drawn on standard error, since standard output is for results, and only on a terminal.
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def progress_of(name: str, num_steps: int | None) -> Iterator[Callable[[int], None]]:
    """One bar; it is moved by saying how many steps are done.

    Args:
        name: What stands before it.
        num_steps: How many there are; None where nobody knows.
    """
    with progress() as bars:
        bar = bars.add_task(name, total=num_steps)
        yield lambda num_done: bars.update(bar, completed=num_done)
