"""Start a detector's training from the file that ships: its ONNX back into a torch network."""

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.lab.blocks import out_of_blocks
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.train.adopt import Layer, constants_of, set_values, unfold_norms


def adopt_detector(network: PlateDetector, weights: Path, pictures: Tensor) -> None:
    """Take all weights of a shipped detector, of floats or 8-bit integers.

    In the file each batch norm is folded into its convolution; it is unfolded again by what the
    convolution gives on `pictures`.

    Args:
        network: Of the same widths as the file's; changed in place, in eval mode afterwards.
        weights: A detector's ``.onnx``.
        pictures: ``(N, H, W, 3)`` uint8, a typical batch.

    Raises:
        WeightsNotFound: there is no such file.
        ModelContractError: it is no detector of this shape.
    """
    if not weights.is_file():
        msg = f"{weights}: there is no such file; name a detector's .onnx"
        raise WeightsNotFound(msg)
    graph = onnx.load(weights).graph
    constants = constants_of(graph)
    convs = {node.input[1]: node for node in graph.node if node.op_type == "Conv"}
    layers = _normed(network)
    try:
        for name, (conv, norm) in layers.items():
            node = next(convs[k] for k in convs if k.startswith(f"{name}.0.weight"))
            kernel, bias = out_of_blocks(constants[node.input[1]], constants[node.input[2]])
            set_values(conv.weight, kernel)
            set_values(norm.bias, bias)
        for name, head in (
            ("heat", network.heat),
            ("box", network.box),
            ("corners", network.corners),
        ):
            set_values(head.weight, constants[f"{name}.weight"])
            set_values(torch.as_tensor(head.bias), constants[f"{name}.bias"])
    except (KeyError, ValueError, StopIteration) as error:
        msg = f"{weights}: not a detector of these widths ({error}); name another file"
        raise ModelContractError(msg) from error
    unfold_norms(network, list(layers.values()), network.raw, pictures)


def _normed(network: nn.Module) -> dict[str, Layer]:
    """Each convolution with the batch norm behind it, by the name of their block."""
    return {
        name: (block[0], block[1])
        for name, block in network.named_modules()
        if isinstance(block, nn.Sequential)
        and len(block) == 3
        and isinstance(block[0], nn.Conv2d)
        and isinstance(block[1], nn.BatchNorm2d)
    }
