"""What the world itself can say to an explanation: power, processes, what a container has in its environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.fairness import Fairness
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.backlogs import backlogs
from kubesim_tui.cluster.desks import was_killed
from kubesim_tui.cluster.edge import NAME as INGRESS
from kubesim_tui.cluster.managers import Managers
from kubesim_tui.cluster.net import SingleRequests
from kubesim_tui.cluster.plane import BALANCER, ETCD, SERVER, ControlPlane
from kubesim_tui.cluster.polling import Polling
from kubesim_tui.cluster.processes import last_words
from kubesim_tui.cluster.strangers import Intruder
from kubesim_tui.cluster.trust import KUBELET, Trust
from kubesim_tui.cluster.workload import at_its_end, at_work
from kubesim_tui.explain.work import AtWork, Backlog
from kubesim_tui.explain.world import (
    AddressUse,
    Ailing,
    Beside,
    DiskUse,
    Polled,
    Squeeze,
    Tracking,
)
from kubesim_tui.metrics.usage import container_usage
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.traffic.way import Fail
from kubesim_tui.world import cpu
from kubesim_tui.world.container import Container
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.plan import Call
from kubesim_tui.world.replication import copying
from kubesim_tui.world.replication.node import program_of
from kubesim_tui.world.world import World

ALMOST = 95
"""Per cent of its limit from which on a container counts as held back by it."""


class Witness:
    """Implements explain.world.World."""

    def __init__(
        self,
        world: World,
        plane: ControlPlane,
        managers: Managers,
        trust: Trust,
        fairness: Fairness,
        traffic: Traffic,
        intruder: Intruder,
        net: SingleRequests,
        polling: Polling,
    ) -> None:
        self.world, self.plane, self.managers, self.trust = world, plane, managers, trust
        self.fairness, self.traffic, self.intruder, self.net = fairness, traffic, intruder, net
        self.polling = polling
        self.control_plane = plane.names
        self.etcd_machines = tuple(host.name for host in plane.hosts)

    def powered(self, machine: str) -> bool:
        """Whether a machine is on."""
        found = self.world.machines.get(machine)
        return found is not None and found.powered

    def outside_up(self, name: str) -> bool | None:
        """Whether a system outside the cluster is on; None if there is none of that name."""
        found = self.world.outside.get(name)
        return found.is_up if found is not None else None

    def on_since(self, machine: str) -> int | None:
        """When a machine was last switched on again; None if it never was off."""
        found = self.world.machines.get(machine)
        return found.booted if found is not None and found.boots > 1 else None

    def cut(self, machine: str) -> bool:
        """Whether any link of a machine is cut."""
        links = self.world.links
        return any(not links.reachable(machine, other) for other in (*self.world.machines, OUTSIDE, BALANCER))

    def environment(self, namespace: str, pod: str) -> Mapping[str, str]:
        """The environment of a Pod's first container, as its process has it; empty if it does not run."""
        first = next(self._containers(namespace, pod), None)
        return first.environment() if first is not None else {}

    def process_runs(self, machine: str, process: str) -> bool:
        """Whether a process of a machine runs."""
        found = self.world.machines.get(machine)
        return found is not None and found.runs(process)

    def failure(self, machine: str, process: str) -> str:
        """What a process of a machine says last that ends as soon as it begins, with its release; "" if none does."""
        found = self.world.machines.get(machine)
        known = found.processes.get(process) if found is not None else None
        said = last_words(known) if known is not None and known.gone else ""
        return f"{process} {known.release} ends as soon as it begins: {said}" if known is not None and said else ""

    def slowness(self, machine: str, process: str) -> int:
        """How many times slower a process of a machine is than it should be."""
        found = self.world.machines.get(machine)
        return found.process(process).slow if found is not None else 1

    def cloud(self) -> str:
        """How the API of the cloud is: "", "down" or "throttled"."""
        account = self.world.cloud
        return "down" if not account.up else "throttled" if account.patience > 1 else ""

    def balancer_lost(self, namespace: str, service: str) -> bool:
        """Whether the balancer of a Service passes nothing on."""
        balancers = self.world.cloud.balancers.values()
        return any(not one.up for one in balancers if one.service == (namespace, service))

    def storage_seconds(self) -> int | None:
        """How long the driver of network disks takes; None: it does not answer."""
        return self.world.cloud.seconds

    def runtime(self, machine: str) -> str:
        """The process that is a machine's container runtime."""
        found = self.world.machines.get(machine)
        return found.runtime.brand.process if found is not None else ""

    def connected(self, machine: str) -> bool:
        """Whether a machine reaches the control plane; one of its own, another of it."""
        others = [name for name in self.control_plane if name != machine] or self.control_plane
        return any(self.world.links.reachable(machine, name) for name in others)

    def link_delay_us(self, machine: str) -> int:
        """How much longer every round trip from or to a machine takes than it should."""
        return self.world.links.added_us(machine)

    def link_loss_pm(self, machine: str) -> int:
        """How many of a thousand packets from or to a machine are lost, where most are."""
        links = self.world.links
        return max(links.worst_loss_pm(machine), links.worst_loss_pm(OUTSIDE))

    def link_bytes_s(self, machine: str) -> int:
        """How many bytes a second get from and to a machine; 0: as many as are wanted."""
        return self.world.links.bytes_s(machine)

    def pod_network(self, namespace: str, pod: str) -> tuple[int, int] | None:
        """How much longer a Pod's round trips take (µs) and how many of a thousand packets it loses; None: all well."""
        for machine in self.world.machines.values():
            for sandbox in machine.runtime.sandboxes.values():
                if sandbox.netem is not None and _is_of(sandbox.labels, namespace, pod):
                    return sandbox.netem.delay_us, sandbox.netem.loss_pm
        return None

    def ingress_lags(self) -> tuple[str, str] | None:
        """(namespace, name) of a Pod of the ingress controller that has not taken over yet what it could hear."""
        edge = self.net.fabric.edge
        late = next((proxy for proxy in edge.proxies().values() if edge.lags(proxy)), None)
        labels = late.container.sandbox.labels if late is not None else {}
        return (labels.get(NAMESPACE, ""), labels.get(POD, "")) if late is not None else None

    def keeper(self, process: str) -> str:
        """The machine where a process of the control plane does its work, or did last."""
        if process == INGRESS:
            return self.net.fabric.edge.place
        if process == ETCD:
            return self.plane.members.leader or self.plane.members.last
        return self.managers.keeper(process)

    def etcd_leader(self) -> str:
        """The machine of the member of etcd that leads; "" if none does."""
        return self.plane.members.leader

    def acts(self, process: str) -> bool:
        """Whether a process of the control plane does its work anywhere."""
        if process in self.managers.seats:
            return self.managers.acts(process)
        if process == ETCD:
            return bool(self.plane.members.leader) and any(door.etcd.serves() for door in self.plane.doors)
        return any(self.process_runs(machine, process) for machine in self.control_plane)

    def discarded(self, namespace: str, pod: str) -> tuple[int, str] | None:
        """How many records a member of a database gave up when it followed another, and whom; None if it did not."""
        for container in self._containers(namespace, pod):
            program = program_of(container)
            journal = copying.journal(container, program) if program is not None else None
            if journal is not None and journal.discarded:
                return journal.discarded, journal.followed
        return None

    def disk(self, machine: str) -> DiskUse | None:
        """What is on the disk of a machine."""
        found = self.world.machines.get(machine)
        if found is None:
            return None
        written: dict[tuple[str, str], int] = {}
        for container in found.runtime.containers.values():
            labels = container.sandbox.labels
            key = (labels.get(NAMESPACE, ""), labels.get(POD, ""))
            mounted = (m.volume.used_bytes for m in container.config.mounts if m.volume.disk is found.disk)
            written[key] = written.get(key, 0) + container.disk_bytes + sum(mounted)
        writer = max(sorted(written), key=lambda key: written[key], default=None)
        disk = found.disk
        gone = 0 < disk.inodes <= disk.rubbish_inodes
        most = written[writer] if writer is not None else 0
        return DiskUse(disk.capacity_bytes, disk.used_bytes, disk.rubbish_bytes, gone, writer, most)

    def addresses(self, machine: str) -> AddressUse | None:
        """What a machine's network plug-in has given out; None while it has no range."""
        found = self.world.machines.get(machine)
        ipam = found.ipam if found is not None else None
        return AddressUse(ipam.size, len(ipam.used), ipam.strays) if ipam is not None else None

    def distrust(self, machine: str) -> tuple[str, str]:
        """Whose certificate keeps the kubelet of a machine and the API server apart, and what is said; ("", "")."""
        server = next((door.place for door in self.plane.doors if door.serves()), "")
        refused = self.trust.refusal(machine, KUBELET, server) if server else None
        if refused is None:
            return "", ""
        return (KUBELET, str(refused)) if isinstance(refused, StatusError) else (SERVER, str(refused))

    def clock_skew(self, machine: str) -> int:
        """By how many seconds the clock of a machine goes wrong."""
        found = self.world.machines.get(machine)
        return found.clock_skew if found is not None else 0

    def etcd_full(self) -> bool:
        """Whether etcd has its NOSPACE alarm."""
        return self.plane.members.backend.full

    def polled(self) -> Polled | None:
        """What programs list from the API server over and over: who asks for most; None if nobody does."""
        return self.polling.greediest()

    def starved(self) -> tuple[str, ...]:
        """The machines on which the kernel has last killed the API server for its memory."""
        return tuple(machine.name for machine in self.plane.machines if was_killed(machine))

    def floods(self) -> list[tuple[str, int]]:
        """Who floods the API server, with how many requests a second; the worst first."""
        found = [(flood.request.user.name, flood.rate) for flood in self.fairness.floods.values()]
        return sorted(found, key=lambda flood: (-flood[1], flood[0]))

    def held(self, namespace: str, pod: str) -> tuple[int, int, int]:
        """How many connections of a Pod strangers hold, how many servers that keeps from others, and of how many."""
        found = [c for c in self._containers(namespace, pod) if c.held]
        servers = sum(p.spec.concurrency for c in found for p in c.programs if p.answers)
        return sum(c.held for c in found), servers - sum(c.concurrency for c in found), servers

    def used_outside(self, user: str) -> bool:
        """Whether somebody outside has the token of a user."""
        return self.intruder.uses(user)

    def volume(self, handle: str, machine: str) -> Ailing | None:
        """What ails a network disk, or a directory of a machine; None if there is no such volume."""
        there = self.world.machines.get(machine)
        found = self.world.cloud.disks.get(handle) or (there.volumes.get(handle) if there is not None else None)
        if found is None:
            return None
        ills = found.ills
        return Ailing(ills.delay_us, ills.fails, ills.read_only, self.world.cloud.hangs(handle))

    def beside(self, machine: str) -> Beside | None:
        """What runs on a machine beside its containers; None if nothing does."""
        found = self.world.machines.get(machine)
        if found is None or not found.outsiders:
            return None
        now, held = found.runtime.now, dict[str, int]()
        for container in found.runtime.containers.values():
            held[container.sandbox.id] = held.get(container.sandbox.id, 0) + container.memory_bytes(now)
        others = found.outsiders.values()
        memory, forks = sum(o.held_bytes(now) for o in others), any(o.spares is not None for o in others)
        return Beside(tuple(found.outsiders), memory, max(held.values(), default=0), forks)

    def connections(self, machine: str) -> Tracking | None:
        """What a machine's kernel tracks."""
        found = self.world.machines.get(machine)
        if found is None:
            return None
        return Tracking(found.connections.entries, found.connections.limit, found.connections.stuck)

    def squeezed(self, namespace: str, pod: str) -> Squeeze | None:
        """How a Pod is held back by its neighbours; None if it is not."""
        for container in self._containers(namespace, pod):
            runtime = self.world.machines[container.host.machine].runtime
            ceiling, load = runtime.ceilings.get(container.id), container.load
            if ceiling is None or load is None or load.cpu_us * 100 < ceiling * 1000 * ALMOST:
                continue
            others = [c for c in runtime.containers.values() if c.sandbox is not container.sandbox]
            most = max(others, key=lambda c: (container_usage(c, load.tick)[0], c.id), default=None)
            if most is not None:
                labels = most.sandbox.labels
                neighbour = (labels.get(NAMESPACE, ""), labels.get(POD, ""))
                requested = most.config.limits.shares * 1000 // cpu.SHARES_A_CORE
                used = container_usage(most, load.tick)[0]
                return Squeeze(runtime.machine, ceiling, neighbour, used, requested)
        return None

    def work(self, namespace: str, pod: str) -> AtWork | None:
        """What requests to a Pod spend their time on; None if it does not run."""
        first = next(self._containers(namespace, pod), None)
        return at_work(self.traffic, first) if first is not None else None

    def work_at_its_end(self, namespace: str, pod: str) -> AtWork | None:
        """The same of its container that ended last, with requests inside; None if none did of late."""
        return at_its_end(self.traffic, ("Pod", namespace, pod))

    def backlogs(self) -> list[Backlog]:
        """The queues of messages."""
        return backlogs(self.traffic.queues, self.traffic.engine.clock.tick)

    def dial(self, host: str, port: int) -> Fail | None:
        """How a connection of the API server to an address fails; None if it does not."""
        return self.net.failure(self.plane.place, Call(host, port))

    def crowded(self, namespace: str, pod: str) -> bool:
        """Whether more requests are, or were when it was killed for its memory, in a Pod than it has hands for."""
        work = self.work(namespace, pod)
        if work is not None:
            return work.full
        ended = list(self._containers(namespace, pod, ended=True))
        return bool(ended) and ended[-1].held_bytes * 2 > ended[-1].memory_limit_bytes

    def hangs(self, namespace: str, pod: str) -> bool:
        """Whether a program of a Pod lives and answers nobody."""
        return any(c.ailment is not None and c.ailment.hangs for c in self._containers(namespace, pod))

    def throttled(self, namespace: str, pod: str) -> bool:
        """Whether a container of a Pod used all the processor time that its limit grants."""
        for container in self._containers(namespace, pod):
            limit, load, left = container.config.limits.cpu_milli, container.load, container.serving_milli
            if limit is None or left is None or load is None:
                continue
            if load.cpu_us * 100 >= min(limit, left) * 1000 * ALMOST:
                return True
        return False

    def _containers(self, namespace: str, pod: str, *, ended: bool = False) -> Iterator[Container]:
        for machine in self.world.machines.values():
            for container in machine.runtime.containers.values():
                mine = _is_of(container.sandbox.labels, namespace, pod)
                if mine and (container.exit_code is not None) == ended:
                    yield container


def _is_of(labels: Mapping[str, str], namespace: str, pod: str) -> bool:
    return (labels.get(NAMESPACE), labels.get(POD)) == (namespace, pod)
