"""From a training run to a weight file with its card."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from platestream.core.errors import ModelContractError
from platestream.models.session import open_session

TOLERANCE = 2e-3
"""Largest difference allowed between torch and the shipped file, whose weights are float16."""


def export_onnx(network: nn.Module, example: torch.Tensor, output_names: Sequence[str]) -> bytes:
    """Write a network as ONNX bytes with a free batch size and float16 weights.

    Args:
        network: Takes one tensor, in eval mode.
        example: An input with at least two rows.
        output_names: Of the network's outputs, in order.

    Returns:
        The model; it computes in float32, its weights are kept in half the space.

    Raises:
        ModelContractError: the file does not compute what the network does.
    """
    network.eval()
    batch = torch.export.Dim("batch", min=1, max=4096)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            network,
            (example,),
            path,
            input_names=["patches"],
            output_names=list(output_names),
            dynamic_shapes=({0: batch},),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        model = onnx.load(path)
    weights: bytes = halve_weights(model).SerializeToString()
    _check_parity(network, example, weights)
    return weights


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 initializers as float16, cast back when the model is loaded."""
    graph = model.graph
    casts = []
    for index, tensor in enumerate(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 256:
            continue
        half = numpy_helper.to_array(tensor).astype(np.float16)
        name = tensor.name
        graph.initializer[index].CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _check_parity(network: nn.Module, example: torch.Tensor, weights: bytes) -> None:
    with torch.no_grad():
        expected = network(example)
    outputs = open_session(weights).run(None, {"patches": example.numpy()})
    wanted = [expected] if isinstance(expected, torch.Tensor) else expected
    for name, a, b in zip(["output"] * len(outputs), wanted, outputs, strict=True):
        error = float(np.abs(a.numpy() - b).max())
        if not error <= TOLERANCE * max(1.0, float(np.abs(b).max())):
            msg = f"{name} of the exported model is off by {error:.2g}; the limit is {TOLERANCE}"
            raise ModelContractError(msg)
