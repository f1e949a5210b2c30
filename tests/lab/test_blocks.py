"""A convolution on blocks of pixels gives the very same integers."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from platestream.core.errors import ModelContractError
from platestream.lab.blocks import in_blocks, out_of_blocks
from platestream.models.session import open_session

NUM = 5
RNG = np.random.default_rng(4)
KERNEL = RNG.integers(-63, 64, (NUM, 3, 3, 3)).astype(np.int8)
BIAS = RNG.integers(-3000, 3000, NUM).astype(np.int32)


def network(kernel: np.ndarray = KERNEL) -> bytes:
    """A convolution of stride 2 in QDQ, as `quantize` leaves it."""
    step = np.array(1 / 128, np.float32)
    scale = np.linspace(0.5, 2, NUM).astype(np.float32) / 128
    constants = {
        "step": step,
        "middle": np.array(128, np.uint8),
        "kernel": kernel,
        "scale": scale,
        "bias": BIAS,
        "bias_scale": scale * step,
        "out_step": np.array(0.02, np.float32),
        "out_zero": np.array(128, np.uint8),
    }
    size = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Transpose", ["rgb"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("DequantizeLinear", ["planes", "step", "middle"], ["x"]),
        helper.make_node("DequantizeLinear", ["kernel", "scale"], ["w"], axis=0),
        helper.make_node("DequantizeLinear", ["bias", "bias_scale"], ["b"], axis=0),
        helper.make_node("Conv", ["x", "w", "b"], ["sums"], **size),
        helper.make_node("QuantizeLinear", ["sums", "out_step", "out_zero"], ["rounded"]),
        helper.make_node("DequantizeLinear", ["rounded", "out_step", "out_zero"], ["found"]),
    ]
    picture = helper.make_tensor_value_info("rgb", TensorProto.UINT8, ["N", "H", "W", 3])
    found = helper.make_tensor_value_info("found", TensorProto.FLOAT, ["N", NUM, "h", "w"])
    tensors = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "first", [picture], [found], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("shape", [(1, 2, 4, 3), (2, 32, 64, 3), (1, 34, 12, 3)])
def test_every_output_is_the_same(shape: tuple[int, ...]) -> None:
    rgb = RNG.integers(0, 256, shape, np.uint8)
    plain, blocks = (open_session(each) for each in (network(), in_blocks(network())))
    wanted = plain.run(None, {"rgb": rgb})[0]
    assert wanted.std() > 0.4, "not all the same"
    np.testing.assert_array_equal(blocks.run(None, {"rgb": rgb})[0], wanted)


def test_a_kernel_comes_back_out_of_its_blocks() -> None:
    tensors = onnx.load_from_string(in_blocks(network())).graph.initializer
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in tensors}
    kernel, bias = out_of_blocks(constants["kernel"], constants["bias"])
    np.testing.assert_array_equal(kernel, KERNEL)
    np.testing.assert_array_equal(bias, BIAS)
    same = out_of_blocks(KERNEL, BIAS)
    assert same[0] is KERNEL
    assert same[1] is BIAS


def test_another_network_is_left_alone() -> None:
    with pytest.raises(ModelContractError, match=r"\(5, 3, 1, 1\), not \(C, 3, 3, 3\)"):
        in_blocks(network(KERNEL[..., :1, :1]))
    with pytest.raises(ModelContractError, match="not used by one Transpose"):
        in_blocks(in_blocks(network()))
