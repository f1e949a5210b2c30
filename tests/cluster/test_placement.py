"""Where cameras go, as plain numbers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platestream.cluster.placement import Node, choose, moves

SMALL, LARGE, NONE = Node("s", "small", 2), Node("l", "large", 8), Node("n", "none", 0)
LEAVING = Node("x", "leaving", 4, is_draining=True)


def test_a_camera_goes_where_each_cpu_has_least_to_do() -> None:
    where: dict[str, str] = {}
    for number in range(10):
        node = choose([SMALL, LARGE, NONE, LEAVING], where)
        assert node is not None
        where[f"c{number}"] = node.id
    assert Counter(where.values()) == {"s": 2, "l": 8}


def test_a_node_that_failed_is_taken_only_where_there_is_no_other() -> None:
    assert choose([SMALL, LARGE], {}, avoided={"l"}) == SMALL
    assert choose([LARGE, NONE, LEAVING], {}, avoided={"l"}) == LARGE


@pytest.mark.parametrize("nodes", [[], [NONE], [LEAVING]])
def test_where_no_node_carries_cameras_none_is_chosen(nodes: list[Node]) -> None:
    assert choose(nodes, {}) is None
    assert moves(nodes, {"a": "x"}) == {}


def test_all_cameras_leave_a_node_that_leaves_and_are_spread() -> None:
    found = moves([SMALL, LARGE, LEAVING], {f"c{n}": "x" for n in range(5)})
    assert Counter(node.id for node in found.values()) == {"l": 4, "s": 1}


def test_a_new_node_takes_over_one_camera_at_a_time() -> None:
    old, new = Node("a", "a", 1), Node("b", "b", 1)
    where = {f"c{n}": "a" for n in range(4)}
    num_moved = 0
    while found := moves([old, new], where):
        assert len(found) == 1
        where |= {camera: node.id for camera, node in found.items()}
        num_moved += 1
    assert num_moved == 2
    assert Counter(where.values()) == {"a": 2, "b": 2}
    assert moves([old, new], {"c0": "a", "c1": "a"}, avoided={"b"}) == {}


@given(
    st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=5),
    st.lists(st.integers(0, 4), max_size=20),
)
def test_moving_comes_to_an_end(cpus: list[tuple[int, bool]], homes: list[int]) -> None:
    nodes = [Node(str(n), str(n), num, leaves) for n, (num, leaves) in enumerate(cpus)]
    where = {f"c{n}": str(home % len(nodes)) for n, home in enumerate(homes)}
    for _ in range(len(where) + 1):
        found = moves(nodes, where)
        if not found:
            break
        where |= {camera: node.id for camera, node in found.items()}
    else:
        pytest.fail("cameras are moved for ever")
    usable = {node.id for node in nodes if not node.is_draining and node.num_cpus}
    if usable:
        assert set(where.values()) <= usable | {n.id for n in nodes if not n.is_draining}
