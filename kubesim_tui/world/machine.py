"""A machine: its power, its processes, its disk, its container runtime. It knows no Kubernetes.

`rules` is a place for whoever routes packets on this machine (a kube-proxy): opaque here, read by traffic, lost with
the power.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from kubesim_tui.world.brands import CONTAINERD, Brand
from kubesim_tui.world.catalogue import Catalogue
from kubesim_tui.world.conntrack import CONNECTIONS, Table
from kubesim_tui.world.disk import Disk, Volume
from kubesim_tui.world.ipam import Ipam
from kubesim_tui.world.journal import FAILED, STARTED, STOPPED, SYSTEMD, Entry, Journal
from kubesim_tui.world.links import Links
from kubesim_tui.world.outsider import SYSTEM_PIDS, Outsider
from kubesim_tui.world.process import Process, Running
from kubesim_tui.world.pulse import Pulse
from kubesim_tui.world.registry import Registry
from kubesim_tui.world.runtime import DEFAULT_EPOCH, Runtime

KUBELET = "kubelet"
"""A service of systemd, as the container runtime is."""


@define(eq=False, repr=False)
class Machine:
    """One machine. `volumes` are those that lie on its disk, by id; `boots` counts how often it came up."""

    name: str
    zone: str
    cpu_milli: int
    memory_bytes: int
    disk: Disk
    runtime: Runtime
    processes: dict[str, Process]
    powered: bool = True
    rules: Any = None
    ipam: Ipam | None = None  # the network plug-in's addresses; what it notes of them is lost with the power
    volumes: dict[str, Volume] = field(factory=dict)
    kernel: str = "6.8.0-79-generic"
    boots: int = 1
    booted: int = 0  # the tick
    outsiders: dict[str, Outsider] = field(factory=dict)
    pids: int = 32_768  # how many processes it can have
    clock_skew: int = 0  # seconds by which its clock goes wrong
    journal: Journal = field(factory=Journal)  # that all machines of a world share
    files: dict[str, str] = field(factory=dict)  # of its disk, those that somebody reads: path → text
    packages: dict[str, str] = field(factory=dict)  # what is installed: name → version
    vet: Callable[[Machine, str], str] | None = None  # why a process that starts cannot go on; "" if it can

    @classmethod
    def make(
        cls,
        name: str,
        zone: str,
        cpu_milli: int,
        memory_bytes: int,
        disk_bytes: int,
        *,
        catalogue: Catalogue,
        registries: dict[str, Registry],
        links: Links,
        processes: tuple[str, ...] = (),
        epoch: int = DEFAULT_EPOCH,
        pulse: Pulse | None = None,
        brand: Brand = CONTAINERD,
        journal: Journal | None = None,
    ) -> Machine:
        """A machine that is on, with its container runtime and the named processes running."""
        disk = Disk(disk_bytes)
        running = {one: Process(one) for one in (brand.process, *processes)}
        runtime = Runtime.make(
            name,
            catalogue,
            registries,
            links,
            disk=disk,
            memory_bytes=memory_bytes,
            cpu_milli=cpu_milli,
            process=running[brand.process],
            epoch=epoch,
            pulse=pulse,
            brand=brand,
        )
        links.place(name, zone)
        return cls(
            name,
            zone,
            cpu_milli,
            memory_bytes,
            disk,
            runtime,
            running,
            journal=journal if journal is not None else Journal(),
        )

    @property
    def connections(self) -> Table:
        """Those that its kernel tracks."""
        return self.runtime.connections

    def say(self, unit: str, kind: str, *words: Any) -> None:
        """A service says something to the journal."""
        self.journal.add(Entry(self.journal.tick, self.name, unit, self.process(unit).starts, kind, words))

    def _told(self, name: str, kind: str, *words: Any) -> None:
        """systemd says what becomes of a service."""
        if name in (KUBELET, self.runtime.brand.process):
            self.journal.add(Entry(self.journal.tick, self.name, SYSTEMD, 1, kind, (name, *words)))

    def runs(self, process: str) -> bool:
        """Whether a process is there, runs, and is not paused."""
        found = self.processes.get(process)
        return self.powered and found is not None and found.works

    def process(self, name: str) -> Process:
        """A process by name; it is made (running) when it is first asked for."""
        found = self.processes.get(name)
        if found is None:
            found = self.processes[name] = Process(name)
        return found

    def volume(self, identity: str, capacity_bytes: int | None = None) -> Volume:
        """A volume on this machine's disk, made if it is not there (emptyDir, host path, a ConfigMap's files)."""
        found = self.volumes.get(identity)
        if found is None:
            found = self.volumes[identity] = Volume(identity, capacity_bytes, self.disk)
        return found

    def remove_volume(self, identity: str) -> None:
        """Delete a volume of this machine with all that is in it."""
        found = self.volumes.pop(identity, None)
        if found is not None:
            found.release()

    def memory_used_bytes(self, now: int) -> int:
        """What all containers hold, and whatever else runs here."""
        held = sum([container.memory_bytes(now) for container in self.runtime.containers.values()])
        return held + sum(outsider.held_bytes(now) for outsider in self.outsiders.values())

    def pids_used(self) -> int:
        """Processes of the system, of containers, and whatever else runs here."""
        spared = self.runtime.spare_pids
        if spared is not None:
            return self.pids - spared
        return SYSTEM_PIDS + len(self.outsiders) + sum(c.pids for c in self.runtime.containers.values())

    # -- faults

    def power_off(self, now: int) -> None:
        """Cut the power: processes and containers are gone, with their memory; disks keep what they hold."""
        if self.powered:
            self.powered = False
            self.rules = self.ipam = None
            for name in list(self.outsiders):
                self.dismiss(name)
            self.connections.clear(CONNECTIONS)
            self.runtime.pulse.beat()
            self.runtime.power_off(now)
            for process in self.processes.values():
                process.stop()

    def replace(self, now: int) -> None:
        """The machine is taken away; a fresh one of the same name stands in its place, off, its disk empty."""
        self.power_off(now)
        for volume in list(self.volumes):
            self.remove_volume(volume)
        self.disk.clean()
        self.runtime.wipe()

    def power_on(self, now: int) -> None:
        """Switch it on: its processes start with empty memories; containers are for the kubelet to start."""
        if not self.powered:
            self.powered = True
            self.boots += 1
            self.booted = now
            self.runtime.pulse.beat()
            for name in self.processes:
                self.start_process(name)

    def reboot(self, now: int) -> None:
        """Off and on again."""
        self.power_off(now)
        self.power_on(now)

    def stop_process(self, name: str) -> None:
        """Stop a process (kubelet, kube-proxy, containerd …)."""
        if self.process(name).state is not Running.STOPPED:
            self._told(name, STOPPED)
        self.process(name).stop()

    def start_process(self, name: str) -> None:
        """Start it again, of the version that is installed now."""
        if self.powered:
            process = self.process(name)
            if process.state is Running.STOPPED:
                process.release = self.packages.get(name, process.release)
                process.start()
                self._told(name, STARTED)
                said = self.vet(self, name) if self.vet is not None else ""
                if said:
                    process.leave(said)
                    self._told(name, FAILED, said)

    def pause_process(self, name: str) -> None:
        """Freeze a process; a frozen containerd hangs."""
        self.process(name).pause()

    def resume_process(self, name: str) -> None:
        """Let it go on."""
        if self.process(name).state is Running.PAUSED:
            self.process(name).resume()

    def invite(self, outsider: Outsider, now: int) -> None:
        """A process begins to run here that no container holds."""
        self.outsiders[outsider.name] = outsider
        self._outsiders_changed()
        self.runtime.strain(now)

    def dismiss(self, name: str) -> bool:
        """It has ended; whether it was there."""
        found = self.outsiders.pop(name, None)
        self._outsiders_changed()
        return found is not None

    def _outsiders_changed(self) -> None:
        spared = (outsider.spares for outsider in self.outsiders.values() if outsider.spares is not None)
        self.runtime.spare_pids = min(spared, default=None)

    def fill_disk(self, leave_bytes: int = 0, leave_inodes: int | None = None) -> None:
        """Fill the disk with rubbish until only so much is left, of bytes or of inodes."""
        self.disk.fill(leave_bytes, leave_inodes)
        self._space_changed()

    def clean_disk(self, count: int | None = None) -> None:
        """Take so many bytes of rubbish away, or all of it."""
        self.disk.clean(count)
        self._space_changed()

    def _space_changed(self) -> None:
        layers = (container.layer for container in self.runtime.containers.values())
        for volume in (*self.volumes.values(), *(layer for layer in layers if layer is not None)):
            volume.space_changed()
