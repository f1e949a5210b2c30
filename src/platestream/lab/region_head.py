"""A head that says where a plate is from, put beside the characters of a finished reader.

Nothing of the reader is changed or quantized anew: nodes are added to its file, so it reads as
before to the last bit. The head sees means of what two of the trunk's pools give, left to right,
and of the encoder's columns: colours and bands early, shapes late.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from platestream.core.errors import ModelContractError
from platestream.core.origin import REGIONS
from platestream.models.reader import REGIONS_KEY

_PREFIX: Final = "regions/"
"""Of all that is the head's, by which it is found again."""

OUTPUT: Final = "regions"
_SEEN: Final = f"{_PREFIX}seen"

_CELLS: Final = {1: (2, 4), 3: (1, 4)}
"""Of the pools that are seen, from 0: rows and columns that the map behind each is averaged to."""

_NUM_POOLS: Final = 5

_INTEGER: Final = 127


@dataclass(frozen=True, slots=True)
class RegionHead:
    """Two layers over `seen`: F numbers, H hidden ones, R regions of `REGIONS`.

    Attributes:
        hidden: ``(F, H)`` float32.
        hidden_bias: ``(H,)``.
        out: ``(H, R)``.
        out_bias: ``(R,)``.
    """

    hidden: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    out: NDArray[np.float32]
    out_bias: NDArray[np.float32]

    @property
    def num_parameters(self) -> int:
        """Learned numbers."""
        return sum(each.size for each in (self.hidden, self.hidden_bias, self.out, self.out_bias))

    def in_integers(self) -> "RegionHead":
        """The same with a first layer that `with_head` can keep in 8 bits without loss."""
        integers, scale = _integers(self.hidden)
        return RegionHead(integers * scale, self.hidden_bias, self.out, self.out_bias)

    def log_probs(self, seen: NDArray[np.float32]) -> NDArray[np.float32]:
        """``(N, R)`` of what was seen, ``(N, F)``; as the file computes it."""
        logits = np.maximum(seen @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias
        return np.asarray(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True), np.float32)


def without_head(weights: bytes) -> bytes:
    """A reader as it was before it got a head; the same bytes where it has none."""
    model = onnx.load_from_string(weights)
    graph = model.graph
    if all(output.name != OUTPUT for output in graph.output):
        return weights
    nodes = [node for node in graph.node if not _is_own(node.output[0])]
    del graph.node[:]
    graph.node.extend(nodes)
    for kept in (graph.initializer, graph.output, graph.value_info):
        named = [each for each in kept if not _is_own(each.name)]
        del kept[:]
        kept.extend(named)
    rest = [each for each in model.metadata_props if each.key != REGIONS_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(rest)
    plain: bytes = model.SerializeToString()
    return plain


def seeing(weights: bytes) -> bytes:
    """A reader with one more output, what the head sees: ``seen``, ``(N, F)`` float32.

    Raises:
        ModelContractError: it has no such trunk.
    """
    model = onnx.load_from_string(without_head(weights))
    _see(model.graph)
    seen = helper.make_tensor_value_info(_SEEN, TensorProto.FLOAT, ["batch", None])
    model.graph.output.append(seen)
    seeing_too: bytes = model.SerializeToString()
    return seeing_too


def with_head(weights: bytes, head: RegionHead) -> bytes:
    """A reader with one more output: ``regions``, ``(N, R)`` float32 log-probabilities.

    Args:
        weights: Of the reader; a head that it has is replaced.
        head: Of `RegionHead.in_integers`.

    Raises:
        ModelContractError: it has no such trunk.
    """
    model = onnx.load_from_string(without_head(weights))
    graph = model.graph
    _see(graph)
    integers, scale = _integers(head.hidden)
    _constants(
        graph,
        integers=integers.astype(np.int8),
        scale=scale,
        hidden_bias=head.hidden_bias,
        out=head.out.astype(np.float16),
        out_bias=head.out_bias,
    )
    # Folded when the file is loaded; a DequantizeLinear would be computed at each call.
    _node(graph, "Cast", ["integers"], "floats", to=TensorProto.FLOAT)
    _node(graph, "Mul", ["floats", "scale"], "hidden")
    _node(graph, "Cast", ["out"], "out_floats", to=TensorProto.FLOAT)
    _node(graph, "Gemm", ["seen", "hidden", "hidden_bias"], "layer")
    _node(graph, "Relu", ["layer"], "layer_on")
    _node(graph, "Gemm", ["layer_on", "out_floats", "out_bias"], "logits")
    graph.node.append(
        helper.make_node("LogSoftmax", [f"{_PREFIX}logits"], [OUTPUT], name=OUTPUT, axis=1)
    )
    shape: list[str | int | None] = ["batch", len(REGIONS)]
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, shape))
    model.metadata_props.add(key=REGIONS_KEY, value=",".join(REGIONS))
    onnx.checker.check_model(model)
    headed: bytes = model.SerializeToString()
    return headed


def _see(graph: onnx.GraphProto) -> None:
    """Add the nodes that average what the head sees."""
    pools = [node for node in graph.node if node.op_type == "MaxPool"]
    constant = {tensor.name for tensor in graph.initializer}
    constant |= {node.output[0] for node in graph.node if {*node.input[:1]} & constant}
    products = [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in constant]
    if len(pools) != _NUM_POOLS or not products:
        msg = "the reader has no trunk of five groups with an encoder; no head fits it"
        raise ModelContractError(msg)
    height, width = (axis.dim_value for axis in graph.input[0].type.tensor_type.shape.dim[1:3])
    _constants(graph, rows=np.array([0, 0, -1], np.int64), columns=np.array([1], np.int64))
    seen = []
    for index, pool in enumerate(pools):
        (kernel,) = (each.ints for each in pool.attribute if each.name == "kernel_shape")
        height, width = height // kernel[0], width // kernel[1]
        if index not in _CELLS:
            continue
        name = f"pool_{index}"
        in_cell = _in_cell(height, width, *_CELLS[index])
        own: dict[str, NDArray[Any]] = {f"{name}_in": in_cell}
        own[f"{name}_share"] = _share_of(in_cell)
        _constants(graph, **own)
        # Folded when the file is loaded.
        _node(graph, "Cast", [f"{name}_in"], f"{name}_ones", to=TensorProto.FLOAT)
        _node(graph, "Mul", [f"{name}_ones", f"{name}_share"], f"{name}_means")
        # A product, not an AveragePool: the runtime would turn the map into another layout for
        # that and back again, which takes longer than all the rest.
        pixels = _as_floats(graph, pool.output[0], name)
        _node(graph, "Reshape", [pixels, "rows"], f"{name}_rows")
        _node(graph, "MatMul", [f"{name}_rows", f"{name}_means"], f"{name}_cells")
        _node(graph, "Flatten", [f"{name}_cells"], f"{name}_flat")
        seen.append(f"{name}_flat")
    _node(graph, "ReduceMean", [products[0].input[0], "columns"], "encoded", keepdims=0)
    _node(graph, "Concat", [*seen, "encoded"], "seen", axis=1)


def _in_cell(height: int, width: int, num_rows: int, num_columns: int) -> NDArray[np.uint8]:
    """``(height * width, cells)``, 1 where a pixel of a map is in a cell."""
    rows = np.arange(height) * num_rows // height
    columns = np.arange(width) * num_columns // width
    cell = (rows[:, None] * num_columns + columns).ravel()
    return np.asarray(np.eye(num_rows * num_columns)[cell], np.uint8)


def _share_of(in_cell: NDArray[np.uint8]) -> NDArray[np.float32]:
    """``(cells,)``, that of a pixel in the mean of its cell."""
    return np.asarray(1 / in_cell.sum(axis=0), np.float32)


def _as_floats(graph: onnx.GraphProto, pool: str, name: str) -> str:
    """A pool's output; where it goes on as integers, those turned back once more for the head.

    A second reader of the integers leaves the reader's own nodes to be fused as before.
    """
    for node in graph.node:
        if node.op_type == "QuantizeLinear" and node.input[0] == pool:
            _node(graph, "DequantizeLinear", [node.output[0], *node.input[1:]], f"{name}_floats")
            return f"{_PREFIX}{name}_floats"
    return pool


def _node(
    graph: onnx.GraphProto, kind: str, inputs: list[str], output: str, **settings: Any
) -> None:
    """Add a node; inputs that the graph does not have by their name are the head's own."""
    known = {name for node in graph.node for name in node.output}
    known |= {tensor.name for tensor in graph.initializer}
    names = [name if name in known else f"{_PREFIX}{name}" for name in inputs]
    output = f"{_PREFIX}{output}"
    graph.node.append(helper.make_node(kind, names, [output], name=output, **settings))


def _constants(graph: onnx.GraphProto, **tensors: NDArray[Any]) -> None:
    for name, values in tensors.items():
        graph.initializer.append(numpy_helper.from_array(values, f"{_PREFIX}{name}"))


def _is_own(name: str) -> bool:
    return name == OUTPUT or name.startswith(_PREFIX)


def _integers(hidden: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """``(F, H)`` whole numbers of -127 to 127, and the scale of each row, ``(F, 1)``.

    Of each row, for what is seen differs in size.
    """
    scale = np.maximum(np.abs(hidden).max(axis=1, keepdims=True), 1e-9) / _INTEGER
    return np.rint(hidden / scale).astype(np.float32), scale.astype(np.float32)
