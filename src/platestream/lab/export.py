"""From a torch network to ONNX bytes that are proved to compute the same."""

import logging
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from platestream.core.errors import ModelContractError
from platestream.models.session import open_session

TOLERANCE = 5e-3
"""Largest difference allowed between torch and the file, whose weights are rounded to float16;
relative to the value for outputs above 1, such as boxes in pixels."""

_QUANTIZERS = ("QuantizeLinear", "DequantizeLinear")
_LSTM = "DynamicQuantizeLSTM"
_MIN_HALVED = 256
"""Smaller tensors, such as biases, stay float32: nothing is saved there."""


def export_onnx(
    network: nn.Module,
    examples: Sequence[Tensor],
    output_names: Sequence[str],
    free_axes: dict[int, Any],
    *,
    halve: bool = True,
) -> bytes:
    """Write a network as ONNX that computes in float32.

    Args:
        network: Takes one tensor and gives one or several; is put into eval mode.
        examples: Inputs to check it with; the first, of two rows or more, is also traced.
        output_names: Of the outputs, in order.
        free_axes: Axes of the input whose size may change, as `torch.export.Dim`.
        halve: Store the weights in half the space.

    Raises:
        ModelContractError: the file does not compute what the network does.
    """
    network.eval()
    model = _trace(network, examples[0], output_names, free_axes)
    weights: bytes = model.SerializeToString()
    if halve:
        weights = halve_weights(weights)
    for example in examples:
        _check_parity(network, example, weights)
    return weights


def halve_weights(weights: bytes) -> bytes:
    """Store large float32 tensors of a network as float16, cast back when it is loaded."""
    model = onnx.load_from_string(weights)
    graph = model.graph
    casts = []
    # The scales of integer weights must stay constants for the runtime to see what they are.
    scales = {name for n in graph.node if n.op_type in _QUANTIZERS for name in n.input[1:]}
    scales |= {name for n in graph.node if n.op_type == _LSTM for name in n.input[8:]}
    for tensor in graph.initializer:
        if tensor.name in scales:
            continue
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _MIN_HALVED:
            continue
        name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    halved: bytes = model.SerializeToString()
    return halved


def _trace(
    network: nn.Module, example: Tensor, output_names: Sequence[str], free_axes: dict[int, Any]
) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder, _quiet():
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            network,
            (example,),
            path,
            input_names=["rgb"],
            output_names=list(output_names),
            dynamic_shapes=(free_axes,),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        return _without_traces(onnx.load(path))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporter warns of to itself, and only while it works."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)  # torchvision is missing, which no network here uses
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch 2.13 warns of its own calls
            yield
    finally:
        logger.setLevel(level)


def _without_traces(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drop what the exporter notes of this machine: file paths and lines of source."""
    for graph in [model.graph, *model.functions]:
        for node in graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
    return model


def _check_parity(network: nn.Module, example: Tensor, weights: bytes) -> None:
    with torch.no_grad():
        expected = network(example)
    wanted = [expected] if isinstance(expected, Tensor) else list(expected)
    found = open_session(weights).run(None, {"rgb": example.numpy()})
    for a, b in zip(wanted, found, strict=True):
        error = np.abs(a.numpy() - b) / np.maximum(1.0, np.abs(b))
        if not error.max(initial=0.0) <= TOLERANCE:
            msg = f"the exported network is off by {error.max():.2g}; the limit is {TOLERANCE}"
            raise ModelContractError(msg)
