"""Who answers: builds the tree of ways for one stream of users, as the cluster's own tables say it *now*.

Nothing here looks at the store: outside names lead to a balancer, a node port or the ingress controller; the controller
has its routing table; a Service's address means what the rules of *that* machine say; a name means what DNS answers; a
Pod's address leads to a container if there is one, and into nothing if there is none.
"""

from __future__ import annotations

from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.network.dns import Answer
from kubesim_tui.network.ruleset import Rule, Ruleset, Target
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Hop, Leg, Station
from kubesim_tui.world.plan import Call, Plan

INGRESS_TIMEOUT_US = 60_000_000  # proxy_read_timeout of ingress-nginx; its connect time-out is 5 s
CONNECT_TIMEOUT_US = 5_000_000
DEEPEST = 8


@frozen
class Place:
    """Where an address leads: a machine, and the container that owns the address there (or nobody)."""

    machine: str
    powered: bool
    container: Any  # world.container.Container, or None: the machine has no such address
    hop: Hop
    namespace: str


@frozen
class Entry:
    """Where a name of the world outside leads users."""

    kind: str  # "node", "service", "ingress", "outside", "none"
    machine: str = ""
    port: int = 0
    service: tuple[str, str] = ("", "")
    detail: str = ""


@frozen
class Matched:
    """What the ingress controller makes of a request."""

    ingress: tuple[str, str]
    service: tuple[str, str]
    port: int | str


class Fabric(Protocol):
    """What the network is made of; the cluster answers."""

    def entry(self, host: str, port: int) -> Entry:
        """Where users outside get who ask for a host."""
        ...

    def ingress(self) -> tuple[str, bool, Any] | None:
        """(machine, runs, controller) of the ingress controller; None if there is none."""
        ...

    def rules(self, machine: str) -> Ruleset:
        """The rules programmed on a machine."""
        ...

    def powered(self, machine: str) -> bool:
        """Whether a machine is on."""
        ...

    def resolve(self, machine: str, namespace: str, name: str) -> Answer | None:
        """As a Pod on a machine resolves a name: None if DNS does not answer."""
        ...

    def at(self, ip: str, port: int, node: str) -> Place | None:
        """Who owns an address; None if it leads nowhere (nobody routes it)."""
        ...

    def reachable(self, a: str, b: str) -> bool:
        """Links stand between two places."""
        ...

    def latency_us(self, a: str, b: str) -> int:
        """A round trip between two places."""
        ...

    def station(self, place: Place) -> Station:
        """The station of a container, the same one every time."""
        ...


class Router:
    """Builds one tree. A destination is made once a machine and target, so that callers share it."""

    def __init__(self, fabric: Fabric, users: Users) -> None:
        self.fabric, self.users = fabric, users
        self._made: dict[tuple[str, str, str, int, str, str], Destination] = {}
        self._open: list[tuple[str, str, str, int, str, str]] = []
        self._single = False

    def root(self) -> Destination:
        """Where the users' requests go."""
        users = self.users
        entry = self.fabric.entry(users.host, users.port)
        if entry.kind == "none":
            return _failing((), Fail("no such host", "dns-outside", (), entry.detail))
        if entry.kind == "ingress":
            return self._by_ingress()
        if entry.kind == "node":
            return self._by_node_port(entry)
        if entry.kind == "service":
            return self._by_balancer(entry)
        way: tuple[Hop, ...] = (("Outside", "", users.host),)
        return Destination(way, (self._leg(way, "outside", Target(users.host, users.port, "", "", ""), self._asks()),))

    def single(self, call: Call, machine: str, namespace: str) -> Destination:
        """Where one request of a container leads; nothing is made of what is called in turn."""
        self._single = True
        place = Place(machine, True, None, ("Pod", namespace, ""), namespace)
        return self._target(call, place, Ask(call.method, call.path, call.timeout_us))

    def _asks(self) -> Ask:
        return Ask(self.users.method, self.users.path, self.users.timeout_us)

    # -- the three ways in -------------------------------------------------------------------------------------

    def _by_ingress(self) -> Destination:
        users, found = self.users, self.fabric.ingress()
        if found is None:
            return _failing((), Fail("connection refused", "no-ingress-controller", ()))
        machine, runs, controller = found
        if not self.fabric.powered(machine) or not self.fabric.reachable("outside", machine):
            return _failing((), Fail(TIMED_OUT, "ingress-unreachable", (("Node", "", machine),), delay_us=-1))
        if not runs:
            return _failing((), Fail("connection refused", "ingress-down", (("Node", "", machine),)))
        location = controller.match(users.host, users.path)
        if location is None:
            detail = f"no rule for {users.host}{users.path}"
            return _failing((), Fail("404", "no-route", (("Ingress", "", ""),), detail))
        way: tuple[Hop, ...] = (("Ingress", *location.ingress),)
        service = (location.ingress[0], location.service)
        rule = self._rule_of(machine, service, location.port)
        way = (*way, ("Service", *service))
        if rule is None or not rule.internal(machine):
            code = "no-service" if rule is None else "no-endpoints"
            return _failing(way, Fail("503", code, way))
        asks = Ask(users.method, users.path, CONNECT_TIMEOUT_US, bad_gateway=True)
        return self._balanced(way, machine, rule.internal(machine), asks)

    def _rule_of(self, machine: str, service: tuple[str, str], port: int | str) -> Rule | None:
        for rule in self.fabric.rules(machine).by_name.get(service, ()):
            if port in (rule.port, rule.port_name):
                return rule
        return None

    def _by_node_port(self, entry: Entry) -> Destination:
        machine = entry.machine
        way: tuple[Hop, ...] = (("Node", "", machine),)
        if not self.fabric.powered(machine) or not self.fabric.reachable("outside", machine):
            return _failing(way, Fail(TIMED_OUT, "node-unreachable", way, delay_us=-1))
        rule = self.fabric.rules(machine).node_ports.get((entry.port, "TCP"))
        if rule is None:
            return _failing(way, Fail("connection refused", "no-node-port", way, f"port {entry.port}"))
        return self._by_rule(way, machine, rule, rule.external(machine), self._asks())

    def _by_balancer(self, entry: Entry) -> Destination:
        """A cloud's balancer in front of the nodes: it takes the nodes whose rules have a target (health checks)."""
        way: tuple[Hop, ...] = (("Service", *entry.service),)
        machine = entry.machine
        rule = self._rule_of(machine, entry.service, entry.port)
        if rule is None:
            return _failing(way, Fail("connection refused", "no-service", way))
        return self._by_rule(way, machine, rule, rule.targets, self._asks())

    def _by_rule(
        self, way: tuple[Hop, ...], machine: str, rule: Rule, targets: tuple[Target, ...], asks: Ask
    ) -> Destination:
        way = (*way, ("Service", rule.namespace, rule.name))
        if not targets:
            if rule.targets:
                return _failing(way, Fail(TIMED_OUT, "policy-local", way, delay_us=-1))
            return _failing(way, Fail("connection refused", "no-endpoints", way))
        return self._balanced(way, machine, targets, asks)

    def _balanced(self, way: tuple[Hop, ...], machine: str, targets: tuple[Target, ...], asks: Ask) -> Destination:
        return Destination(way, tuple(self._leg(way, machine, t, asks) for t in targets), timeout_us=asks.timeout_us)

    # -- one replica -------------------------------------------------------------------------------------------

    def _leg(self, way: tuple[Hop, ...], source: str, target: Target, asks: Ask) -> Leg:
        place = self.fabric.at(target.ip, target.port, target.node)
        if place is None:
            return Leg(way, fail=self._refusal(way, asks, "no-such-address", f"nobody has address {target.ip}"))
        hop = place.hop
        if not hop[1] and hop[0] == "Pod":  # nobody there can say whose address it was; the rule can
            hop = ("Pod", next((h[1] for h in reversed(way) if h[0] == "Service"), ""), target.pod or hop[2])
        if not place.powered or not self.fabric.reachable(source, place.machine):
            node: tuple[Hop, ...] = () if hop[0] == "Outside" else (("Node", "", place.machine),)
            way = (*way, *node, hop)
            return Leg(way, fail=_black_hole(way, asks, place.machine))
        way = (*way, hop)
        if place.container is None:
            return Leg(way, fail=self._refusal(way, asks, "no-such-pod", f"address {target.ip} is gone"))
        plan = place.container.plan(target.port, asks.method, asks.path)
        if plan.refused:
            return Leg(way, fail=self._refusal(way, asks, "refused", plan.why or plan.error))
        station = self.fabric.station(place)
        leg = Leg(way, self.fabric.latency_us(source, place.machine), station, plan, target.port, self.users.name)
        if not self._single:
            leg.calls = self._calls(plan, place)
            station.legs.append(leg)
        return leg

    def _refusal(self, way: tuple[Hop, ...], asks: Ask, code: str, detail: str) -> Fail:
        return Fail("502" if asks.bad_gateway else "connection refused", code, way, detail)

    # -- what a container asks for in turn ---------------------------------------------------------------------

    def _calls(self, plan: Plan, place: Place) -> tuple[Destination, ...]:
        made = []
        for call in plan.calls:
            key = (place.machine, place.namespace, call.host, call.port, call.method, call.path)
            if key in self._open or len(self._open) >= DEEPEST:
                continue  # a cycle: it is met at its first entry only (FIDELITY.md)
            found = self._made.get(key)
            if found is None:
                self._open.append(key)
                found = self._made[key] = self._called(call, place)
                self._open.pop()
            made.append(found)
        return tuple(made)

    def _called(self, call: Call, place: Place) -> Destination:
        asks = Ask(call.method, call.path, call.timeout_us)
        made = self._target(call, place, asks)
        made.failure, made.timeout_us = call.failure, call.timeout_us
        return made

    def _target(self, call: Call, place: Place, asks: Ask) -> Destination:
        machine = place.machine
        answer = self.fabric.resolve(machine, place.namespace, call.host)
        if answer is None:
            return _failing((), Fail("no such host", "dns-down", (), call.host, delay_us=CONNECT_TIMEOUT_US))
        if not answer.exists or not (answer.addresses or answer.alias):
            return _failing((), Fail("no such host", "dns", (), call.host))
        if answer.alias:
            return self._outside(machine, answer.alias, call.port, asks)
        rules = self.fabric.rules(machine)
        found = rules.addresses.get((answer.addresses[0], call.port, "TCP"))
        if found is not None:
            return self._by_rule((), machine, found, found.internal(machine), asks)
        if answer.service is not None and answer.addresses[0] in {a for a, _, _ in rules.addresses}:
            way: tuple[Hop, ...] = (("Service", *answer.service),)
            return _failing(way, Fail("connection refused", "no-service-port", way, f"port {call.port}"))
        way = (("Service", *answer.service),) if answer.service else ()
        targets = tuple(Target(ip, call.port, "", "", "") for ip in answer.addresses)
        return self._balanced(way, machine, targets, asks)

    def _outside(self, machine: str, name: str, port: int, asks: Ask) -> Destination:
        return self._balanced((), machine, (Target(name, port, "", "", ""),), asks)


@frozen
class Ask:
    """What is asked, and how the hop before words a failure."""

    method: str
    path: str
    timeout_us: int
    bad_gateway: bool = False  # asked by a proxy, which answers 502 and 504 for what fails behind it


def _failing(way: tuple[Hop, ...], fail: Fail) -> Destination:
    return Destination(way, fail=fail)


def _black_hole(way: tuple[Hop, ...], asks: Ask, machine: str) -> Fail:
    """Packets vanish: it fails when somebody stops waiting, the proxy (504) or the user."""
    detail = f"node {machine} does not answer"
    if asks.bad_gateway:
        return Fail("504", "black-hole", way, detail, CONNECT_TIMEOUT_US)
    return Fail(TIMED_OUT, "black-hole", way, detail, -1)
