"""Readers with fewer characters and steps than ours speak our alphabet."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from platestream.core.alphabet import CHARACTERS, NUM_CLASSES, NUM_STEPS
from platestream.core.errors import ModelContractError
from platestream.models.reader import OnnxReader

CROP = np.zeros((32, 128, 3), np.uint8)


def always(rows: list[list[float]]) -> bytes:
    """A reader that says the same of every single crop: ``(T, C)``."""
    table = np.array([rows], np.float32)
    nodes = [
        helper.make_node("Constant", [], ["table"], value=onnx.numpy_helper.from_array(table)),
        helper.make_node("Cast", ["rgb"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats", "axes"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["table", "nothing"], ["char_probs"]),
    ]
    axes = onnx.numpy_helper.from_array(np.array([0, 1, 2, 3]), "axes")
    zero = onnx.numpy_helper.from_array(np.float32(0), "zero")
    rgb = helper.make_tensor_value_info("rgb", TensorProto.UINT8, ["N", 32, 128, 3])
    out = helper.make_tensor_value_info("char_probs", TensorProto.FLOAT, list(table.shape))
    graph = helper.make_graph(nodes, "always", [rgb], [out], [axes, zero])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    return model.SerializeToString()


def test_a_small_alphabet_is_put_where_ours_has_it() -> None:
    weights = always([[0.1, 0.2, 0.7], [0.1, 0.6, 0.3], [0.8, 0.1, 0.1]])
    reading = OnnxReader(weights, alphabet="Z가")(CROP)
    assert reading.text == "가Z"
    assert reading.char_probs.shape == (NUM_STEPS, NUM_CLASSES)
    np.testing.assert_allclose(reading.char_probs.sum(axis=1), 1)
    assert reading.char_probs[0, CHARACTERS.index("Z") + 1] == pytest.approx(0.2)
    assert reading.score == pytest.approx(0.6)


def test_without_a_name_they_are_the_first_of_ours() -> None:
    assert OnnxReader(always([[0.1, 0.2, 0.7], [0.9, 0.1, 0]]))(CROP).text == CHARACTERS[1]


def test_a_text_as_long_as_the_network_has_steps_ends_there() -> None:
    reading = OnnxReader(always([[0.1, 0.9], [0.2, 0.8]]), alphabet="7")(CROP)
    assert reading.text == "77"
    assert reading.score == pytest.approx(0.8)


def test_what_it_could_say() -> None:
    read = OnnxReader(always([[0.1, 0.2, 0.7]] * 4), alphabet="Z가")
    assert read.can_say("가Z가")
    assert not read.can_say("가Z가Z")  # there must be room for the end
    assert not read.can_say("ZA")
    assert not read.can_say("")


def test_columns_that_do_not_fit_the_alphabet_are_refused() -> None:
    with pytest.raises(ModelContractError, match="has 2 classes"):
        OnnxReader(always([[0.1, 0.9]]), alphabet="78")
    with pytest.raises(ModelContractError, match="export it again"):
        OnnxReader(always([[0.1, 0.9]]), alphabet="ก")


def test_more_steps_than_ours_are_refused() -> None:
    with pytest.raises(ModelContractError, match="up to"):
        OnnxReader(always([[0.1, 0.9]] * (NUM_STEPS + 1)))
