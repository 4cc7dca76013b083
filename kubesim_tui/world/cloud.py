"""The cloud account: the machines, network disks and balancers that exist there, whatever the cluster believes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from attrs import define, field

from kubesim_tui.world.balancer import Balancer, CloudError, free_address
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.instance import Instance
from kubesim_tui.world.pool import Pool, Refused

BALANCER_SECONDS = 30


class Listener(Protocol):
    """Who wants to know of balancers."""

    def changed(self) -> None:
        """One was made, changed or taken down."""
        ...


class Keeper(Protocol):
    """Who keeps pools at their size."""

    def terminated(self, instance: str) -> None:
        """A machine is gone for good."""
        ...


class Switched(Protocol):
    """A machine, of which the cloud knows whether it is on."""

    powered: bool


@define(eq=False, repr=False)
class CloudAccount:
    """All that is paid for. `up`: whether its API answers.

    `seconds` is how long the driver of its disks takes to attach or detach one; None: the driver does not answer.
    """

    up: bool = True
    instances: dict[str, Instance] = field(factory=dict)
    disks: dict[str, Volume] = field(factory=dict)
    snapshots: dict[str, Volume] = field(factory=dict)
    attached: dict[str, dict[str, None]] = field(factory=dict)  # disk → machines
    seconds: int | None = 0
    stuck: dict[str, None] = field(factory=dict)  # disks that the driver does not get detached
    balancers: dict[str, Balancer] = field(factory=dict)
    machines: Mapping[str, Switched] = field(factory=dict)
    pools: dict[str, Pool] = field(factory=dict)
    quota_milli: int | None = None  # of processors, all machines together
    sold_out: dict[str, None] = field(factory=dict)  # zones that have no machine to give
    keeper: Keeper | None = None
    patience: int = 1  # it answers one question in so many
    _asked: int = 0
    _listener: Listener | None = None
    balancer_seconds: int = BALANCER_SECONDS  # that one takes to be made

    def exists(self, instance: str) -> bool:
        """Whether a machine is still there (powered on or not)."""
        return instance in self.instances

    def instance(self, name: str) -> Instance:
        """A machine. CloudError if nobody answers or there is none."""
        self.answer()
        if name not in self.instances:
            raise CloudError("instance not found")
        return self.instances[name]

    def is_shut_down(self, instance: str) -> bool:
        """Whether a machine is there, but off."""
        machine = self.machines.get(instance)
        return instance in self.instances and machine is not None and not machine.powered

    def terminate(self, instance: str) -> None:
        """A machine is gone for good; its disks stay."""
        self.instances.pop(instance, None)
        for machines in self.attached.values():
            machines.pop(instance, None)
        if self.keeper is not None:
            self.keeper.terminated(instance)

    @property
    def used_milli(self) -> int:
        """Thousandths of processors, all machines together."""
        return sum(instance.cpu_milli for instance in self.instances.values())

    def no_machine(self, wanted: Instance) -> Refused | None:
        """Why a machine cannot be made now."""
        begin = f"Instance '{wanted.id}' creation failed: "
        if wanted.zone in self.sold_out:
            text = f"The zone '{wanted.zone}' does not have enough resources available to fulfill the request."
            return Refused("ZONE_RESOURCE_POOL_EXHAUSTED", begin + text)
        if self.quota_milli is not None and self.used_milli + wanted.cpu_milli > self.quota_milli:
            limit = f"{self.quota_milli // 1000}.{self.quota_milli % 1000 // 100}"
            text = f"Quota 'CPUS' exceeded. Limit: {limit} in region {wanted.region}."
            return Refused("QUOTA_EXCEEDED", begin + text)
        return None

    def create(self, id: str, size_bytes: int, source: str = "") -> None:
        """Make a disk, empty or with the content of a disk or snapshot; nothing happens if it is there already."""
        if id not in self.disks:
            origin = self._find(source)
            self.disks[id] = Volume(id, size_bytes) if origin is None else origin.copy(id, size_bytes)

    def snapshot(self, id: str, disk: str) -> None:
        """Keep a disk's content of now as a snapshot; nothing happens if that is there already."""
        if id not in self.snapshots:
            origin = self.disks[disk]
            self.snapshots[id] = origin.copy(id, origin.capacity_bytes)

    def size(self, id: str) -> int | None:
        """The bytes of a disk or snapshot, None if there is none of that id."""
        found = self._find(id)
        return None if found is None else found.capacity_bytes

    def _find(self, id: str) -> Volume | None:
        return self.disks.get(id) or self.snapshots.get(id)

    def resize(self, id: str, size_bytes: int) -> None:
        """Make a disk larger; what is on it stays."""
        if id in self.disks:
            self.disks[id].enlarge(size_bytes)

    def delete(self, id: str) -> None:
        """Destroy a disk or snapshot and what is on it."""
        disk = self.disks.pop(id, None)
        if disk is not None:
            disk.release()
        self.snapshots.pop(id, None)
        self.attached.pop(id, None)

    def refusal(self, id: str) -> str:
        """Why a disk cannot be attached now; "" if it can."""
        found = self.disks.get(id)
        return f"rpc error: code = Unavailable desc = disk {id} is impaired" if found and found.ills.fails else ""

    def hangs(self, id: str) -> bool:
        """Whether the driver tries in vain to detach a disk."""
        return id in self.stuck

    def attach(self, id: str, node: str) -> None:
        """Make a disk a device of a machine."""
        self.attached.setdefault(id, {})[node] = None

    def detach(self, id: str, node: str) -> None:
        """Take it away."""
        self.attached.get(id, {}).pop(node, None)

    # -- balancers ---------------------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> None:
        """Tell somebody of every change of the balancers."""
        self._listener = listener

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener.changed()

    def answer(self) -> None:
        """CloudError if nobody answers, or not this time."""
        if not self.up:
            raise CloudError("the cloud API does not answer")
        self._asked += 1
        if self._asked % self.patience:
            raise CloudError("RequestLimitExceeded: Request limit exceeded.")

    def balancer(self, name: str) -> Balancer | None:
        """One, if it is there. CloudError if nobody answers."""
        self.answer()
        return self.balancers.get(name)

    def ensure_balancer(
        self, name: str, service: tuple[str, str], machines: Iterable[str], now: int, *, local: bool, wanted: str = ""
    ) -> Balancer:
        """Make a balancer, or bring one up to date; it works from its `ready` on. CloudError if that cannot be."""
        self.answer()
        found = self.balancers.get(name)
        if found is None or (wanted and found.ip != wanted):
            ip = free_address({b.ip for b in self.balancers.values()}, wanted)
            found = self.balancers[name] = Balancer(name, ip, service, now + self.balancer_seconds)
        found.machines, found.local = dict.fromkeys(machines), local
        self._tell()
        return found

    def delete_balancer(self, name: str) -> None:
        """Take it down; its address is free again. CloudError if nobody answers."""
        self.answer()
        self.balancers.pop(name, None)
        self._tell()
