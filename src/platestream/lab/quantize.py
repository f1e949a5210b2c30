"""Convolutions and LSTMs on 8-bit integers: up to three times as fast, a quarter of the bytes."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.core.private import make_private_folder, open_private
from platestream.core.types import Rgb
from platestream.models.session import open_session

MEASURING_FILE: Final = "measuring.npz"
"""Pictures that tell the range of a network's activations; training leaves it in its run folder."""

MAX_DIFFERENCE: Final = 0.05
"""Largest difference of a score or probability allowed, on average over the pictures."""

_STEP: Final = 1 / 128
_ZERO: Final = 128


def save_measuring(run_dir: Path, pictures: Sequence[Rgb]) -> None:
    """Keep pictures ``(H, W, 3)`` to measure a network's activations with."""
    make_private_folder(run_dir)
    with open_private(run_dir / MEASURING_FILE, "wb") as file:
        np.savez(file, *pictures)


def load_measuring(run_dir: Path) -> list[Rgb]:
    """Take back what `save_measuring` kept.

    Raises:
        WeightsNotFound: training left none there.
    """
    path = run_dir / MEASURING_FILE
    if not path.is_file():
        msg = f"{path}: no such file; train again, which writes it"
        raise WeightsNotFound(msg)
    with np.load(path) as pictures:
        return list(pictures.values())


def quantize(
    weights: bytes,
    pictures: Sequence[Rgb],
    ops: Sequence[str],
    float_from: Sequence[str] = (),
    *,
    feed_integers: bool = False,
) -> bytes:
    """Turn a network's convolutions and LSTMs into integer ones.

    Weights are a bit short of full range, which the 8-bit instructions of no CPU overflow on
    (older ones without VNNI saturate).

    Args:
        weights: ONNX of a network that takes ``(N, H, W, 3)`` uint8 pictures.
        pictures: ``(H, W, 3)`` uint8 each, that the range of the activations is measured on.
        ops: Kinds of nodes to turn.
        float_from: Names of weights; what they are used in, and all that follows from it,
            stays float32.
        feed_integers: The network first makes ``(picture - 128) / 128`` of its picture. As
            integers that is the picture itself, so those steps are dropped.

    Returns:
        ONNX.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, ready, done = (Path(folder) / name for name in ("plain", "ready", "done"))
        plain.write_bytes(weights)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        if "LSTM" in ops:
            # The range of its inputs is measured anew in each call.
            quantize_dynamic(
                ready,
                ready,
                op_types_to_quantize=["LSTM"],
                per_channel=True,
                reduce_range=True,
                weight_type=QuantType.QInt8,
            )
        graph = onnx.load(ready).graph
        options: dict[str, Any] = {}
        if feed_integers:
            fixed = {"scale": np.array(_STEP, np.float32), "zero_point": np.array(_ZERO, np.uint8)}
            options["TensorQuantOverrides"] = {_normalized(graph): [fixed]}
        quantize_static(
            ready,
            done,
            _Pictures(graph.input[0].name, iter(pictures)),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=[op for op in ops if op != "LSTM"],
            nodes_to_exclude=_following(graph, float_from),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options=options,
        )
        model = onnx.load(done)
    if feed_integers:
        _drop_normalization(model.graph)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@torch.no_grad()
def check_quantized(weights: bytes, network: nn.Module, pictures: Sequence[Rgb]) -> None:
    """Prove that the first output, scores or probabilities, survived.

    Args:
        weights: Of the integer network.
        network: The one it was made from, in eval mode.
        pictures: ``(H, W, 3)`` uint8 each.

    Raises:
        ModelContractError: it is off by more than `MAX_DIFFERENCE`.
    """
    session = open_session(weights)
    differences = []
    for picture in pictures:
        output = network(torch.from_numpy(picture)[None])
        expected = (output if isinstance(output, Tensor) else output[0]).numpy()
        differences.append(_apart(session.run(None, {"rgb": picture[None]})[0], expected))
    if not np.mean(differences) <= MAX_DIFFERENCE:
        msg = (
            f"the integer network is off by {np.mean(differences):.3f} on average; the limit is "
            f"{MAX_DIFFERENCE}. Measure it with pictures more like those it will see"
        )
        raise ModelContractError(msg)


def _apart(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """How far scores are off, or the probabilities of the characters that were expected."""
    if expected.ndim == 3:  # (1, T, C) of a reader
        best = expected.argmax(axis=2)[..., None]
        apart = np.take_along_axis(found, best, 2) - np.take_along_axis(expected, best, 2)
        return float(np.abs(apart).mean())
    # The peaks of a detector's map may change places; how sure the surest is must not.
    return float(abs(found.max() - expected.max()))


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, pictures: Iterator[Rgb]) -> None:
        self._name, self._pictures = name, pictures

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        picture = next(self._pictures, None)
        return None if picture is None else {self._name: picture[None]}


def _following(graph: onnx.GraphProto, names: Sequence[str]) -> list[str]:
    """The nodes that use any of the named tensors, and all that follow from them."""
    reached, nodes = set(names), []
    for node in graph.node:  # in topological order
        if reached & set(node.input):
            reached |= set(node.output)
            nodes.append(node.name)
    return nodes


def _normalized(graph: onnx.GraphProto) -> str:
    """The tensor that the first division makes."""
    return str(next(node for node in graph.node if node.op_type == "Div").output[0])


def _drop_normalization(graph: onnx.GraphProto) -> None:
    """Leave out the way from integers to floats and back, which ends where it began."""
    makers = {output: node for node in graph.node for output in node.output}
    normalized = _normalized(graph)
    (quantizer,) = (
        n for n in graph.node if n.op_type == "QuantizeLinear" and n.input[0] == normalized
    )
    divide = makers[normalized]
    subtract = makers[divide.input[0]]
    cast = makers[subtract.input[0]]
    for node in graph.node:
        for index, name in enumerate(node.input):
            if name == quantizer.output[0]:
                node.input[index] = cast.input[0]
    for node in (quantizer, divide, subtract, cast):
        graph.node.remove(node)
