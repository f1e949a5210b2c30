"""Long-lived work on the nodes of a Ray cluster: actors, each put on a node of the caller's choice.

Ray would restart a lost actor wherever it has room; here the caller says where, so that cameras
are spread evenly, and leave a machine that is about to go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from platestream.cluster.connecting import connect
from platestream.cluster.placement import Node

NUM_THREADS = 4
"""Calls that an actor answers at a time: while one waits for news, others must not."""


class ActorLost(Exception):  # noqa: N818 - a thing that happens, and that whoever asks deals with
    """An actor is gone, with its process or its node; what it had not told is lost."""


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call that an actor answers when it can.

    Attributes:
        reference: What Ray calls it.
    """

    reference: Any


class Actor(Protocol):
    """Something that runs on a node."""

    def call(self, method: str, *args: Any) -> Call:
        """Call a method, and wait for nothing."""

    def kill(self) -> None:
        """End it, whatever it is doing."""


class Actors(Protocol):
    """What carries actors: a Ray cluster, or what stands for one in a test."""

    def nodes(self) -> list[Node]:
        """The nodes that are up."""

    def start(self, node: Node, make: Callable[..., Any], *args: Any) -> Actor:
        """Start an actor on a node; whether that worked is told by its first answer.

        Args:
            node: Where.
            make: A class that can be imported on every node.
            args: Its arguments.
        """

    def ready(self, calls: Sequence[Call], timeout_s: float) -> list[Call]:
        """Of these calls the ones that are answered, once there is one."""

    def answer(self, call: Call) -> Any:
        """What a call that is ready gave.

        Raises:
            ActorLost: the actor is gone, or could not be made.
        """

    def close(self) -> None:
        """Leave the cluster; all actors end."""


class RayActors:
    """Actors on a Ray cluster.

    Args:
        address: See `connect`.

    Raises:
        ConfigError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self._ray = connect(
            address, None, "cluster.address", "without `cluster` all cameras run on this machine"
        )

    def nodes(self) -> list[Node]:
        """See `Actors`."""
        draining = self._draining()
        return [
            Node(
                id=node["NodeID"],
                name=_name(node),
                num_cpus=node["Resources"].get("CPU", 0.0),
                is_draining=node["NodeID"] in draining,
            )
            for node in self._ray.nodes()
            if node["Alive"]
        ]

    def start(self, node: Node, make: Callable[..., Any], *args: Any) -> Actor:
        """See `Actors`."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        options = self._ray.remote(
            num_cpus=0,  # the placement is ours
            max_restarts=0,
            max_concurrency=NUM_THREADS,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False),
        )
        return _RayActor(self._ray, options(make).remote(*args))

    def ready(self, calls: Sequence[Call], timeout_s: float) -> list[Call]:
        """See `Actors`."""
        by_reference = {call.reference: call for call in calls}
        # An answer counts as ready when it is here: none is waited for later.
        first, others = self._ray.wait(list(by_reference), num_returns=1, timeout=timeout_s)
        if first and others:
            first += self._ray.wait(others, num_returns=len(others), timeout=0)[0]
        return [by_reference[reference] for reference in first]

    def answer(self, call: Call) -> Any:
        """See `Actors`."""
        try:
            return self._ray.get(call.reference)
        except self._ray.exceptions.RayTaskError as error:
            raise ActorLost(_reason(error.cause or error)) from error
        except self._ray.exceptions.RayError as error:
            raise ActorLost(_reason(error)) from error

    def close(self) -> None:
        """See `Actors`."""
        self._ray.shutdown()

    def _draining(self) -> set[str]:
        # Ray's own libraries ask here; its documented list of nodes does not tell.
        from ray._private.state import state

        return set(state.get_draining_nodes())


class _RayActor:
    def __init__(self, ray: Any, handle: Any) -> None:
        self._ray, self._handle = ray, handle

    def call(self, method: str, *args: Any) -> Call:
        return Call(getattr(self._handle, method).remote(*args))

    def kill(self) -> None:
        self._ray.kill(self._handle)


def _name(node: dict[str, Any]) -> str:
    """Its ``--node-name``; without one, its host's name."""
    given, address = str(node.get("NodeName", "")), node["NodeManagerAddress"]
    return given if given not in ("", address) else str(node["NodeManagerHostname"])


def _reason(error: BaseException) -> str:
    return str(error).strip().rpartition("\n")[2] or type(error).__name__
