"""The first convolution of an integer network on blocks of four pixels: the same sums, sooner.

A convolution of three channels leaves most of a processor's integer lanes empty; of a detector it
takes a third of the time. Four pixels of a row are one of twelve channels, for which nothing has
to be moved: three rows of two such blocks hold what two neighbouring outputs look at. The weights
in between are zeros, so the sums are the very same integers.
"""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from platestream.core.errors import ModelContractError

BLOCK: Final = 4
"""Pixels of a row."""

_OUTPUTS: Final = BLOCK // 2
"""Of a block, as the convolution takes every other pixel."""

_SIZE: Final = 3
"""Of the kernel each way."""


def in_blocks(weights: bytes) -> bytes:
    """Let the first convolution of a network look at blocks; its outputs stay what they are.

    Args:
        weights: ONNX on 8-bit integers (QDQ) of a network that takes ``(N, H, W, 3)`` uint8, W a
            multiple of 4, and begins with a 3x3 convolution of stride 2.

    Raises:
        ModelContractError: it begins with something else.
    """
    model = onnx.load_from_string(weights)
    graph = model.graph
    turn = _only(graph, graph.input[0].name, "Transpose")
    conv = _only(graph, _only(graph, turn.output[0], "DequantizeLinear").output[0], "Conv")
    rounded = _only(graph, conv.output[0], "QuantizeLinear")
    makers = {output: node for node in graph.node for output in node.output}
    kernel, bias = (list(makers[name].input) for name in conv.input[1:])
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    whole = constants[kernel[0]]
    if whole.shape[1:] != (3, _SIZE, _SIZE):
        msg = f"the first kernel is {whole.shape}, not (C, 3, 3, 3); leave this network as it is"
        raise ModelContractError(msg)
    changed = {kernel[0]: _in_blocks(whole)}
    changed |= {name: np.tile(constants[name], _OUTPUTS) for name in (*kernel[1:], *bias)}
    changed["blocks"] = np.array([0, 0, -1, 3 * BLOCK])
    changed["pixels"] = np.array([0, 0, -1, len(whole)])
    kept = [tensor for tensor in graph.initializer if tensor.name not in changed]
    tensors = [numpy_helper.from_array(array, name) for name, array in changed.items()]
    _replace(graph.initializer, [*kept, *tensors])
    sides = {"kernel_shape": [_SIZE, 2], "strides": [2, 1], "pads": [1, 1, 0, 0]}
    others = [each for each in conv.attribute if each.name not in sides]
    _replace(conv.attribute, [*others, *(helper.make_attribute(*side) for side in sides.items())])
    picture, last = turn.input[0], rounded.output[0]
    turn.input[0] = f"{picture}_in_blocks"
    before = helper.make_node("Reshape", [picture, "blocks"], [turn.input[0]])
    names = [f"{last}_{step}" for step in ("in_blocks", "by_block", "by_pixel")]
    rounded.output[0] = names[0]
    after = [
        helper.make_node("Transpose", [names[0]], [names[1]], perm=[0, 2, 3, 1]),
        helper.make_node("Reshape", [names[1], "pixels"], [names[2]]),
        helper.make_node("Transpose", [names[2]], [last], perm=[0, 3, 1, 2]),
    ]
    at = list(graph.node).index(rounded) + 1
    _replace(graph.node, [before, *graph.node[:at], *after, *graph.node[at:]])
    del graph.value_info[:]  # shapes in between
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def out_of_blocks(kernel: NDArray[Any], bias: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The kernel ``(C, 3, 3, 3)`` and bias ``(C,)`` of a convolution that may look at blocks."""
    if kernel.shape[1:] != (3 * BLOCK, _SIZE, 2):
        return kernel, bias
    num = len(kernel) // _OUTPUTS
    # The last output of a block looks at its own last pixels only.
    last = kernel[-num:].reshape(num, BLOCK, 3, _SIZE, 2)[:, BLOCK - _SIZE :, ..., 1]
    return last.transpose(0, 2, 3, 1), bias[:num]


def _in_blocks(kernel: NDArray[Any]) -> NDArray[Any]:
    """``(C, 3, 3, 3)`` as ``(2 C, 12, 3, 2)``."""
    num = len(kernel)
    blocks = np.zeros((_OUTPUTS, num, BLOCK, 3, _SIZE, 2), kernel.dtype)
    for output in range(_OUTPUTS):
        for column in range(_SIZE):
            block, pixel = divmod(BLOCK + 2 * output + column - 1, BLOCK)
            blocks[output, :, pixel, :, :, block] = kernel[..., column]
    return blocks.reshape(_OUTPUTS * num, 3 * BLOCK, _SIZE, 2)


def _only(graph: onnx.GraphProto, name: str, kind: str) -> Any:
    """The one node that uses a tensor.

    Raises:
        ModelContractError: there are others, or it is none of this kind.
    """
    users = [node for node in graph.node if name in node.input]
    if [node.op_type for node in users] != [kind]:
        msg = f"{name} is not used by one {kind}; leave this network as it is"
        raise ModelContractError(msg)
    return users[0]


def _replace(field: Any, values: list[Any]) -> None:
    """Fill a repeated field anew; what is put in is copied first."""
    copies = [type(value).FromString(value.SerializeToString()) for value in values]
    del field[:]
    field.extend(copies)
