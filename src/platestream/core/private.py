"""Files and folders for their owner alone: what they hold tells who was where, and when."""

import logging
import os
import stat
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger(__name__)

FILE_MODE, FOLDER_MODE = 0o600, 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private_folder(path: Path) -> None:
    """Make a folder and those above it that are missing; what was there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    missing = [path, *path.parents]
    while missing and missing[-1].exists():
        missing.pop()
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def open_private(path: Path, mode: str = "w", **options: Any) -> IO[Any]:
    """Open a file to write, which nobody else can read from its first byte on."""

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, FILE_MODE)

    file: IO[Any] = open(path, mode, opener=opener, **options)  # noqa: SIM115
    if os.name != "nt":
        os.fchmod(file.fileno(), FILE_MODE)  # one that was there keeps its mode otherwise
    return file


def write_private(path: Path, text: str) -> None:
    """Write a text that nobody else can read, as UTF-8."""
    with open_private(path, encoding="utf-8") as file:
        file.write(text)


def tighten(path: Path) -> None:
    """Take a file's or folder's rights from all but its owner, or say why that cannot be."""
    try:
        mode = path.stat().st_mode
        if os.name != "nt" and mode & _OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:
        return
    except OSError as error:
        reason = error.strerror
        logger.warning("%s: others can read it, and that cannot be changed (%s)", path, reason)
