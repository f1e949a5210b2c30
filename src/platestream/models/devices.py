"""What networks run on: the CPU, or an accelerator that is proved to compute the same."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from platestream.core.choices import Choices, unknown
from platestream.core.errors import ConfigError, ModelContractError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

logger = logging.getLogger(__name__)

DEFAULT_DEVICE = "cpu"
AUTO = "auto"

MAX_DIFFERENCE = 0.05
"""Most that an accelerator's output may be off, as a share of the output's largest value. Half
precision and other roundings of our integer networks are off, by up to 0.019 as measured; a
provider that computes something else is off by far more."""

_SIDE_PX = 64
"""Sides of the test picture where a network takes any; each of ours takes multiples of 32."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something that ONNX Runtime runs networks on.

    Attributes:
        provider: ONNX Runtime's name of it.
        package: What brings it: an extra of this package, or a build of ONNX Runtime.
        is_automatic: Whether `auto` may take it. TensorRT compiles for minutes; OpenVINO was slower
            than ONNX Runtime itself on the CPU where it was tried.
    """

    provider: str
    package: str
    is_automatic: bool = True


DEVICES: Choices[Device] = Choices(
    "device",
    {
        "cuda": Device("CUDAExecutionProvider", "onnxruntime-gpu"),
        "tensorrt": Device("TensorrtExecutionProvider", "onnxruntime-gpu", is_automatic=False),
        "coreml": Device("CoreMLExecutionProvider", "onnxruntime"),
        "directml": Device("DmlExecutionProvider", "onnxruntime-directml"),
        "openvino": Device("OpenVINOExecutionProvider", "onnxruntime-openvino", is_automatic=False),
        DEFAULT_DEVICE: Device("CPUExecutionProvider", "onnxruntime"),
    },
)
"""What a user may choose, in the order that `auto` tries it."""

DEVICE_NAMES = (AUTO, *DEVICES)


def check_device(name: str) -> str:
    """The name of a device, as it is if there is one.

    Raises:
        ConfigError: there is none.
    """
    if name not in DEVICE_NAMES:
        raise ConfigError(unknown("device", name, DEVICE_NAMES))
    return name


Open = Callable[[list[str]], "InferenceSession"]
"""Opens a network with ONNX Runtime's providers of these names."""


def open_on(device: str, open_with: Open, name: str) -> InferenceSession:
    """Open a network on a device, and see that it computes there what the CPU does.

    Args:
        device: One of `DEVICE_NAMES`.
        open_with: Opens the network.
        name: What the network is called in messages.

    Raises:
        ConfigError: there is no such device, or ONNX Runtime has no provider for it here.
        ModelContractError: the device computes something else.
    """
    check_device(device)
    cpu = [DEVICES[DEFAULT_DEVICE].provider]
    if device == DEFAULT_DEVICE:
        return open_with(cpu)
    if device != AUTO:
        return _open_checked(device, open_with, name)
    for each in _automatic():
        try:
            return _open_checked(each, open_with, name)
        except (ConfigError, ModelContractError) as error:
            logger.warning("%s; going on with the CPU or the next device", error)
    return open_with(cpu)


def _automatic() -> list[str]:
    import onnxruntime

    there = onnxruntime.get_available_providers()
    return [
        name
        for name, device in DEVICES.items()
        if device.is_automatic and device.provider in there and name != DEFAULT_DEVICE
    ]


def _open_checked(device: str, open_with: Open, name: str) -> InferenceSession:
    import onnxruntime

    chosen = DEVICES.choose(device)
    there = onnxruntime.get_available_providers()
    if chosen.provider not in there:
        msg = (
            f"device {device}: this ONNX Runtime has no {chosen.provider};"
            f" pip install {chosen.package} instead of onnxruntime, or choose cpu"
        )
        raise ConfigError(msg)
    session = open_with([chosen.provider, "CPUExecutionProvider"])
    # Where a driver or a library is missing, ONNX Runtime goes on without a word of error.
    if chosen.provider not in session.get_providers():
        msg = f"device {device}: {chosen.provider} does not start here; check its drivers"
        raise ConfigError(msg)
    difference = _difference(session, open_with(["CPUExecutionProvider"]))
    if not difference <= MAX_DIFFERENCE:
        msg = (
            f"device {device}: {name} computes something else there than on the CPU"
            f" (off by {difference:.1%}); choose cpu, or another driver"
        )
        raise ModelContractError(msg)
    return session


def _difference(session: InferenceSession, cpu: InferenceSession) -> float:
    """How far the outputs for a test picture are apart, as a share of the largest value."""
    picture = {cpu.get_inputs()[0].name: _picture(cpu.get_inputs()[0])}
    worst = 0.0
    for found, expected in zip(session.run(None, picture), cpu.run(None, picture), strict=True):
        largest = max(float(np.abs(expected).max(initial=0.0)), 1e-6)
        off = float(np.abs(np.asarray(found, np.float64) - expected).max(initial=0.0))
        worst = max(worst, off / largest) if np.isfinite(off) else float("inf")
    return worst


def _picture(wanted: Any) -> NDArray[Any]:
    """A made-up plate before a made-up street, of the shape and type that a network takes."""
    shape = [side if isinstance(side, int) else _SIDE_PX for side in wanted.shape]
    if not isinstance(wanted.shape[0], int):
        shape[0] = 1
    kind = np.uint8 if wanted.type == "tensor(uint8)" else np.float32
    if len(shape) != 4:
        return np.linspace(0, 1, int(np.prod(shape))).reshape(shape).astype(kind)
    _, height, width, _ = shape
    rgb = np.random.default_rng(0).integers(40, 90, (height, width, 3))
    rgb[height // 4 : -height // 4, width // 8 : -width // 8] = 225
    for stroke in range(width // 6, width - width // 6, max(2, width // 12)):
        rgb[height // 3 : -height // 3, stroke : stroke + max(1, width // 32)] = 25
    return np.broadcast_to(rgb, shape).astype(kind)
