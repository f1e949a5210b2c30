"""Weights of earlier commits, which a recipe goes on from: git keeps them, whatever ships today."""

import re
import subprocess
from pathlib import Path
from typing import Final

from platestream.core.errors import ConfigError
from platestream.core.private import make_private_folder

_KEPT: Final = re.compile(r"[0-9a-f]{12,40}:\w[^:]*\.onnx")


def is_kept(name: str) -> bool:
    """Whether a name is of a file in a commit: ``COMMIT:path/to/reader.onnx``."""
    return _KEPT.fullmatch(name) is not None and ".." not in name


def kept_file(name: str, repository: Path, into: Path) -> Path:
    """Write a file of a commit into a folder, unless it is there.

    Args:
        name: ``COMMIT:PATH``, the path from the repository's root.
        repository: A folder in it.
        into: Gets a folder of that commit.

    Returns:
        Where it is.

    Raises:
        ConfigError: the repository has no such commit or file, or there is none.
    """
    commit, _, path = name.partition(":")
    file = into / commit / path
    if file.exists():
        return file
    try:
        done = subprocess.run(
            ["git", "-C", str(repository), "show", name], capture_output=True, check=False
        )
        found, told = done.returncode == 0, done.stderr.decode(errors="replace").splitlines()
    except OSError as error:
        found, told = False, [f"git: {error.strerror}"]
    if not found:
        msg = (
            f"{name}: not found ({told[0] if told else 'git says nothing'}); clone the repository "
            f"with its whole history (git fetch --unshallow), or put that file at {file}"
        )
        raise ConfigError(msg)
    make_private_folder(file.parent)
    part = file.with_suffix(".part")
    part.write_bytes(done.stdout)
    part.replace(file)
    return file
