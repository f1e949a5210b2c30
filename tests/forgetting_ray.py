"""Ray kills its processes, and on a busy machine does not wait for their end."""

import gc
import subprocess
from contextlib import suppress


def forget_ray() -> None:
    """Wait for them: that one was left running would else be the failure of another test."""
    for each in gc.get_objects():
        if isinstance(each, subprocess.Popen) and "/ray/" in str(each.args):
            with suppress(subprocess.TimeoutExpired):
                each.wait(20)
