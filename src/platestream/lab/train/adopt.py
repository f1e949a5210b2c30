"""Start a training from weights that ship: a reader's ONNX file back into a torch network.

Checkpoints are large and get lost; the files of the package do not. Whoever has plates of their own
can go on from there.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from platestream.core.alphabet import CHARACTERS, MARKED, NUM_CLASSES, NUM_STEPS, plain
from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.lab.networks.eqlpr import EqLpr
from platestream.lab.networks.heads import ParallelHead
from platestream.lab.region_head import without_head

_RARE = -4.0
"""What a class that a file lacks starts at, in nats."""

_BORN_OF = {
    CHARACTERS.index(marked) + 1: CHARACTERS.index(plain(marked)[0]) + 1 for marked in MARKED
}
"""Class of each marked letter, and of the plain one that it starts from."""

_LSTM_GATES = (0, 2, 3, 1)
"""ONNX orders input, output, forget, cell; torch input, forget, cell, output."""


def adopt_reader(network: EqLpr, weights: Path, patches: Tensor) -> bool:
    """Take trunk and encoder of a shipped reader, and between two of ours the decoder.

    In the file each batch norm is folded into its convolution. Here it is unfolded again: what
    the convolution gives on `patches` becomes its mean and variance.

    Args:
        network: Of the same width and pools as the file's; changed in place.
        weights: A reader's ``.onnx``, of floats or 8-bit integers.
        patches: ``(N, H, W, 3)`` uint8, a typical batch.

    Returns:
        Whether the decoder came along; else it learns from nothing.

    Raises:
        WeightsNotFound: there is no such file.
        ModelContractError: it is no reader of this shape.
    """
    if not weights.is_file():
        msg = f"{weights}: there is no such file; name a run folder or a reader's .onnx"
        raise WeightsNotFound(msg)
    graph = onnx.load_from_string(without_head(weights.read_bytes())).graph
    constants = constants_of(graph)
    try:
        convs = [node for node in graph.node if node.op_type == "Conv"]
        layers = _conv_layers(network)
        for (conv, norm), node in zip(layers, convs, strict=True):
            set_values(conv.weight, constants[node.input[1]])
            set_values(norm.bias, constants[node.input[2]])
        (lstm,) = (node for node in graph.node if node.op_type.endswith("LSTM"))
        _set_lstm(network.reader_head.encoder.lstm, *_lstm_weights(lstm, constants))
        is_whole = _set_decoder(network.reader_head, graph, constants)
    except (KeyError, ValueError, RuntimeError) as error:
        msg = f"{weights}: not a reader of {network.config} ({error}); name another file"
        raise ModelContractError(msg) from error
    unfold_norms(network, layers, network.read, patches)
    return is_whole


Layer: TypeAlias = tuple[nn.Conv2d, nn.BatchNorm2d]


def _conv_layers(network: EqLpr) -> list[Layer]:
    """Each convolution with the batch norm behind it, from the picture on."""
    layers = []
    for block in (*network.reader_trunk, network.reader_head.encoder.conv):
        if isinstance(block, nn.Sequential):
            conv, norm = block[0], block[1]
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                layers.append((conv, norm))
    return layers


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


def _lstm_weights(node: onnx.NodeProto, constants: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
    """Input and hidden weights ``(2, 4H, I or H)`` and biases ``(2, 8H)`` of both directions."""
    weights = [constants[name] for name in node.input[1:4]]
    if node.op_type == "DynamicQuantizeLSTM":
        # Integers, the other way round; scales and zero points are inputs of their own.
        for index, (scale, zero) in enumerate(((8, 9), (10, 11))):
            scales, zeros = constants[node.input[scale]], constants[node.input[zero]]
            integers = weights[index].astype(np.float32)
            floats = (integers - _along(zeros)) * _along(scales)
            weights[index] = floats.transpose(0, 2, 1)
    return weights


def _along(figures: NDArray[Any]) -> NDArray[np.float32]:
    """One figure a direction, or one a column, to multiply ``(2, I, 4H)`` with."""
    return figures.astype(np.float32).reshape(2, 1, -1)


def set_values(parameter: Tensor, values: NDArray[Any]) -> None:
    """Write a file's numbers into a parameter; raises ValueError where the shape is another."""
    with torch.no_grad():
        if parameter.shape != values.shape:
            msg = f"{tuple(parameter.shape)} is not {values.shape}"
            raise ValueError(msg)
        parameter.copy_(torch.from_numpy(np.array(values, np.float32)))


def _set_lstm(lstm: nn.LSTM, inputs: Any, hiddens: Any, biases: Any) -> None:
    for direction, suffix in enumerate(("l0", "l0_reverse")):
        halves = np.split(biases[direction], 2)
        for name, values in (
            ("weight_ih", inputs[direction]),
            ("weight_hh", hiddens[direction]),
            ("bias_ih", halves[0]),
            ("bias_hh", halves[1]),
        ):
            gates = np.split(values, 4)
            ordered = np.concatenate([gates[gate] for gate in _LSTM_GATES])
            set_values(getattr(lstm, f"{name}_{suffix}"), ordered)


def _set_decoder(
    head: nn.Module, graph: onnx.GraphProto, constants: dict[str, NDArray[Any]]
) -> bool:
    """Take the four multiplications of `ParallelHead`; the paper's decoder has dozens."""
    products = [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in constants]
    if not isinstance(head, ParallelHead) or len(products) != 4:
        return False
    biases = {node.input[0]: node.input[1] for node in graph.node if node.op_type == "Add"}
    keys, queries, mix, classify = products
    for layer, node in ((head.keys, keys), (head.mix, mix)):
        set_values(layer.weight, constants[node.input[1]].T)
        set_values(layer.bias, constants[biases[node.output[0]]])
    classes, rests = constants[classify.input[1]].T, constants[biases[classify.output[0]]]
    set_values(head.classify.weight, _more(classes, NUM_CLASSES, _BORN_OF))
    # A letter that was never learned must not be read before it is.
    set_values(
        head.classify.bias, np.pad(rests, (0, NUM_CLASSES - len(rests)), constant_values=_RARE)
    )
    set_values(head.queries, _more(constants[queries.input[1]].T, NUM_STEPS, {}))
    return True


def _more(rows: NDArray[Any], num: int, born_of: Mapping[int, int]) -> NDArray[np.float32]:
    """Add rows to a file's for what its network did not know, like the nearest that it does."""
    known, chance = rows.astype(np.float32), np.random.default_rng(0)
    spread = 0.3 * float(known.std())
    added = [
        known[born_of.get(row, len(known) - 1)] + chance.normal(0, spread, known.shape[1])
        for row in range(len(known), num)
    ]
    return np.array([*known, *added], np.float32)


@torch.no_grad()
def unfold_norms(
    network: nn.Module, layers: list[Layer], run: Callable[[Tensor], object], pictures: Tensor
) -> None:
    """Give each batch norm the statistics that it would have had, from the first layer on.

    Args:
        network: Is put into eval mode.
        layers: Each convolution with the norm behind it.
        run: Takes the pictures through the network.
        pictures: What it is measured on.
    """
    norms: dict[nn.Module, nn.BatchNorm2d] = dict(layers)

    def measure(conv: nn.Module, _: Any, output: Tensor) -> None:
        norm = norms[conv]
        mean, variance = output.mean((0, 2, 3)), output.var((0, 2, 3))
        torch.as_tensor(norm.running_mean).copy_(mean)
        torch.as_tensor(norm.running_var).copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.add_(mean)

    handles = [conv.register_forward_hook(measure) for conv in norms]
    network.eval()
    run(pictures)
    for handle in handles:
        handle.remove()
