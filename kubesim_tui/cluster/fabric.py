"""The fabric: what the network is made of, as traffic and single requests meet it.

It only joins what others have programmed: the links of the world, the rules of each machine, the tables of DNS and of
the ingress controller, the containers behind addresses. It decides nothing.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.addresses import NAMESPACE
from kubesim_tui.cluster.barriers import USERS, Barriers
from kubesim_tui.cluster.checks import HealthChecks
from kubesim_tui.cluster.dns_caches import DnsCaches
from kubesim_tui.cluster.edge import Edge
from kubesim_tui.cluster.name_servers import NameServers
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.cluster.roots import Roots
from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.dns_zone import Zone
from kubesim_tui.network.healthcheck import here, told
from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.network.modes import Mode
from kubesim_tui.network.policy import Denial, Party
from kubesim_tui.network.policy_agent import PolicyAgent
from kubesim_tui.network.resolver import Resolver, hosts, is_address, of_namespace, parse
from kubesim_tui.network.ruleset import Ruleset, Targets
from kubesim_tui.traffic.affinity import Affinity
from kubesim_tui.traffic.ewma import Scores
from kubesim_tui.traffic.limits import Zones
from kubesim_tui.traffic.network import Entry, Place, Proxy, Unanswered
from kubesim_tui.traffic.rows import write
from kubesim_tui.traffic.sessions import Sessions
from kubesim_tui.traffic.telling import most as most_of
from kubesim_tui.traffic.telling import worked as at_work
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.traffic.way import Hop, Row, Station
from kubesim_tui.world.balancer import Balancer
from kubesim_tui.world.config import HOSTS, RESOLV
from kubesim_tui.world.container import Container
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.regions import Region
from kubesim_tui.world.world import World


class Fabric(Roots):
    """See the module. `traffic` is wired in after both are made."""

    def __init__(
        self,
        world: World,
        etcd: Etcd,
        zone: Zone,
        live: Ruleset,
        policies: PolicyAgent,
        plane: ControlPlane,
        inside: Sequence[str],
        mode: Mode,
        draws: Draws,
        luck: Draws,
    ) -> None:
        """`inside`: the ranges of the cluster's own addresses; `mode` and `draws`: of its kube-proxies; `luck`: of
        its ingress controller."""
        super().__init__(world, etcd, plane)
        self.policies, self.barriers = policies, Barriers(policies, etcd, world)
        self.names = NameServers(self, world, plane, self.barriers, zone, inside, etcd.clock)
        self.mode = mode
        self.draws: Draws | None = draws if mode.draws else None
        self.luck = luck
        self.affinity = Affinity(etcd.clock)
        self.zones, self.sessions, self.scores = Zones(etcd.clock), Sessions(), Scores()
        self.live = live  # of all machines whose kube-proxy is in sync; others' stand still, who leaves calls `changed`
        self.edge = Edge(world, plane)
        self.traffic: Traffic | None = None
        self.checks = HealthChecks(ChainMap(world.cloud.balancers, self.edge.fronts), self._is_well)
        world.cloud.listen(self)
        self._kept: dict[tuple[str, Resolver, str], tuple[int, Answer]] = {}  # resolvers' caches: until when, what
        self._expires = 0  # when the first of them does
        self.caches = DnsCaches(world.pulse)
        self._changes = 0
        self._squeezed: list[str] = []  # machines whose processors do not suffice
        self._spare = (-1, 0)  # at so many beats of the world each machine had at least so much (µs) for requests

    # -- ways in -----------------------------------------------------------------------------------------------

    def entry(self, host: str, port: int) -> Entry:
        """Where users outside get who ask for a host."""
        machine = host if host in self.world.machines else self.node_at(host)
        if machine:
            return Entry("node", machine, port)
        if host in self.world.outside:
            return Entry("outside")
        balancers = self.world.cloud.balancers.values()
        balancer = next((b for b in balancers if b.ip == host), None)
        if balancer is None or balancer.ready > self.etcd.clock.tick:
            balancer = self.edge.front  # the public DNS leads there
            if is_address(host) and (balancer is None or balancer.ip != host):
                return Entry("unassigned", detail=f"nobody has address {host}")
        if balancer is None:
            return Entry("none", detail=f"no DNS record for {host}")
        return self._by_balancer(balancer, port)

    def _by_balancer(self, balancer: Balancer, port: int) -> Entry:
        self.checks.look(self.etcd.clock.tick)
        service: types.Object | None = self.etcd.get("services", balancer.service)
        ranges = service.spec.load_balancer_source_ranges if isinstance(service, types.Service) and service.spec else ()
        if ranges and not any(ip_address(USERS) in ip_network(one, strict=False) for one in ranges):
            return Entry("barred", port=port, service=balancer.service, detail=f"not from {', '.join(ranges)}")
        machines, hosts = self.checks.takes(balancer) if balancer.up else (), tuple(balancer.machines)
        return Entry("balancer", port=port, service=balancer.service, hosts=hosts, machines=machines)

    def _is_well(self, balancer: Balancer, machine: str) -> bool:
        """Whether a machine answers a balancer's health check."""
        found = self.world.machines.get(machine)
        if found is None or not self.hears(machine) or not found.runs("kube-proxy"):
            return False
        if not balancer.local:
            return True
        return here(self.rules(machine), balancer.service, machine) > 0

    def health(self, host: str, port: int) -> Fetched | None:
        """What the kube-proxy of a machine answers to who asks for the health of a Service; None on other ports."""
        if not self.live.health_ports:
            return None
        machine = host if host in self.world.machines else self.node_at(host)
        found = self.world.machines.get(machine)
        if found is None or not found.runs("kube-proxy") or not self.hears(machine):
            return None
        return told(self.rules(machine), machine, port)

    def proxies(self) -> Mapping[str, Proxy]:
        """The Pods of the ingress controller, by address."""
        return self.edge.proxies()

    def configuration(self, proxy: Proxy) -> Configuration:
        """What one of them works by."""
        return self.edge.configuration(proxy)

    def now(self) -> int:
        """What time it is, in Unix seconds."""
        return self.etcd.clock.now

    def region(self, name: str) -> Region | None:
        """A region of users."""
        return self.world.regions.get(name)

    # -- tables ------------------------------------------------------------------------------------------------

    # -- names -------------------------------------------------------------------------------------------------

    def resolver(self, container: Container | None) -> Resolver:
        """How a container looks names up; without one, a process of the cluster's own."""
        if container is None:
            return of_namespace("default")
        text = container.sandbox.files.get(RESOLV)
        return parse(text) if text else of_namespace(container.sandbox.labels.get(NAMESPACE, "default"))

    def resolve(self, machine: str, container: Container | None, name: str) -> Answer | None:
        """As a container resolves a name; its machine keeps an answer of many addresses for its TTL."""
        if is_address(name):
            return Answer(name, (name,))
        known = hosts(container.sandbox.files.get(HOSTS, "")) if container is not None else {}
        if name in known:
            return Answer(name, (known[name],))
        if container is not None and name == container.sandbox.hostname:
            return Answer(name, (container.sandbox.ip,))
        return self._ask(machine, container, name)

    def _ask(self, machine: str, container: Container | None, name: str) -> Answer | None:
        resolver, tick = self.resolver(container), self.etcd.clock.tick
        until, kept = self._kept.get((machine, resolver, name), (0, None))
        if kept is not None and tick < until:
            return kept
        server = self.names.asked(machine, container, resolver.servers)
        if server is None:
            return self._by_strangers(resolver, name)
        if isinstance(server, Unanswered):
            return self.caches.recall(machine, (resolver, name), tick)
        answer = server.resolve(name, resolver)
        self.caches.learn(machine, (resolver, name), answer, tick, server.ttl)
        if answer.exists and len(answer.addresses) > 1:
            self._kept[machine, resolver, name] = (tick + server.ttl, answer)
            self._expires = min(until for until, _ in self._kept.values())
        return answer

    def name_server(self, machine: str, container: Container | None) -> tuple[tuple[Hop, ...], Targets]:
        """The server that answers a container's lookups; nobody, if that is one outside, or the machine's own cache."""
        if self.caches.on(machine) is not None:
            return (), ()
        return self.names.serving(machine, container, self.resolver(container).servers)

    def unanswered(self, machine: str, container: Container | None) -> Unanswered:
        """Why a container's lookups are not answered."""
        found = self.names.asked(machine, container, self.resolver(container).servers)
        assert isinstance(found, Unanswered), "they are answered"
        return found

    def _by_strangers(self, resolver: Resolver, name: str) -> Answer:
        """As the DNS of the world outside answers a resolver."""
        answers = map(self.names.outside, resolver.candidates(name.lower()))
        return next((found for found in answers if found.exists), Answer(name, exists=False))

    def _expire(self, tick: int) -> None:
        self._kept = {key: kept for key, kept in self._kept.items() if kept[0] > tick}
        self._expires = min((until for until, _ in self._kept.values()), default=0)
        self._changes += 1

    # -- NetworkPolicies ---------------------------------------------------------------------------------------

    def origin(self, machine: str, container: Container | None) -> Party | None:
        """Who asks: a container's Pod, a machine, or users outside; None while there are no policies."""
        return self.barriers.origin(machine, container)

    def address(self, machine: str) -> str:
        """The address of a machine, or of users outside; "" if nobody knows."""
        return self.barriers.address(machine)

    def face(self, origin: Party | None) -> object:
        """What tells callers apart."""
        return self.barriers.face(origin)

    def bars(self, origin: Party, place: Place, port: int, protocol: str = "TCP") -> Denial | None:
        """Why a connection is not let through."""
        return self.barriers.bars(origin, place, port, protocol)

    # -- stations ----------------------------------------------------------------------------------------------

    def station(self, place: Place) -> Station:
        """The station of a container, the same one every time."""
        assert self.traffic is not None
        return self.traffic.station(place)

    def changed(self) -> None:
        """Somebody's rules, process or link, or a balancer has changed."""
        self.checks.look(self.etcd.clock.tick)
        self.names.look(self.etcd.clock.tick)
        self._changes += 1
        self.world.pulse.beat()

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever a way may lead elsewhere."""
        if self._expires and self.etcd.clock.tick >= self._expires:
            self._expire(self.etcd.clock.tick)
        if self.caches.ends and self.caches.turned(self.etcd.clock.tick):
            self._changes += 1
        if self.names.turned():
            self._changes += 1
        if self.checks.wants(self.etcd.clock.tick, self.live.version):
            self.changed()
        self.edge.turn(self.etcd.clock.now)
        links, policies = self.world.links.version, self.policies.version
        return (
            self.world.pulse.beats,
            links,
            self.live.version,
            policies,
            self.edge.version,
            self.names.live.version,
            self._changes,
        )

    def used(self, stations: Sequence[Station], in_rows: Sequence[Row], tick: int) -> list[str]:
        """Containers worked in this tick: their machines feel it, and share their processors out anew if need be."""
        cpu, memory, alone = 0, 0, list(stations)  # the most of any one machine, if it had to do all of it
        look = False
        for row in in_rows:
            memory_bytes, cpu_us = most_of(row)
            ledger = row.ledger
            if ledger.takes(memory_bytes, tick):
                if row.turn is not None:
                    ledger.add_turn(row.turn, row.stations[0].memory_bytes, tick)
                else:
                    ledger.add(row.told, row.stations[0].memory_bytes, tick)
                cpu += row.most * cpu_us
                memory += row.most * memory_bytes
                look = look or tick >= ledger.look_at
            else:
                write(row)
                alone += at_work(row)
        own_cpu, own_memory = self._tell(alone, tick)
        cpu, memory = cpu + own_cpu, memory + own_memory
        if look:
            for row in in_rows:
                if tick >= row.ledger.look_at:
                    row.ledger.strain(memory, tick)
        beats = self.world.pulse.beats
        if beats != self._spare[0]:
            least = min((m.runtime.spare_us() for m in self.world.machines.values()), default=0)
            self._spare = (beats, least)
        if cpu <= self._spare[1] and not self._squeezed:  # any one machine could have done all of it
            return []
        return self._share_out([*stations, *(station for row in in_rows for station in at_work(row))], tick)

    def _tell(self, stations: Sequence[Station], tick: int) -> tuple[int, int]:
        """Each machine what its containers had to do; how much processor time and memory that took, all together."""
        machines, cpu, memory = self.world.machines, 0, 0
        for station in stations:
            work = station.work
            machine = machines.get(station.machine)
            if work is not None and machine is not None:
                cpu_us, memory_bytes = work.outcome.cpu_us, work.inside * station.memory_bytes
                cpu += cpu_us
                memory += memory_bytes
                machine.runtime.load(
                    station.container.id,
                    tick,
                    requests=station.arrivals,
                    in_flight=work.inside,
                    memory_bytes=memory_bytes,
                    cpu_us=cpu_us,
                    wait_us=work.wait_us,
                )
        return cpu, memory

    def _share_out(self, stations: Sequence[Station], tick: int) -> list[str]:
        """See to each machine's processors; on which of them something has changed."""
        machines = self.world.machines
        spent = dict.fromkeys(self._squeezed, 0)
        for station in stations:
            work = station.work
            if work is not None:
                spent[station.machine] = spent.get(station.machine, 0) + work.outcome.cpu_us
        there = {name: machines[name].runtime for name in spent if name in machines}
        changed = [name for name, runtime in there.items() if runtime.shares_out(spent[name], tick)]
        if changed:
            self._squeezed = [name for name, runtime in there.items() if runtime.ceilings]
        return changed
