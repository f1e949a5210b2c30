"""Devices are what they say, or are refused; those that are not here are told by their absence."""

import logging
from typing import Any

import numpy as np
import onnxruntime
import pytest

from platestream.core.errors import ConfigError, ModelContractError
from platestream.models import devices
from platestream.models.bundle import load_networks
from platestream.models.cards import load_card
from platestream.models.devices import DEVICES, open_on
from platestream.models.session import open_session

WEIGHTS = load_card("quality-nano").read_weights()
ABSENT = [
    name
    for name, device in DEVICES.items()
    if device.provider not in onnxruntime.get_available_providers()
]


@pytest.mark.parametrize("name", ABSENT)
def test_a_device_that_is_not_here_says_what_brings_it(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"pip install {DEVICES[name].package}"):
        open_session(WEIGHTS, device=name)


def test_a_slip_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean cuda"):
        load_networks(device="cude")


def test_auto_runs_anywhere() -> None:
    session = open_session(WEIGHTS, device="auto")
    patch = np.zeros((1, 32, 128, 3), np.uint8)
    assert session.run(None, {session.get_inputs()[0].name: patch})[0].shape == (1,)


class Wrong:
    """A session on a device that is off by a tenth."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.get_inputs = session.get_inputs

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def run(self, *args: Any) -> Any:
        return [1.1 * output for output in self._session.run(*args)]


def open_wrong(providers: list[str]) -> Any:
    session = onnxruntime.InferenceSession(WEIGHTS, providers=["CPUExecutionProvider"])
    return session if providers == ["CPUExecutionProvider"] else Wrong(session)


@pytest.fixture
def with_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    there = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)


@pytest.mark.usefixtures("with_cuda")
def test_a_device_that_computes_something_else_is_refused() -> None:
    with pytest.raises(ModelContractError, match=r"the scorer computes something else .*10\.0%"):
        open_on("cuda", open_wrong, "the scorer")


@pytest.mark.usefixtures("with_cuda")
def test_auto_goes_on_with_the_cpu_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, devices.__name__):
        session = open_on("auto", open_wrong, "the scorer")
    assert not isinstance(session, Wrong)
    assert "computes something else" in caplog.text


@pytest.mark.usefixtures("with_cuda")
def test_a_device_that_does_not_start_is_refused() -> None:
    def open_silently_on_the_cpu(_: list[str]) -> Any:
        return onnxruntime.InferenceSession(WEIGHTS, providers=["CPUExecutionProvider"])

    with pytest.raises(ConfigError, match="does not start here"):
        open_on("cuda", open_silently_on_the_cpu, "the scorer")
