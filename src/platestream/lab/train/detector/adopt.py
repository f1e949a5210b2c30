"""Start a detector's training from the file that ships: its ONNX back into a torch network."""

from pathlib import Path

from torch import Tensor

from platestream.core.errors import ModelContractError
from platestream.lab.blocks import out_of_blocks
from platestream.lab.networks.detector import PlateDetector
from platestream.lab.train.folded import (
    graph_of,
    kernels_of,
    layers_of,
    set_layers,
    set_values,
    unfold_norms,
)


def adopt_detector(network: PlateDetector, weights: Path, pictures: Tensor | None) -> None:
    """Take all weights of a shipped detector, of floats or 8-bit integers.

    In the file each batch norm is folded into its convolution; it is unfolded again by what the
    convolution gives on `pictures`.

    Args:
        network: Of the same widths as the file's; changed in place.
        weights: A detector's ``.onnx``.
        pictures: ``(N, H, W, 3)`` uint8, a typical batch; None to keep the network's averages.

    Raises:
        WeightsNotFound: there is no such file.
        ModelContractError: it is no detector of this shape.
    """
    kernels, layers = kernels_of(graph_of(weights)), layers_of(network)
    try:
        set_layers(layers, {name: out_of_blocks(*kernels[name]) for name in layers})
        for name in ("heat", "box", "corners"):
            head = network.get_submodule(name)
            for parameter, values in zip(head.parameters(), kernels[name], strict=True):
                set_values(parameter, values)
    except (LookupError, ValueError) as error:
        msg = f"{weights}: not a detector of these widths ({error}); name another file"
        raise ModelContractError(msg) from error
    unfold_norms(network, layers, network.raw, pictures)
