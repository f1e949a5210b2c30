"""Start a training from weights that ship: ONNX files back into a torch network.

Checkpoints are large and get lost; the files of the package do not. Whoever has plates of their own
can go on from there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from platestream.core.errors import ModelContractError
from platestream.lab.networks.eqlpr import EqLpr, QualityNetwork, ReaderNetwork
from platestream.lab.train.adopt_decoder import set_decoder
from platestream.lab.train.folded import (
    Kernel,
    Layer,
    constants_of,
    graph_of,
    kernels_of,
    layers_of,
    set_layers,
    set_values,
    unfold_norms,
)

_LSTM_GATES = (0, 2, 3, 1)
"""ONNX orders input, output, forget, cell; torch input, forget, cell, output."""


def adopt_reader(network: EqLpr, weights: Path, patches: Tensor | None) -> bool:
    """Take trunk and encoder of a shipped reader, and the decoder where both have the same kind.

    In the file each batch norm is folded into its convolution. Here it is unfolded again: what
    the convolution gives on `patches` becomes its mean and variance.

    Args:
        network: Of the same width and pools as the file's; changed in place.
        weights: A reader's ``.onnx``, of floats or 8-bit integers.
        patches: ``(N, H, W, 3)`` uint8, a typical batch; None to keep the network's averages.

    Returns:
        Whether the decoder came along; else it learns from nothing.

    Raises:
        WeightsNotFound: there is no such file.
        ModelContractError: it is no reader of this shape.
    """
    graph = graph_of(weights)
    constants, layers = constants_of(graph), layers_of(ReaderNetwork(network))
    try:
        _set_layers(layers, kernels_of(graph))
        (lstm,) = (node for node in graph.node if node.op_type.endswith("LSTM"))
        _set_lstm(network.reader_head.encoder.lstm, *_lstm_weights(lstm, constants))
        is_whole = set_decoder(network.reader_head, graph, constants)
    except (LookupError, ValueError, RuntimeError) as error:
        msg = f"{weights}: not a reader of {network.config} ({error}); name another file"
        raise ModelContractError(msg) from error
    unfold_norms(network, layers, network.read, patches)
    return is_whole


def adopt_quality(network: EqLpr, weights: Path, patches: Tensor | None) -> None:
    """Take a shipped quality branch; of S, whose trunk is its reader's, after the reader.

    Args:
        network: Of the same kind, width and pools as the file's; changed in place.
        weights: A quality network's ``.onnx``, of floats or 8-bit integers.
        patches: ``(N, H, W, 3)`` uint8, a typical batch; None to keep the network's averages.

    Raises:
        WeightsNotFound: there is no such file.
        ModelContractError: it is no quality network of this shape.
    """
    graph = graph_of(weights)
    constants, kernels = constants_of(graph), kernels_of(graph)
    layers, is_shared = layers_of(QualityNetwork(network)), network.config.arch == "s"
    try:
        if is_shared:
            for name, (conv, norm) in layers.items():
                _set_averages(conv, norm, *kernels[name])
        else:
            _set_layers(layers, kernels)
        for name, parameter in network.quality_head.named_parameters():
            set_values(parameter, constants[f"head.{name}"])
    except (LookupError, ValueError) as error:
        msg = f"{weights}: not a quality network of {network.config} ({error}); name another file"
        raise ModelContractError(msg) from error
    if not is_shared:
        unfold_norms(network, layers, network.score, patches)


def _set_layers(layers: Mapping[str, Layer], kernels: Mapping[str, Kernel]) -> None:
    """Write all of a file's convolutions into a network."""
    if len(kernels) != len(layers):
        msg = f"{len(kernels)} convolutions are not {len(layers)}"
        raise ValueError(msg)
    set_layers(layers, kernels)


@torch.no_grad()
def _set_averages(
    conv: nn.Conv2d, norm: nn.BatchNorm2d, kernel: NDArray[Any], bias: NDArray[Any]
) -> None:
    """Find by which averages a norm, whose weights are another branch's, gives what a file has.

    The file's kernel is the convolution's times weight over spread, its bias the norm's less mean
    times the same.
    """
    own, folded = conv.weight.flatten(1), torch.tensor(kernel, dtype=torch.float32).flatten(1)
    if own.shape != folded.shape:
        msg = f"{tuple(own.shape)} is not {tuple(folded.shape)}"
        raise ValueError(msg)
    ratio = (own * folded).sum(1) / (own * own).sum(1).clamp(min=1e-12)
    is_dead = ratio <= 0  # a channel of zeros, which any averages keep so
    ratio = torch.where(is_dead, norm.weight.abs().clamp(min=1e-6), ratio)
    torch.as_tensor(norm.running_var).copy_((norm.weight / ratio) ** 2 - norm.eps)
    torch.as_tensor(norm.running_mean).copy_((norm.bias - torch.tensor(bias)) / ratio)


def _lstm_weights(
    node: onnx.NodeProto, constants: Mapping[str, NDArray[Any]]
) -> list[NDArray[Any]]:
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
