"""All that exists without Kubernetes, in one object: machines, links, registries, systems outside, the cloud account.

`copy.deepcopy(world)` is a checkpoint.
"""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.world.brands import CONTAINERD, Brand
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.cloud import CloudAccount
from kubesim_tui.world.instance import made
from kubesim_tui.world.journal import Journal
from kubesim_tui.world.links import Links
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.net import Net
from kubesim_tui.world.outside import Outside
from kubesim_tui.world.pulse import Pulse
from kubesim_tui.world.regions import Region
from kubesim_tui.world.registry import Registry
from kubesim_tui.world.runtime import DEFAULT_EPOCH


@define(eq=False, repr=False)
class World:
    """See the module."""

    catalogue: Catalogue
    epoch: int = DEFAULT_EPOCH
    links: Links = field(factory=Links)
    machines: dict[str, Machine] = field(factory=dict)
    registries: dict[str, Registry] = field(factory=dict)
    outside: dict[str, Outside] = field(factory=dict)
    regions: dict[str, Region] = field(factory=dict)  # of users
    cloud: CloudAccount = field(factory=CloudAccount)
    net: Net | None = None
    pulse: Pulse = field(factory=Pulse)
    journal: Journal = field(factory=Journal)

    def __attrs_post_init__(self) -> None:
        self.cloud.machines = self.machines

    def add_machine(
        self,
        name: str,
        *,
        zone: str = "a",
        cpu_milli: int = 4_000,
        memory_bytes: int = 8 << 30,
        disk_bytes: int = 100 << 30,
        processes: tuple[str, ...] = (),
        now: int = 0,
        brand: Brand = CONTAINERD,
        spot: bool = False,
    ) -> Machine:
        """A new machine, on."""
        machine = Machine.make(
            name,
            zone,
            cpu_milli,
            memory_bytes,
            disk_bytes,
            catalogue=self.catalogue,
            registries=self.registries,
            links=self.links,
            processes=processes,
            epoch=self.epoch,
            pulse=self.pulse,
            brand=brand,
            journal=self.journal,
        )
        machine.booted = now
        machine.runtime.net = self.net
        self.machines[name] = machine
        self.cloud.instances[name] = made(name, zone, cpu_milli, memory_bytes, spot=spot)
        return machine

    def remove_machine(self, name: str, now: int) -> None:
        """A machine is taken away for good."""
        machine = self.machines.pop(name, None)
        if machine is not None:
            machine.power_off(now)
            self.links.remove(name)
            self.cloud.terminate(name)

    def add_outside(
        self, name: str, image: str, ip: str, now: int = 0, copy_of: str = "", env: dict[str, str] | None = None
    ) -> Outside:
        """A system outside the cluster."""
        system = Outside.make(
            name,
            image,
            ip,
            now,
            catalogue=self.catalogue,
            links=self.links,
            env=env,
            copy_of=self.outside.get(copy_of),
            net=self.net,
            pulse=self.pulse,
        )
        self.outside[name] = system
        return system

    def wire(self, net: Net) -> None:
        """Give all containers their network."""
        self.net = net
        for machine in [*self.machines.values(), *(system.machine for system in self.outside.values())]:
            machine.runtime.net = net
