"""Parameters and multiply-accumulates of a network."""

from typing import Any

import torch
from torch import Tensor, nn


def count_parameters(module: nn.Module) -> int:
    """Learned numbers, each shared tensor once."""
    return sum(parameter.numel() for parameter in module.parameters())


def count_macs(module: nn.Module, *inputs: Tensor) -> int:
    """Multiply-accumulates of convolutions, fully connected and LSTM layers in a forward pass.

    Attention's weighted sums are left out; they are under a hundredth of a reader's.
    """
    total = 0

    def add(layer: nn.Module, given: tuple[Tensor, ...], output: Any) -> None:
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            total += output.numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            total += output.numel() * layer.in_features
        elif isinstance(layer, nn.LSTM | nn.LSTMCell):
            # Every weight is used once for each position of each row.
            positions = given[0].numel() // layer.input_size
            total += positions * sum(p.numel() for p in layer.parameters() if p.ndim == 2)

    counted = nn.Conv2d | nn.Linear | nn.LSTM | nn.LSTMCell
    layers = [m for m in module.modules() if isinstance(m, counted)]
    handles = [layer.register_forward_hook(add) for layer in layers]
    try:
        with torch.no_grad():
            module(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return total
