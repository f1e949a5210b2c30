"""Take a shipped reader's decoder back into a torch network: ours, or the paper's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from torch import nn

from platestream.core.alphabet import CHARACTERS, MARKED, NUM_CLASSES, NUM_STEPS, plain
from platestream.lab.networks.heads import ParallelHead, ReaderHead
from platestream.lab.train.folded import set_values

_RARE = -4.0
"""What a class that a file lacks starts at, in nats."""

_BORN_OF = {
    CHARACTERS.index(marked) + 1: CHARACTERS.index(plain(marked)[0]) + 1 for marked in MARKED
}
"""Class of each marked letter, and of the plain one that it starts from."""


def set_decoder(
    head: nn.Module, graph: onnx.GraphProto, constants: Mapping[str, NDArray[Any]]
) -> bool:
    """Take all behind the encoder, where file and head have the same kind of decoder.

    Args:
        head: Changed in place; signs and places that the file lacks start rare.
        graph: Of the file.
        constants: Its tensors, as floats.

    Returns:
        Whether it came along.

    Raises:
        KeyError, ValueError: it is a decoder of another shape.
    """
    products = [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in constants]
    # The paper's has several for each character, ours four in all.
    is_ours = len(products) == len(_OURS)
    if isinstance(head, ParallelHead) and is_ours:
        _set_ours(head, graph, constants, products)
    elif isinstance(head, ReaderHead) and not is_ours:
        _set_papers(head, graph, constants, products)
    else:
        return False
    return True


_OURS = ("keys", "queries", "mix", "classify")
"""The multiplications of `ParallelHead`, in order."""


def num_known(weights: Path) -> dict[str, int]:
    """How many rows of a head's parameters a reader's file has: signs, and places of a plate."""
    _, places, signs = (
        each.dim_value for each in onnx.load(weights).graph.output[0].type.tensor_type.shape.dim
    )
    of_signs = ("classify.weight", "classify.bias", "embedding.weight")
    return dict.fromkeys(of_signs, signs) | {"queries": places}


def _set_ours(
    head: ParallelHead,
    graph: onnx.GraphProto,
    constants: Mapping[str, NDArray[Any]],
    products: list[onnx.NodeProto],
) -> None:
    biases = {node.input[0]: node.input[1] for node in graph.node if node.op_type == "Add"}
    keys, queries, mix, classify = products
    for layer, node in ((head.keys, keys), (head.mix, mix)):
        set_values(layer.weight, constants[node.input[1]].T)
        set_values(layer.bias, constants[biases[node.output[0]]])
    classes, rests = constants[classify.input[1]].T, constants[biases[classify.output[0]]]
    _set_classes(head.classify, classes, rests)
    set_values(head.queries, _more(constants[queries.input[1]].T, NUM_STEPS, {}))


def _set_papers(
    head: ReaderHead,
    graph: onnx.GraphProto,
    constants: Mapping[str, NDArray[Any]],
    products: list[onnx.NodeProto],
) -> None:
    """Take `ReaderHead`'s, where the weights that all steps share have kept their names."""
    bias = "head.keys.bias"
    (keyed,) = (n.input[0] for n in graph.node if n.op_type == "Add" and n.input[1] == bias)
    (keys,) = (n.input[1] for n in products if n.output[0] == keyed)
    set_values(head.keys.weight, constants[keys].T)
    set_values(head.keys.bias, constants[bias])
    (energy,) = {n.input[1] for n in products if constants[n.input[1]].shape[1] == 1}
    set_values(head.energy.weight, constants[energy].T)
    set_values(head.query.weight, _named("query.weight", constants))
    for name, parameter in head.decoder.named_parameters():
        set_values(parameter, _named(f"decoder.{name}", constants))
    signs = _named("embedding.weight", constants)
    set_values(head.embedding.weight, _more(signs, NUM_CLASSES, _BORN_OF))
    classes = _named("classify.weight", constants)
    _set_classes(head.classify, classes, _named("classify.bias", constants))


def _named(name: str, constants: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """A tensor of the head; turning to integers has some of them lie the other way round."""
    turned = constants.get(f"head.{name}_Transposed")
    return constants[f"head.{name}"] if turned is None else turned.T


def _set_classes(layer: nn.Linear, weights: NDArray[Any], biases: NDArray[Any]) -> None:
    set_values(layer.weight, _more(weights, NUM_CLASSES, _BORN_OF))
    # A letter that was never learned must not be read before it is.
    missing = NUM_CLASSES - len(biases)
    set_values(layer.bias, np.pad(biases, (0, missing), constant_values=_RARE))


def _more(rows: NDArray[Any], num: int, born_of: Mapping[int, int]) -> NDArray[np.float32]:
    """Add rows to a file's for what its network did not know, like the nearest that it does."""
    known, chance = rows.astype(np.float32), np.random.default_rng(0)
    spread = 0.3 * float(known.std())
    added = [
        known[born_of.get(row, len(known) - 1)] + chance.normal(0, spread, known.shape[1])
        for row in range(len(known), num)
    ]
    return np.array([*known, *added], np.float32)
