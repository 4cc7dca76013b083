"""The control plane: its machines, their API servers and etcd members, and the ways to them (kubeadm's two topologies).

Stacked, each machine has an etcd member and an API server that asks this member only. External members stand on
machines of their own, which are no nodes, and each API server asks any of them. Controller manager, scheduler and
kubelet of a machine ask its own API server; all others a balancer, which sends to a server that is ready (it hears
etcd's leader) and reachable, or else to one that at least answers. With one machine all of that is the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubesim_tui.api.releases import VERSION
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.raft import Members
from kubesim_tui.cluster.etcd_servers import EtcdServers
from kubesim_tui.cluster.liveness import Liveness
from kubesim_tui.cluster.processes import Spread
from kubesim_tui.cluster.roads import Road
from kubesim_tui.cluster.trust import Trust
from kubesim_tui.world.links import Links
from kubesim_tui.world.machine import Machine

CONTROL_PLANE = "control-plane"
"""The machine of a control plane of one; of several they are cp-1, cp-2 …."""
CONTROL_PLANE_ROLE = "node-role.kubernetes.io/control-plane"
"""The label of its nodes, and the key of the taint that keeps others away."""
BALANCER = "balancer"
"""The place from which a balancer of several API servers asks."""
ETCD, SERVER = "etcd", "kube-apiserver"
LATE = "Timeout: request did not complete within requested timeout - context deadline exceeded"


def names(count: int) -> tuple[str, ...]:
    """The machines of a control plane."""
    return (CONTROL_PLANE,) if count == 1 else tuple(f"cp-{i}" for i in range(1, count + 1))


def etcd_names(count: int) -> tuple[str, ...]:
    """The machines of an external etcd."""
    return tuple(f"etcd-{i}" for i in range(1, count + 1))


def addresses(machines: Iterable[str]) -> dict[str, str]:
    """Of all that are set up first, in their order."""
    return {name: f"172.18.0.{number}" for number, name in enumerate(machines, 2)}


class Door:
    """One API server."""

    __slots__ = ("etcd", "liveness", "machine", "place", "trust")

    def __init__(self, machine: Machine, etcd: EtcdServers, trust: Trust, liveness: Liveness) -> None:
        self.machine, self.etcd, self.place, self.trust = machine, etcd, machine.name, trust
        self.liveness = liveness

    def answers(self) -> bool:
        """It runs, and has not been ended for want of etcd: somebody accepts connections."""
        return self.machine.runs(SERVER) and not self.liveness.ended(self.place)

    def has_etcd(self) -> bool:
        """A member that it may ask runs."""
        return self.etcd.there()

    def serves(self) -> bool:
        """It is ready: its etcd hears the leader."""
        return self.answers() and self.etcd.serves()

    def distrust(self, caller: str, whose: str) -> ApiError | None:
        """Why it and a caller do not believe each other; None if they do."""
        return self.trust.refusal(caller, whose, self.place) if self.trust.doubts else None

    def refusal(self, *, write: bool) -> ApiError:
        """What it says while it is not ready; without an etcd at all its own patience ends."""
        if not self.has_etcd():
            return StatusError(504, "Timeout", LATE).at("etcd")
        return self.etcd.members.refusal(write=write)

    def release(self) -> str:
        """Of what runs there."""
        return self.machine.process(SERVER).release or VERSION

    def cached(self) -> int:
        """The revision that its watch cache shows: as far as etcd had come when it was heard last."""
        return self.liveness.heard(self.place)


class ControlPlane:
    """See the module."""

    def __init__(
        self,
        machines: Sequence[Machine],
        hosts: Sequence[Machine],
        members: Members,
        links: Links,
        trust: Trust,
        liveness: Liveness,
    ) -> None:
        """`hosts`: the machines of etcd, which are the same where it is stacked."""
        self.machines, self.hosts = tuple(machines), tuple(hosts)
        self.members, self.links, self.liveness = members, links, liveness
        self.names = tuple(machine.name for machine in machines)
        self.external = tuple(host.name for host in hosts if host.name not in self.names)
        self.places = (*self.names, *self.external)
        self.addresses = addresses(self.places)
        self.doors = tuple(Door(machine, liveness.etcds[machine.name], trust, liveness) for machine in machines)

    def runs(self) -> bool:
        """An API server is ready: what a process of theirs asks."""
        return any(door.serves() for door in self.doors)

    def slowness(self) -> int:
        """API servers are not slowed."""
        return 1

    @property
    def place(self) -> str:
        """The machine of an API server that is ready; of the first, if none is."""
        return next((door.place for door in self.doors if door.serves()), self.names[0])

    @property
    def front(self) -> str:
        """Where people and all that lies outside stand."""
        return self.names[0] if len(self.names) == 1 else BALANCER

    def road(self, place: str, whose: str = "") -> Road:
        """From a place to the API servers: on a machine of the control plane to its own; `whose`: the caller."""
        own = tuple(door for door in self.doors if door.place == place)
        return Road(self.links, place, own or self.doors, whose)

    def balanced(self, place: str) -> Road:
        """From a place to any of the API servers, as the balancer chooses."""
        return Road(self.links, place, self.doors)

    def spread(self, name: str) -> Spread:
        """A process that all of the machines have, each for all."""
        return Spread(self.machines, name, self.links)

    def reachable(self, _place: str, machine: str) -> bool:
        """Whether an API server that is ready reaches a machine."""
        ready = [door for door in self.doors if door.serves()] or self.doors[:1]
        return any(self.links.reachable(door.place, machine) for door in ready)
