"""Network disks: what a provisioner and the attach-detach controller ask of the place where the cluster stands.

The cluster wires the real provider; controllers know only this.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define, field


class DiskError(Exception):
    """The provider refused."""


class Disks(Protocol):
    """A provider of network disks. Ids are volume handles; effects are at once. DiskError if it refuses.

    `seconds` is how long the CSI driver takes to attach or detach one; None: it does not answer at all.
    """

    seconds: int | None

    def create(self, id: str, size_bytes: int, source: str = "") -> None:
        """Make a disk, empty or with the content of a disk or snapshot; nothing happens if it is there already."""
        ...

    def snapshot(self, id: str, disk: str) -> None:
        """Keep a disk's content of now as a snapshot; nothing happens if that is there already."""
        ...

    def size(self, id: str) -> int | None:
        """The bytes of a disk or snapshot, None if there is none of that id."""
        ...

    def resize(self, id: str, size_bytes: int) -> None:
        """Make a disk larger; what is on it stays."""
        ...

    def delete(self, id: str) -> None:
        """Destroy a disk or snapshot and what is on it; nothing happens if it is gone already."""
        ...

    def refusal(self, id: str) -> str:
        """Why a disk cannot be attached now; "" if it can."""
        ...

    def hangs(self, id: str) -> bool:
        """Whether the driver tries in vain to detach a disk."""
        ...

    def attach(self, id: str, node: str) -> None:
        """Make a disk a device of a node."""
        ...

    def detach(self, id: str, node: str) -> None:
        """Take it away from a node."""
        ...


@define(eq=False)
class NoDisks:
    """Disks that are only names, for clusters and tests without data."""

    sizes: dict[str, int] = field(factory=dict)
    sources: dict[str, str] = field(factory=dict)
    attached: dict[str, list[str]] = field(factory=dict)
    seconds: int | None = 0

    def create(self, id: str, size_bytes: int, source: str = "") -> None:
        """Note it."""
        self.sizes.setdefault(id, size_bytes)
        self.sources.setdefault(id, source)

    def snapshot(self, id: str, disk: str) -> None:
        """Note it."""
        self.sizes.setdefault(id, self.sizes[disk])

    def size(self, id: str) -> int | None:
        """As noted."""
        return self.sizes.get(id)

    def resize(self, id: str, size_bytes: int) -> None:
        """Note it."""
        if id in self.sizes:
            self.sizes[id] = max(size_bytes, self.sizes[id])

    def delete(self, id: str) -> None:
        """Forget it."""
        self.sizes.pop(id, None)

    def refusal(self, id: str) -> str:  # noqa: ARG002
        """Any can be attached."""
        return ""

    def hangs(self, id: str) -> bool:  # noqa: ARG002
        """Any can be detached."""
        return False

    def attach(self, id: str, node: str) -> None:
        """Note where it is."""
        nodes = self.attached.setdefault(id, [])
        if node not in nodes:
            nodes.append(node)

    def detach(self, id: str, node: str) -> None:
        """Note that it is there no more."""
        nodes = self.attached.get(id, [])
        if node in nodes:
            nodes.remove(node)
