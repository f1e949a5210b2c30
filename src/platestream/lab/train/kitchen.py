"""Where and with what a recipe is made, and what of it is finished."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from platestream.core.errors import ConfigError
from platestream.core.private import write_private

FINISHED = "finished"
"""File in the folder of a run that needs nothing more; it says what made it."""

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


def is_finished(folder: Path, made_by: Mapping[str, Any]) -> bool:
    """Whether a folder needs nothing more.

    Args:
        folder: Of a stage, or of plates that are filmed.
        made_by: All that settles what is in it.

    Raises:
        ConfigError: it is finished, and something else made it.
    """
    path = folder / FINISHED
    if not path.exists():
        return False
    if path.read_text(encoding="utf-8") != _in_words(made_by):
        msg = f"{folder}: finished by another recipe; choose another --runs, or remove that folder"
        raise ConfigError(msg)
    return True


def finish(folder: Path, made_by: Mapping[str, Any]) -> None:
    """Note that a folder needs nothing more."""
    write_private(folder / FINISHED, _in_words(made_by))


def _in_words(made_by: Mapping[str, Any]) -> str:
    return json.dumps(made_by, indent=2, sort_keys=True)
