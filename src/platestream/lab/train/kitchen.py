"""Where and with what a recipe is made."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

FINISHED = "finished"
"""File in the folder of a run that needs nothing more."""

Progress: TypeAlias = Callable[[str, int | None], AbstractContextManager[Callable[[int], object]]]
"""Opened with a stage's name and its steps, where known; then called with those that are done."""


def _untold(name: str, num_steps: int | None, /) -> AbstractContextManager[Callable[[int], object]]:
    """Tell nobody how far a stage is."""
    return nullcontext(lambda num_done: None)


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Where and with what a recipe is made.

    Attributes:
        data: Folder of labelled pictures.
        runs: Gets a folder a stage.
        out: Gets the weights and cards.
        glyphs: Folder of Chinese plate glyphs, or None.
        num_threads: CPU threads of torch.
        num_workers: Processes that make batches.
        progress: Hears how far each stage is.
    """

    data: Path
    runs: Path
    out: Path
    glyphs: Path | None = None
    num_threads: int = 2
    num_workers: int = 1
    progress: Progress = _untold
