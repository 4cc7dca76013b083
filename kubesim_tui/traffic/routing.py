"""Who answers: builds the tree of ways for one stream of users, as the cluster's own tables say it *now*.

Nothing here looks at the store: outside names lead to a balancer or a node port; a Pod of the ingress controller sends
on as its configuration says; a Service's address means what the rules of *that* machine say; a name means what DNS
answers; a Pod's address leads to a container if there is one, and into nothing if there is none.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.ruleset import Rule, Target, Targets
from kubesim_tui.traffic import gate, sparing, wire
from kubesim_tui.traffic.ask import Ask, Way, black_hole, dropped, refusal, region_away, silence
from kubesim_tui.traffic.gate import Gate
from kubesim_tui.traffic.guarded import failing
from kubesim_tui.traffic.lookup import Lookups, unanswered
from kubesim_tui.traffic.network import Entry, Fabric, Place, Spot
from kubesim_tui.traffic.nginx import Front, front
from kubesim_tui.traffic.pool import Pools
from kubesim_tui.traffic.proxied import Proxied, mixture
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.station import TICK_US
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Leg, Station
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.net import Headers
from kubesim_tui.world.plan import Call, Plan

DEEPEST = 8
LOOPBACK = ("localhost", "127.0.0.1")
SECURE_TRIPS = 3
"""Round trips of a request by https over a connection of its own: TCP, TLS 1.3, and the request."""


@frozen
class Lead:
    """What the host and port of a call amount to where it is made. `who`: it holds only for this caller or machine."""

    answer: Answer | None
    rule: Rule | None = None
    who: str = ""


class Router(Proxied):
    """Builds one tree. A destination is made once a spot and call, so that callers share it."""

    def __init__(
        self,
        fabric: Fabric,
        users: Users,
        pools: Pools | None = None,
        headers: Headers = (),
        *,
        follows: bool = True,
    ) -> None:
        """`headers`: of the requests, if it is known that they have any; `follows`: who asks goes where he is sent."""
        self.headers, self.follows, self.moved = dict(headers), follows, False
        self.fabric, self.users, self.pools = fabric, users, pools
        self._lookups = Lookups(fabric, self._balanced)
        self._made: dict[tuple[Any, ...], Destination] = {}
        self._open: list[tuple[Call, Answer | None]] = []
        self._single = False

    def root(self) -> Destination:
        """Where the users' requests go."""
        users = self.users
        region = self.fabric.region(users.region) if users.region else None
        if region is not None and region.cut:
            return _region_cut(users.region)
        entry = self.fabric.entry(users.host, users.port)
        root = self._from(entry)
        if users.connections and self.pools is not None and all(hop[0] != "Ingress" for hop in root.way):
            at = entry.machine or next(iter(entry.machines), OUTSIDE)
            again = partial(self._again, self.fabric.spot(at), self._asks(at))
            self.pools.get((users.name,), users.connections, users.renew_us // TICK_US).settle_on(root, again)
        if region is not None:
            zones = [self.fabric.spot(one).zone for one in entry.machines or (entry.machine,)]
            trips = users.trips + (SECURE_TRIPS if self.moved else 0)
            root.far_us = trips * min(region.trip_us(zone) for zone in zones)
        connects = None if users.connections else gate.of_users(self.fabric, entry, root, users.per_connection)
        root.gate = self._front(root, connects)  # the connections of a pool are open already
        return root

    def _front(self, found: Destination, connects: Gate | None) -> Gate | Front | None:
        """What stands before a destination: an ingress controller, and behind that what new connections need."""
        if all(nginx is None for nginx, _ in found.through):
            return connects
        return front(found, self.fabric.station, self.users, connects, self.fabric.draws, self.fabric.zones)

    def _from(self, entry: Entry) -> Destination:
        users = self.users
        outside: Way = (("Outside", "", users.host),)
        if entry.kind == "none":
            return failing(Fail("no such host", "dns-outside", outside, entry.detail))
        if entry.kind == "unassigned":
            return failing(Fail(TIMED_OUT, "unassigned", outside, entry.detail, -1))
        if entry.kind == "node":
            return self._by_node_port(entry)
        if entry.kind == "barred":
            return failing(Fail(TIMED_OUT, "source-ranges", (("Service", *entry.service),), entry.detail, -1))
        if entry.kind == "balancer":
            return self._by_balancer(entry)
        return self._balanced((), self.fabric.spot(OUTSIDE), (Target(users.host, users.port),), self._asks())

    def single(self, call: Call, machine: str, container: Any) -> Destination:
        """Where one request of a container leads; nothing is made of what is called in turn."""
        self._single = True
        place = Place(machine, True, container, ("Pod", "", ""))
        lead = self._lead(call, place)
        found = self._to(call, place, lead)
        found.gate = gate.of_call(self.fabric, call, place, lead.answer, found)
        return found

    # -- the ways in -------------------------------------------------------------------------------------------

    def _by_node_port(self, entry: Entry) -> Destination:
        machine = entry.machine
        way: Way = (("Node", "", machine),)
        if not self.fabric.powered(machine) or not self.fabric.reachable(OUTSIDE, machine):
            return failing(Fail(TIMED_OUT, "node-unreachable", way, delay_us=-1))
        spot = self.fabric.spot(machine)
        rule = spot.rules.node_ports.get((entry.port, "TCP"))
        if rule is not None:
            asks = self._asks(OUTSIDE if rule.external_local else machine)
            return self._by_rule(way, spot, rule, rule.external(machine, spot.zone), asks, machine)
        mapped = self.fabric.mapped(machine, entry.port)
        if mapped is not None:
            return self._balanced(way, spot, (mapped,), self._asks())
        place = self.fabric.at(self.users.host, entry.port, machine)
        if place is None or place.container is None:
            return failing(Fail("connection refused", "no-node-port", way, f"port {entry.port}"))
        return self._balanced(way, spot, (Target(self.users.host, entry.port, machine),), self._asks())

    def _by_balancer(self, entry: Entry) -> Destination:
        """A cloud's balancer in front of the nodes: each of those that it believes well gets the same share."""
        way: Way = (("Service", *entry.service),)
        if not entry.machines:
            node: Way = tuple([("Node", "", host) for host in entry.hosts[:1]])
            return failing(Fail(TIMED_OUT, "no-healthy-node", (*way, *node), delay_us=-1))
        alike: dict[tuple[Any, ...], list[str]] = {}
        for machine in entry.machines:
            reached = self.fabric.powered(machine) and self.fabric.reachable(OUTSIDE, machine)
            alike.setdefault(_behind(self.fabric, entry, machine) if reached else (machine,), []).append(machine)
        return mixture(way, [(len(group), partial(self._by_node, entry, group[0])) for group in alike.values()])

    def _by_node(self, entry: Entry, machine: str) -> Destination:
        """What a balancer sends to one node."""
        way: Way = (("Service", *entry.service),)
        if not self.fabric.powered(machine) or not self.fabric.reachable(OUTSIDE, machine):
            return failing(Fail(TIMED_OUT, "node-unreachable", (*way, ("Node", "", machine)), delay_us=-1))
        spot = self.fabric.spot(machine)
        rule = _rule_of(spot, entry.service, entry.port)
        if rule is None:
            there = (*way, ("Node", "", machine))
            return failing(Fail("connection refused", "no-service-port", there, f"port {entry.port}"))
        asks = self._asks(OUTSIDE if rule.external_local else machine)
        return self._by_rule((), spot, rule, rule.external(machine, spot.zone), asks, machine)

    def _by_rule(self, way: Way, spot: Spot, rule: Rule, targets: Targets, asks: Ask, machine: str) -> Destination:
        way = (*way, ("Service", rule.namespace, rule.name))
        if not targets:
            if rule.targets:
                return failing(Fail(TIMED_OUT, "policy-local", way, _local(machine), delay_us=-1))
            return failing(Fail("connection refused", "no-endpoints", way))
        return self._by_proxy(way, spot, targets, asks)

    def _by_proxy(self, way: Way, spot: Spot, targets: Targets, asks: Ask) -> Destination:
        found = self._balanced(way, spot, targets, asks)
        by_ingress = bool(found.way) and found.way[0][0] == "Ingress"  # nginx takes turns, whatever kube-proxies do
        if len(found.legs) > 1 and not by_ingress and not found.groups:
            found.draws = self.fabric.draws
        return found

    def _balanced(self, way: Way, spot: Spot, targets: Targets, asks: Ask) -> Destination:
        proxies = self.fabric.proxies()
        if proxies and any(target.ip in proxies for target in targets):
            return self._proxied(way, spot, targets, asks)
        legs = tuple(self._leg(way, spot, target, asks) for target in targets)
        for leg, target in zip(legs, targets, strict=True):
            leg.asker, leg.target = spot.machine, target
        uses = {id(called): called for leg in legs for called in leg.calls}
        return Destination(way, legs, uses=tuple(uses.values()), wired=any(leg.wire is not None for leg in legs))

    # -- one replica -------------------------------------------------------------------------------------------

    def _leg(self, way: Way, spot: Spot, target: Target, asks: Ask) -> Leg:
        met = self._met(way, spot, target, asks)
        if isinstance(met, Leg):
            return met
        way, place = met
        plan = place.container.plan(target.port, asks.method, asks.path)
        if plan.refused:
            why = plan.why or plan.error
            silent = plan.error == TIMED_OUT
            return Leg(way, fail=silence(way, asks, plan.code, why) if silent else refusal(way, asks, plan.code, why))
        return self._serving(way, spot, target, place, plan, asks)

    def _met(self, way: Way, spot: Spot, target: Target, asks: Ask) -> tuple[Way, Place] | Leg:
        """The container at an address, and the way there; or how it fails to be reached."""
        place = self.fabric.at(target.ip, target.port, target.node)
        if place is None:
            if target.pod:
                way = (*way, ("Pod", _namespace(way), target.pod))
            return Leg(way, fail=refusal(way, asks, "no-such-address", f"nobody has address {target.ip}"))
        hop = place.hop
        if hop[0] == "Pod" and not hop[1]:  # nobody there can say whose address it was; the rule can
            hop = ("Pod", _namespace(way), target.pod or hop[2])
        if not place.powered or not self.fabric.reachable(spot.machine, place.machine):
            node: Way = () if hop[0] == "Outside" else (("Node", "", place.machine),)
            return Leg((*way, *node, hop), fail=black_hole((*way, *node, hop), asks, place.machine))
        way = (*way, hop)
        denial = self.fabric.bars(asks.origin, place, target.port, asks.protocol) if asks.origin is not None else None
        if denial is not None:
            return Leg(way, fail=dropped(way, asks, denial))
        if place.container is None:
            return Leg(way, fail=refusal(way, asks, "no-such-pod", f"address {target.ip} is gone"))
        return way, place

    def _serving(self, way: Way, spot: Spot, target: Target, place: Place, plan: Plan, asks: Ask) -> Leg:
        station = self.fabric.station(place)
        leg = Leg(way, self.fabric.latency_us(spot, place.machine), station, plan, target.port, self.users.name)
        leg.fine = plan.status < 400 and not plan.errors_pm and (plan.store is None or plan.store.verb != "append")
        leg.fine = leg.fine and (plan.queue is None or not plan.queue.publishes)
        users = leg.direct = not self._open and not self._single
        leg.proxy = asks.proxy
        laid = wire.of_leg(self.fabric, leg, spot.machine, asks.container, place, users=users)
        if laid is not None:
            leg.wire, leg.fine = laid.fails_as(black_hole(way, asks, place.machine)), False
        if not self._single:
            leg.calls = self._calls(plan, place)
            station.legs.append(leg)
        return leg

    def work(self, plan: Plan, place: Place, station: Station) -> Destination:
        """What a container does of its own accord: a way that begins and ends in it."""
        fine = plan.status < 400 and not plan.errors_pm
        leg = Leg((place.hop,), 0, station, plan, users=self.users.name, fine=fine)
        leg.calls = self._calls(plan, place)
        station.legs.append(leg)
        return Destination(leg.way, (leg,), uses=leg.calls)

    # -- what a container asks for in turn ---------------------------------------------------------------------

    def _calls(self, plan: Plan, place: Place) -> tuple[Destination, ...]:
        made: list[Destination] = []
        for call in plan.calls:
            lead = self._lead(call, place)
            mark = (call, lead.answer)
            if mark in self._open or len(self._open) >= DEEPEST:
                continue  # a cycle: it is met at its first entry only (FIDELITY.md)
            face = self.fabric.face(self.fabric.origin(place.machine, place.container))
            opens = opens_for_each(call, place.container)
            own = opens or call.connections or call.breaker or place.container.sandbox.netem is not None
            own = own or (call.cache is not None and not call.cache.host)
            who = place.container.id if own else lead.who
            key = (*mark, self.fabric.spot(place.machine).key, who, face)
            found = self._made.get(key)
            if found is None:
                self._open.append(mark)
                found = self._made[key] = self._to(call, place, lead)
                found.failure, found.timeout_us = call.failure, call.timeout_us
                if call.connections and self.pools is not None:
                    self._keep(call, place, found, self.pools)
                connects = gate.of_call(self.fabric, call, place, lead.answer, found) if opens else None
                found.gate = sparing.before(call, found, place.container, made, self._front(found, connects))
                found.call, found.answer = call, lead.answer
                self._open.pop()
            asked = self._lookups.before(call, place, lead.answer, face) if opens and found.fail is None else None
            made += [found] if asked is None else [asked, found]
        return tuple(made)

    def _keep(self, call: Call, place: Place, found: Destination, pools: Pools) -> None:
        """A caller's connections stay with the Pods that they were opened to."""
        to = (self.users.name, place.container.id, call.host, call.port, call.method, call.path)
        again = partial(self._again, self.fabric.spot(place.machine), self._asked_by(place, call))
        pools.get(to, call.connections, call.renew_us // TICK_US).settle_on(found, again)

    def _again(self, spot: Spot, asks: Ask, old: Leg) -> Leg:
        """Where a connection leads that was opened before."""
        return self._leg(old.way[:-1], spot, _end(old), asks)

    def _lead(self, call: Call, place: Place) -> Lead:
        if call.host in LOOPBACK:
            return Lead(Answer(call.host, (LOOPBACK[1],)), who=place.container.id if place.container else "")
        answer = self.fabric.resolve(place.machine, place.container, call.host)
        if answer is None or not answer.addresses:
            return Lead(answer)
        rule = self.fabric.spot(place.machine).rules.addresses.get((answer.addresses[0], call.port, "TCP"))
        if rule is not None and rule.affinity_seconds and place.container is not None:
            return Lead(answer, rule, place.container.id)
        return Lead(answer, rule, place.machine if rule is not None and rule.by_node else "")

    def _to(self, call: Call, place: Place, lead: Lead) -> Destination:
        asks, spot, answer = self._asked_by(place, call), self.fabric.spot(place.machine), lead.answer
        if answer is None:
            return failing(unanswered(self.fabric, place, call.host))
        if not answer.addresses and not answer.alias:
            code, detail = ("dns-failed", f"{call.host}: {answer.failure}") if answer.failure else ("dns", call.host)
            return failing(Fail("no such host", code, (), detail))
        if answer.alias:
            return self._balanced((), spot, (Target(answer.alias, call.port),), asks)
        if answer.addresses[0] == LOOPBACK[1]:
            own = place.container.sandbox.ip if place.container is not None else ""
            return self._balanced((), spot, (Target(own, call.port, place.machine),), asks)
        if lead.rule is not None:
            targets = lead.rule.internal(place.machine, spot.zone)
            make = partial(self._by_rule, (), spot, lead.rule, asks=asks, machine=place.machine)
            if not lead.rule.affinity_seconds or not lead.who or not targets:
                return make(targets=targets)
            source, proxies = place.container.sandbox.ip or place.machine, self.fabric.proxies()
            alone = self._single or call.connections > 0 or any(target.ip in proxies for target in targets)
            return self.fabric.affinity.to(lead.rule, source, targets, make, alone=alone)
        return self._to_addresses(call, spot, answer, asks)

    def _to_addresses(self, call: Call, spot: Spot, answer: Answer, asks: Ask) -> Destination:
        """Addresses that no rule is about: of Pods (a headless Service), of a node, or a Service's other port."""
        way: Way = (("Service", *answer.service),) if answer.service else ()
        first = answer.addresses[0]
        node = self.fabric.node_at(first)
        rule = self.fabric.spot(node).rules.node_ports.get((call.port, "TCP")) if node else None
        if rule is not None:
            return self._by_rule((("Node", "", node),), spot, rule, rule.external(node, spot.zone), asks, node)
        mapped = self.fabric.mapped(node, call.port) if node else None
        if mapped is not None:
            return self._balanced((("Node", "", node),), spot, (mapped,), asks)
        known: dict[str, Target] = {}
        for one in spot.rules.by_name.get(answer.service, ()) if answer.service else ():
            known.update((t.ip, t) for t in (*one.leaving, *one.ready))
        if way and any(ip == first for ip, _, _ in spot.rules.addresses):
            wrong = Fail("connection refused", "no-service-port", way, f"port {call.port}")
            return failing(wrong if self.fabric.mode.refuses else evolve(wrong, reason=TIMED_OUT, delay_us=-1))
        unknown = Target("", 0, node)
        targets = tuple(evolve(known.get(ip, unknown), ip=ip, port=call.port) for ip in answer.addresses)
        return self._balanced(way, spot, targets, asks)


def opens_for_each(call: Call, container: Any) -> bool:
    """Whether each request of a call opens a connection."""
    leaks = container.sockets is not None and container.sockets.leaves is not None
    return not call.keepalive or leaks or bool(container.lookups)


def _behind(fabric: Fabric, entry: Entry, machine: str) -> tuple[Any, ...]:
    """What tells the machines of a balancer apart: where they send to, and as whom."""
    spot = fabric.spot(machine)
    rule = _rule_of(spot, entry.service, entry.port)
    targets = rule.external(machine, spot.zone) if rule is not None else ()
    apart = machine if any(fabric.configuration(one).table.asks_who for one in fabric.proxies().values()) else ""
    return spot.key, targets, fabric.face(fabric.origin(machine, None)), apart


def _end(leg: Leg) -> Target:
    """The address at the end of a leg that leads to a container."""
    assert leg.station is not None
    return Target(leg.station.container.sandbox.ip, leg.port, leg.station.machine, pod=leg.way[-1][2])


def _region_cut(region: str) -> Destination:
    return failing(region_away(region, f"nothing gets from region {region} to the data centre"))


def _rule_of(spot: Spot, service: tuple[str, str], port: int | str) -> Rule | None:
    rules = spot.rules.by_name.get(service, ())
    return next((rule for rule in rules if port in (rule.port, rule.port_name)), None)


def _namespace(way: Way) -> str:
    return next((hop[1] for hop in reversed(way) if hop[0] == "Service"), "")


def _local(machine: str) -> str:
    return f"no endpoint on node {machine}, and the policy is Local"
