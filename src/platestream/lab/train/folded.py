"""What an ONNX file holds, back in a torch network: floats, and batch norms of their own.

In a file each batch norm is folded into its convolution, and weights may be integers.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.lab.region_head import without_head

Layer: TypeAlias = tuple[nn.Conv2d, nn.BatchNorm2d]
Kernel: TypeAlias = tuple[NDArray[Any], NDArray[Any]]


def layers_of(network: nn.Module) -> dict[str, Layer]:
    """Each convolution with the batch norm behind it, by its name, from the picture on."""
    return {
        f"{name}.{index}": (conv, norm)
        for name, block in network.named_modules()
        if isinstance(block, nn.Sequential)
        for index, (conv, norm) in enumerate(pairwise(block))
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    }


def graph_of(weights: Path) -> onnx.GraphProto:
    """What a file computes, but for the head that says where plates are from.

    Raises:
        WeightsNotFound: there is no such file.
        ModelContractError: it is no ONNX file.
    """
    if not weights.is_file():
        msg = f"{weights}: there is no such file; name a run folder or a network's .onnx"
        raise WeightsNotFound(msg)
    try:
        return onnx.load_from_string(without_head(weights.read_bytes())).graph
    except DecodeError as error:
        msg = f"{weights}: no ONNX file ({error}); name another file"
        raise ModelContractError(msg) from error


def constants_of(graph: onnx.GraphProto) -> dict[str, NDArray[Any]]:
    """Every tensor of the file that does not depend on its input, as the floats it stands for."""
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.input[:1] and node.input[0] in found:
            if node.op_type == "Cast":
                found[node.output[0]] = found[node.input[0]].astype(np.float32)
            elif node.op_type == "DequantizeLinear":
                integers, scale = found[node.input[0]], found[node.input[1]]
                # One scale for each output channel, the first axis; zero points are 0.
                along = scale.reshape(-1, *[1] * (integers.ndim - 1))
                found[node.output[0]] = integers.astype(np.float32) * along
    return found


def kernels_of(graph: onnx.GraphProto) -> dict[str, Kernel]:
    """Weights and biases of each convolution that has both, by its name, from the picture on."""
    constants = constants_of(graph)
    return {
        node.input[1].partition(".weight")[0]: (constants[node.input[1]], constants[node.input[2]])
        for node in graph.node
        if node.op_type == "Conv" and constants.keys() >= set(node.input[1:]) and node.input[2:]
    }


def set_values(parameter: Tensor, values: NDArray[Any]) -> None:
    """Write a file's numbers into a parameter; raises ValueError where the shape is another."""
    with torch.no_grad():
        if parameter.shape != values.shape:
            msg = f"{tuple(parameter.shape)} is not {values.shape}"
            raise ValueError(msg)
        parameter.copy_(torch.from_numpy(np.array(values, np.float32)))


def set_layers(layers: Mapping[str, Layer], kernels: Mapping[str, Kernel]) -> None:
    """Write a file's convolutions into a network, biases into the norms behind them.

    Raises:
        KeyError, ValueError: the file has none of that name, or one of another shape.
    """
    for name, (conv, norm) in layers.items():
        kernel, bias = kernels[name]
        set_values(conv.weight, kernel)
        set_values(norm.bias, bias)


@torch.no_grad()
def unfold_norms(
    network: nn.Module,
    layers: Mapping[str, Layer],
    run: Callable[[Tensor], object],
    pictures: Tensor | None,
) -> None:
    """Give each batch norm, whose bias is a file's, what makes its running averages change nothing.

    Args:
        network: Is put into eval mode.
        layers: Each convolution with the norm behind it.
        run: Takes the pictures through the network.
        pictures: What the averages are measured on, from the first layer on; None keeps them.
    """
    norms: dict[nn.Module, nn.BatchNorm2d] = dict(layers.values())

    def measure(conv: nn.Module, _: Any, output: Tensor) -> None:
        norm = norms[conv]
        torch.as_tensor(norm.running_mean).copy_(output.mean((0, 2, 3)))
        torch.as_tensor(norm.running_var).copy_(output.var((0, 2, 3)))
        _unfold(norm)

    network.eval()
    if pictures is None:
        for norm in norms.values():
            _unfold(norm)
        return
    handles = [conv.register_forward_hook(measure) for conv in norms]
    run(pictures)
    for handle in handles:
        handle.remove()


def _unfold(norm: nn.BatchNorm2d) -> None:
    mean, variance = torch.as_tensor(norm.running_mean), torch.as_tensor(norm.running_var)
    norm.weight.copy_((variance + norm.eps).sqrt())
    norm.bias.add_(mean)
