"""Open ONNX networks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from platestream.core.errors import ConfigError, ModelContractError, ModelError, WeightsNotFound
from platestream.models.devices import DEFAULT_DEVICE, open_on

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession


def open_session(
    model: bytes | Path, num_threads: int = 1, device: str = DEFAULT_DEVICE
) -> InferenceSession:
    """Load a network; onnxruntime is imported here at the earliest.

    Args:
        model: The ONNX bytes, or the file that holds them.
        num_threads: CPU threads for one call. They sleep between calls instead of spinning,
            since a video decoder and other sessions want the same cores.
        device: What it runs on, one of `DEVICE_NAMES`.

    Raises:
        ConfigError: `num_threads` is under 1, or the device is not there.
        WeightsNotFound: there is no such file.
        ModelError: it cannot be read, or is no ONNX network.
        ModelContractError: it takes more than one input, or the device computes something else.
    """
    import onnxruntime

    if num_threads < 1:
        msg = f"num_threads is {num_threads}; use 1 or more"
        raise ConfigError(msg)
    name = str(model) if isinstance(model, Path) else "the model"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: they come back as exceptions
    content = _content(model)

    def open_with(providers: list[str]) -> InferenceSession:
        try:
            return onnxruntime.InferenceSession(content, options, providers=providers)
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            msg = f"{name}: not a usable ONNX network ({error}); export or fetch it again"
            raise ModelError(msg) from error

    session = open_on(device, open_with, name)
    if len(session.get_inputs()) != 1:
        inputs = ", ".join(each.name for each in session.get_inputs())
        msg = f"{name}: takes the inputs {inputs}; every network here takes one"
        raise ModelContractError(msg)
    return session


def infer(
    session: InferenceSession, batch: NDArray[np.uint8], name: str, num_outputs: int = 1
) -> list[NDArray[np.float32]]:
    """Run a network on one batch.

    Damaged weights may load and fail only here.

    Args:
        session: Of `open_session`.
        batch: Its one input.
        name: What it is called in messages, such as ``the reader``.
        num_outputs: How many outputs it must give.

    Raises:
        ModelContractError: it cannot be run, or gives anything but so many times float32.
    """
    try:
        outputs = session.run(None, {session.get_inputs()[0].name: batch})
    except Exception as error:  # onnxruntime's own errors share no base but Exception
        words = str(error).strip().partition("\n")[0][:200]
        msg = f"{name} loads and does not run ({words}); export or fetch its weights again"
        raise ModelContractError(msg) from error
    # By its letter: to spell the names of three types takes as long as a small network.
    kinds = [getattr(getattr(each, "dtype", None), "char", "") for each in outputs]
    if kinds != ["f"] * num_outputs:
        names = (str(getattr(each, "dtype", type(each).__name__)) for each in outputs)
        found = ", ".join(names) or "nothing"
        msg = f"{name} gives {found}, not {num_outputs} x float32; export it again"
        raise ModelContractError(msg)
    return list(outputs)


def patch_size(session: InferenceSession, name: str) -> tuple[int, int]:
    """Height and width of the patches ``(N, H, W, 3)`` that a network takes.

    Raises:
        ModelContractError: it takes something else.
    """
    shape = session.get_inputs()[0].shape
    match shape:
        case [_, int(height_px), int(width_px), 3]:
            return height_px, width_px
    msg = f"{name} takes {shape}, not patches (N, H, W, 3) of one size; export it again"
    raise ModelContractError(msg)


def _content(model: bytes | Path) -> bytes:
    if isinstance(model, bytes):
        return model
    try:
        return model.read_bytes()
    except FileNotFoundError as error:
        msg = f"{model}: there is no such file; check the path or fetch the weights"
        raise WeightsNotFound(msg) from error
    except OSError as error:
        msg = f"{model}: cannot be read ({error.strerror}); check its permissions"
        raise ModelError(msg) from error
