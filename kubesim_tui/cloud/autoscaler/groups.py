"""Node groups of a cloud, as cluster-autoscaler sees them, and what it asks of the cloud and of the scheduler."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from attrs import frozen

from kubesim_tui.api.types import Node, Pod


@frozen
class Failure:
    """Why a machine was not made: the class, the code and the words of the cloud."""

    kind: str  # OutOfResource, Other
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.code}"


OUT_OF_RESOURCE = "OutOfResource"


@frozen(eq=False)
class Group:
    """One group as it is now. `instances`: those that are there or on their way, with why one is not made."""

    name: str
    size: int  # wanted
    smallest: int
    largest: int
    instances: dict[str, Failure | None]


@frozen(eq=False)
class Template:
    """What a new node of a group will be, with the Pods that will run on it at once (of DaemonSets)."""

    node: Node
    pods: tuple[Pod, ...] = ()


class Groups(Protocol):
    """The cloud. Each call may raise CloudError."""

    def groups(self) -> list[Group]:
        """All groups that may be scaled, by name."""
        ...

    def template(self, group: str, name: str) -> Template:
        """A node of a group that is not there yet, by this name."""
        ...

    def increase(self, group: str, more: int) -> None:
        """Ask for more machines."""
        ...

    def delete(self, group: str, instances: Iterable[str]) -> None:
        """Take machines away, or orders back, and let the size be smaller by as many."""
        ...


class Simulation(Protocol):
    """The cluster as the scheduler would see it, to try things on."""

    def add_node(self, node: Node, pods: Iterable[Pod] = ()) -> None:
        """A node more, with Pods."""
        ...

    def remove_node(self, name: str) -> None:
        """A node less, with its Pods."""
        ...

    def pods(self, node: str) -> list[Pod]:
        """The Pods of a node."""
        ...

    def requested(self, node: str) -> tuple[int, int, int, int]:
        """(millicores requested, allocatable, bytes requested, allocatable) of a node."""
        ...

    def refusal(self, pod: Pod, node: str) -> tuple[str, ...] | None:
        """Why a Pod does not fit on a node; None: it does."""
        ...

    def place(self, pod: Pod, nodes: Collection[str] | None = None) -> str:
        """Put a Pod on the first node that it fits on, of all or of some; "": there is none."""
        ...

    def put(self, pod: Pod, node: str) -> None:
        """Put a Pod on a node, fit or not."""
        ...

    def take(self, pod: Pod) -> None:
        """Take a Pod from its node."""
        ...
