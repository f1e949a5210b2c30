"""Sessions open on the CPU, and say what is wrong when they do not."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from platestream.core.errors import ConfigError, ModelContractError, ModelError, WeightsNotFound
from platestream.models.cards import load_card
from platestream.models.detector import OnnxDetector
from platestream.models.session import infer, open_session, patch_size


def make_sum(num_inputs: int) -> bytes:
    """A network that adds its inputs, each ``(2,)`` float32."""
    names = [f"x{i}" for i in range(num_inputs)]
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [2]) for n in names]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])
    graph = helper.make_graph([helper.make_node("Sum", names, ["y"])], "sum", inputs, [output])
    opset = [helper.make_opsetid("", 18)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def test_opens_bytes_and_files_alike(tmp_path: Path) -> None:
    path = tmp_path / "sum.onnx"
    path.write_bytes(make_sum(1))
    x = np.array([1.5, -2.0], np.float32)
    for model in (make_sum(1), path):
        assert open_session(model).run(None, {"x0": x})[0].tolist() == [1.5, -2.0]


def test_takes_the_number_of_threads_and_does_not_spin() -> None:
    options = open_session(make_sum(1), num_threads=2).get_session_options()
    assert options.intra_op_num_threads == 2
    assert options.inter_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsNotFound, match=r"gone\.onnx"):
        open_session(tmp_path / "gone.onnx")


def test_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=str(tmp_path)):
        open_session(tmp_path)


def test_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes(make_sum(1)[:20])
    with pytest.raises(ModelError, match=r"half\.onnx: not a usable ONNX network"):
        open_session(path)


def test_two_inputs_break_the_contract() -> None:
    with pytest.raises(ModelContractError, match="x0, x1"):
        open_session(make_sum(2))


def test_needs_a_thread() -> None:
    with pytest.raises(ConfigError, match="num_threads is 0"):
        open_session(make_sum(1), num_threads=0)


def test_importing_the_module_does_not_load_onnxruntime() -> None:
    code = "import sys, platestream.models.session; sys.exit('onnxruntime' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_size_of_patches_is_the_networks_own() -> None:
    reader = open_session(load_card("reader-nano").read_weights())
    assert patch_size(reader, "the reader") == (32, 128)
    with pytest.raises(ModelContractError, match=r"the reader takes \[2\], not patches"):
        patch_size(open_session(make_sum(1)), "the reader")
    detector = open_session(load_card("detector").read_weights())
    with pytest.raises(ModelContractError, match="not patches"):
        patch_size(detector, "the reader")


def make_one(node: onnx.NodeProto, kind: int = TensorProto.FLOAT, num: int = 1) -> bytes:
    """A network of one operation from ``x`` ``(N, 2)`` float32 to ``y``."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 2])
    outputs = [helper.make_tensor_value_info(f"y{i}", kind, None) for i in range(num)]
    graph = helper.make_graph([node], "one", [x], outputs)
    opset = [helper.make_opsetid("", 18)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()


def test_weights_that_load_and_fail_when_they_run_are_named() -> None:
    # It asks for three columns of two, which only the first picture shows.
    node = helper.make_node("Reshape", ["x", "shape"], ["y0"])
    x = helper.make_tensor_value_info("x", TensorProto.UINT8, ["N", "H", "W", 3])
    y = helper.make_tensor_value_info("y0", TensorProto.UINT8, None)
    shape = onnx.numpy_helper.from_array(np.array([7, 11, 13]), "shape")
    graph = helper.make_graph([node], "one", [x], [y], [shape])
    opset = [helper.make_opsetid("", 18)]
    weights = helper.make_model(graph, opset_imports=opset, ir_version=10).SerializeToString()
    with pytest.raises(ModelContractError, match=r"the detector loads and does not run \("):
        OnnxDetector(weights).detect(np.zeros((64, 64, 3), np.uint8))


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (
            make_one(helper.make_node("Split", ["x"], ["y0", "y1"], num_outputs=2), num=2),
            "float32, ",
        ),
        (make_one(helper.make_node("Cast", ["x"], ["y0"], to=7), TensorProto.INT64), "int64"),
        (make_one(helper.make_node("SequenceConstruct", ["x"], ["y0"])), "not a usable ONNX"),
    ],
)
def test_outputs_of_another_kind_break_the_contract(weights: bytes, says: str) -> None:
    x = np.zeros((2, 2), np.float32)
    with pytest.raises(ModelError, match=says):
        infer(open_session(weights), x, "the reader")  # type: ignore[arg-type]
