"""Convolutions on 8-bit integers: a third of the time on one thread, a quarter of the bytes."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import nn

from platestream.core.errors import ModelContractError
from platestream.models.session import open_session

_INTEGER_OPS: Final = ("Conv", "Relu", "Add", "Resize")
MAX_DIFFERENCE: Final = 0.03
"""Mean difference allowed between peak scores of the integer network and those of its model."""

_STEP: Final = 1 / 128
_ZERO: Final = 128


def quantize(
    weights: bytes, pictures: Sequence[NDArray[np.uint8]], float_heads: Sequence[str]
) -> bytes:
    """Turn a network's convolutions into integer ones.

    Weights are a bit short of full range, which the 8-bit instructions of no CPU overflow on
    (older ones without VNNI saturate).

    Args:
        weights: ONNX of a network that first makes ``(picture - 128) / 128`` of its picture; as
            integers that is the picture itself, so those steps are dropped.
        pictures: ``(1, H, W, 3)`` uint8 each, that the range of the activations is measured on.
        float_heads: Names of weights; what they are used in, and all that follows from it,
            stays float32.

    Returns:
        ONNX.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, ready, done = (Path(folder) / name for name in ("plain", "ready", "done"))
        plain.write_bytes(weights)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        graph = onnx.load(ready).graph
        normalized = next(node for node in graph.node if node.op_type == "Div").output[0]
        quantize_static(
            ready,
            done,
            _Pictures(graph.input[0].name, iter(pictures)),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(_INTEGER_OPS),
            nodes_to_exclude=_following(graph, float_heads),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={
                "TensorQuantOverrides": {
                    normalized: [
                        {
                            "scale": np.array(_STEP, np.float32),
                            "zero_point": np.array(_ZERO, np.uint8),
                        }
                    ]
                }
            },
        )
        model = onnx.load(done)
    _feed_integers(model.graph, normalized)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def check_quantized(
    weights: bytes, network: nn.Module, pictures: Sequence[NDArray[np.uint8]]
) -> None:
    """Prove that what a network finds survived.

    Args:
        weights: Of the integer network.
        network: The one it was made from, in eval mode.
        pictures: ``(H, W, 3)`` uint8 each.

    Raises:
        ModelContractError: the highest peaks of the pictures are off by more than
            `MAX_DIFFERENCE` on average.
    """
    session = open_session(weights)
    differences = []
    for picture in pictures:
        with torch.no_grad():
            expected = network(torch.from_numpy(picture)[None])[0].max().item()
        differences.append(abs(session.run(None, {"rgb": picture[None]})[0].max() - expected))
    if not np.mean(differences) <= MAX_DIFFERENCE:
        msg = (
            f"peaks of the integer network are off by {np.mean(differences):.3f} on average; the "
            f"limit is {MAX_DIFFERENCE}. Measure it with pictures more like those it will see"
        )
        raise ModelContractError(msg)


class _Pictures(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, pictures: Iterator[NDArray[np.uint8]]) -> None:
        self._name, self._pictures = name, pictures

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        picture = next(self._pictures, None)
        return None if picture is None else {self._name: picture}


def _following(graph: onnx.GraphProto, names: Sequence[str]) -> list[str]:
    """The nodes that use any of the named tensors, and all that follow from them."""
    reached, nodes = set(names), []
    for node in graph.node:  # in topological order
        if reached & set(node.input):
            reached |= set(node.output)
            nodes.append(node.name)
    return nodes


def _feed_integers(graph: onnx.GraphProto, normalized: str) -> None:
    """Leave out the way from integers to floats and back, which ends where it began."""
    makers = {output: node for node in graph.node for output in node.output}
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
