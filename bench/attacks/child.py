"""What a process under attack runs: a verb of the command line, with all it says in a pipe.

Forked from a process that has imported what it needs, so that hundreds of starts cost little. The
clock of the whole process may be set wrong by a file that holds seconds.
"""

import datetime
import faulthandler
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2  # noqa: F401 - that no child has to import it
import onnxruntime  # noqa: F401
import uvicorn  # noqa: F401

import platestream.service.running
import platestream.video.recording  # noqa: F401
from platestream.cli.main import main


def run(argv: list[str], said: Connection, clock: Path | None) -> None:
    """Be `platestream ARGV...`."""
    for number in (1, 2):
        os.dup2(said.fileno(), number)
    said.close()
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    faulthandler.enable()  # SIGABRT tells where each thread is
    if clock:
        _set_clock(clock)
    sys.argv = ["platestream", *argv]
    main()


def _set_clock(clock: Path) -> None:
    class Wrong(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.now(tz) + datetime.timedelta(seconds=float(clock.read_text()))

    for name, module in list(sys.modules.items()):
        if name.startswith("platestream") and vars(module).get("datetime") is datetime.datetime:
            vars(module)["datetime"] = Wrong
