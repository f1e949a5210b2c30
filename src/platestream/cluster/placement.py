"""Which node of a cluster carries which camera: as many for each of its CPUs as any other."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of a cluster that is up.

    Attributes:
        id: Its own for ever: a machine that comes back has another.
        name: For people.
        num_cpus: CPUs that it gives to the cluster; with 0 it carries no camera.
        is_draining: Whether it is about to leave.
    """

    id: str
    name: str
    num_cpus: float
    is_draining: bool = False


def choose(
    nodes: Collection[Node], where: Mapping[str, str], avoided: Collection[str] = ()
) -> Node | None:
    """The node for one more camera: with it, the least loaded one.

    Args:
        nodes: All that are up.
        where: The node of each camera.
        avoided: Nodes that did not work lately; taken where there is no other.

    Returns:
        None where no node carries cameras.
    """
    staying = _staying(nodes)
    usable = [node for node in staying if node.id not in avoided] or staying
    counts = Counter(where.values())
    return min(usable, key=lambda node: (counts[node.id] + 1) / node.num_cpus, default=None)


def moves(
    nodes: Collection[Node], where: Mapping[str, str], avoided: Collection[str] = ()
) -> dict[str, Node]:
    """Cameras that are to go to another node, and which.

    All leave a node that is about to leave. Else one at a time goes to a node that has less to do,
    as long as that makes the busiest one less busy.

    Args:
        nodes: All that are up.
        where: The node of each camera that has one.
        avoided: Nodes that take over none.
    """
    now, found = dict(where), dict[str, Node]()
    draining = {node.id for node in nodes if node.is_draining}
    for camera, node_id in where.items():
        target = choose(nodes, now, avoided) if node_id in draining else None
        if target:
            now[camera] = target.id
            found[camera] = target
    return found or _even_out(_staying(nodes), now, avoided)


def _staying(nodes: Collection[Node]) -> list[Node]:
    return [node for node in nodes if not node.is_draining and node.num_cpus > 0]


def _even_out(
    nodes: Collection[Node], where: Mapping[str, str], avoided: Collection[str]
) -> dict[str, Node]:
    counts = Counter(where.values())
    target = choose([node for node in nodes if node.id not in avoided], where)
    busiest = max(nodes, key=lambda node: counts[node.id] / node.num_cpus, default=None)
    if target is None or busiest is None or target.id == busiest.id:
        return {}
    if (counts[target.id] + 1) / target.num_cpus >= counts[busiest.id] / busiest.num_cpus:
        return {}
    camera = next(camera for camera, node_id in where.items() if node_id == busiest.id)
    return {camera: target}
