"""Into a Ray cluster, with one clear line where that fails."""

import logging
import signal
import threading
from typing import Any

from platestream.core.errors import ConfigError

LOCAL = "local"
"""The address of a cluster made for this process, on this machine."""


def connect(address: str, num_cpus: int | None, given: str, instead: str) -> Any:
    """Connect to a cluster, or make one.

    Args:
        address: ``HOST:PORT`` of its head node, or ``local``.
        num_cpus: CPUs of a local one; all of the machine when None.
        given: How the user gave the address, for messages.
        instead: What does without Ray, for messages.

    Returns:
        The module ``ray``.

    Raises:
        ConfigError: Ray is not installed, or the cluster cannot be reached.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        msg = f"{given} needs Ray: pip install 'platestream[cluster]'; {instead}"
        raise ConfigError(msg) from error
    settings: dict[str, Any] = {
        "logging_level": logging.ERROR,
        "log_to_driver": False,
        # As the command has it here: OpenCV has small steps, and shares none of them out.
        "runtime_env": {"env_vars": {"OPENCV_FOR_THREADS_NUM": "1"}},
    }
    is_main = threading.current_thread() is threading.main_thread()
    on_term = signal.getsignal(signal.SIGTERM)
    try:
        if address == LOCAL:
            ray.init(address="local", num_cpus=num_cpus, include_dashboard=False, **settings)
        else:
            ray.init(address=address, **settings)
    except Exception as error:  # Ray raises no narrower one where a node takes too long to start
        reason = str(error).strip().partition("\n")[0]
        busy, away = "this machine may be too busy; try again", "is its head node up?"
        hint = busy if address == LOCAL else away
        msg = f"{given} {address}: the cluster cannot be reached ({reason}); {hint}"
        raise ConfigError(msg) from error
    finally:
        if (
            is_main and on_term is not None
        ):  # Ray ends the process on it; who called it has an order to end in
            signal.signal(signal.SIGTERM, on_term)
    return ray
