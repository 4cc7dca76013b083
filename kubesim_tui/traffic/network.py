"""What routing asks the network: the cluster answers, from what others have programmed (cluster/fabric)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.network.modes import Mode
from kubesim_tui.network.policy import Denial, Party
from kubesim_tui.network.resolver import Resolver
from kubesim_tui.network.ruleset import Ruleset, Target, Targets
from kubesim_tui.traffic.affinity import Affinity
from kubesim_tui.traffic.ewma import Scores
from kubesim_tui.traffic.limits import Zones
from kubesim_tui.traffic.sessions import Sessions
from kubesim_tui.traffic.way import Hop, Station
from kubesim_tui.world.conntrack import Table
from kubesim_tui.world.netem import Pipe
from kubesim_tui.world.regions import Region

TAKES = "proxy"
"""What the image of the ingress controller calls the ports on which it takes users' requests."""


@frozen
class Place:
    """Where an address leads: a machine, and the container that owns the address there (None: nobody does)."""

    machine: str
    powered: bool
    container: Any  # world.container.Container
    hop: Hop


@frozen(eq=False)
class Spot:
    """From where something is asked. Machines for which the network looks alike are one spot."""

    machine: str  # any one of them
    zone: str
    rules: Ruleset
    alone: bool  # links that only this machine has: cut or slow ones

    @property
    def key(self) -> tuple[str, str, Ruleset]:
        """What tells spots apart."""
        return self.machine if self.alone else "", self.zone, self.rules


@frozen
class Entry:
    """Where a name of the world outside leads users."""

    kind: str  # "node", "balancer", "barred", "outside", "none" (no such name), "unassigned" (no such address)
    machine: str = ""
    port: int = 0
    service: tuple[str, str] = ("", "")
    hosts: tuple[str, ...] = ()  # the machines behind a balancer
    machines: tuple[str, ...] = ()  # those of them to which it sends
    detail: str = ""


@frozen
class Unanswered:
    """Why no DNS server answers. `way`: from the asking Pod to where the query ended."""

    code: str  # for explain: "dns-down" (there is no server), "dns-silent", "policy"
    way: tuple[Hop, ...] = ()
    detail: str = ""
    delay_us: int = 0  # how long the resolver waits


@frozen(eq=False)
class Proxy:
    """One Pod of the controller."""

    machine: str
    container: Any  # world.container.Container

    def takes(self, port: int) -> str:
        """By which protocol it serves users on a port, http or https; "" if it does not (it tells of itself there)."""
        listens = (listen for program in self.container.programs if program.answers for listen in program.listens)
        return next((listen.protocol for listen in listens if listen.port == port and listen.name == TAKES), "")


class Fabric(Protocol):
    """See the module. `mode`: of all kube-proxies; `draws`: by which they choose where they choose by chance.

    `luck`: by which Pods of the ingress controller choose.
    """

    mode: Mode
    draws: Draws | None
    luck: Draws
    affinity: Affinity
    zones: Zones
    sessions: Sessions
    scores: Scores

    def entry(self, host: str, port: int) -> Entry:
        """Where users outside get who ask for a host."""
        ...

    def proxies(self) -> Mapping[str, Proxy]:
        """The Pods of the ingress controller, by address."""
        ...

    def configuration(self, proxy: Proxy) -> Configuration:
        """What one of them works by."""
        ...

    def now(self) -> int:
        """What time it is, in Unix seconds."""
        ...

    def region(self, name: str) -> Region | None:
        """A region of users; None if there is none of that name."""
        ...

    def spot(self, machine: str) -> Spot:
        """From where a machine's containers ask."""
        ...

    def powered(self, machine: str) -> bool:
        """Whether a machine is on."""
        ...

    def resolver(self, container: Any) -> Resolver:
        """How a container looks names up."""
        ...

    def resolve(self, machine: str, container: Any, name: str) -> Answer | None:
        """As a container on a machine resolves a name: None if DNS does not answer."""
        ...

    def at(self, ip: str, port: int, node: str) -> Place | None:
        """Who owns an address; None if it leads nowhere (nobody routes it)."""
        ...

    def node_at(self, ip: str) -> str:
        """The machine that has an address; "" if none has."""
        ...

    def address(self, machine: str) -> str:
        """The address of a machine, or of users outside; "" if nobody knows."""
        ...

    def connections(self, machine: str) -> Table | None:
        """The connections that a machine's kernel tracks."""
        ...

    def mapped(self, machine: str, port: int) -> Target | None:
        """The Pod to which a port of a machine is mapped (hostPort)."""
        ...

    def reachable(self, a: str, b: str) -> bool:
        """Links stand between two places."""
        ...

    def latency_us(self, spot: Spot, machine: str) -> int:
        """A round trip from a spot."""
        ...

    def troubled(self) -> bool:
        """Whether packets are lost, or wait, on any link."""
        ...

    def losses(self, a: str, b: str) -> tuple[int, tuple[Pipe, ...]]:
        """How many of a thousand packets between two places are lost, and the narrow links on the way."""
        ...

    def station(self, place: Place) -> Station:
        """The station of a container, the same one every time."""
        ...

    def origin(self, machine: str, container: Any) -> Party | None:
        """Who asks, to NetworkPolicies: a container's Pod, or a machine; None while there are no policies."""
        ...

    def face(self, origin: Party | None) -> object:
        """What tells callers apart to NetworkPolicies."""
        ...

    def bars(self, origin: Party, place: Place, port: int, protocol: str = "TCP") -> Denial | None:
        """Why NetworkPolicies do not let a connection through; None if they do."""
        ...

    def name_server(self, machine: str, container: Any) -> tuple[tuple[Hop, ...], Targets]:
        """The server that answers a container's lookups; nobody, if that is one outside."""
        ...

    def unanswered(self, machine: str, container: Any) -> Unanswered:
        """Why a container's lookups are not answered."""
        ...
