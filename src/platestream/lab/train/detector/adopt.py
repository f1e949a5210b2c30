"""Start a detector's training from the file that ships: its ONNX back into a torch network."""

from pathlib import Path

import onnx
from torch import Tensor

from platestream.core.errors import ModelContractError, WeightsNotFound
from platestream.lab.blocks import out_of_blocks
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.train.folded import kernels_of, layers_of, set_values, unfold_norms


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
    kernels, layers = kernels_of(onnx.load(weights).graph), layers_of(network)
    try:
        for name, (conv, norm) in layers.items():
            kernel, bias = out_of_blocks(*kernels[name])
            set_values(conv.weight, kernel)
            set_values(norm.bias, bias)
        for name in ("heat", "box", "corners"):
            head = network.get_submodule(name)
            for parameter, values in zip(head.parameters(), kernels[name], strict=True):
                set_values(parameter, values)
    except (KeyError, ValueError) as error:
        msg = f"{weights}: not a detector of these widths ({error}); name another file"
        raise ModelContractError(msg) from error
    unfold_norms(network, layers.values(), network.raw, pictures)
