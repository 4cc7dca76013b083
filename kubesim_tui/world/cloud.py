"""The cloud account: the machines, network disks and balancers that exist there, whatever the cluster believes."""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.world.disk import Volume


@define(eq=False, repr=False)
class CloudAccount:
    """All that is paid for. `up`: whether its API answers.

    `seconds` is how long the driver of its disks takes to attach or detach one; None: the driver does not answer.
    """

    up: bool = True
    instances: dict[str, None] = field(factory=dict)
    disks: dict[str, Volume] = field(factory=dict)
    attached: dict[str, dict[str, None]] = field(factory=dict)  # disk → machines
    seconds: int | None = 0

    def exists(self, instance: str) -> bool:
        """Whether a machine is still there (powered on or not)."""
        return instance in self.instances

    def terminate(self, instance: str) -> None:
        """A machine is gone for good; its disks stay."""
        self.instances.pop(instance, None)
        for machines in self.attached.values():
            machines.pop(instance, None)

    def create(self, id: str, size_bytes: int) -> None:
        """Make an empty disk; nothing happens if it is there already."""
        if id not in self.disks:
            self.disks[id] = Volume(id, size_bytes)

    def resize(self, id: str, size_bytes: int) -> None:
        """Make a disk larger; what is on it stays."""
        if id in self.disks:
            self.disks[id].enlarge(size_bytes)

    def delete(self, id: str) -> None:
        """Destroy a disk and what is on it."""
        self.disks.pop(id, None)
        self.attached.pop(id, None)

    def attach(self, id: str, node: str) -> None:
        """Make a disk a device of a machine."""
        self.attached.setdefault(id, {})[node] = None

    def detach(self, id: str, node: str) -> None:
        """Take it away."""
        self.attached.get(id, {}).pop(node, None)
