"""Follows a sampled request from stop to stop, over the ways that traffic itself has used in the last tick.

A tick's requests are counted, not made one by one. A sample is one of them: its legs are such as had that outcome, its
times are drawn from the distributions with which the stations answered. What decided at a stop was kept when the way
was built (the name's answer, the rule's choice), so that looking asks nobody and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from attrs import define, evolve, field

from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.cluster.picture.facts import answered, canaried, chosen, failed, resolved, work_of
from kubesim_tui.cluster.picture.followed import BORNE, FAILED, OK, Facts, Followed, Sort, Stop, fact
from kubesim_tui.cluster.view import Ref
from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic import settling
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.traffic.lane import Lane
from kubesim_tui.traffic.patience import Patience
from kubesim_tui.traffic.samples import Failure
from kubesim_tui.traffic.traffic import Source, Traffic
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Hop, Leg
from kubesim_tui.world.links import OUTSIDE

KINDS = {"Ingress": "ingress", "Service": "service", "Node": "node", "Pod": "pod", "Outside": "outside"}
MOST_PATHS = 64  # that one failure is looked for on
Path = tuple[tuple[Destination, Leg | None], ...]
"""From the users' destination down to where a request fails: each destination, and which of its legs took it."""


def sorts(traffic: Traffic) -> tuple[Sort, ...]:
    """All that can be followed: of each stream what is served, then its failures, the most frequent first."""
    return tuple(sort for source in traffic.sources() for sort in _of_source(source))


def _of_source(source: Source) -> Iterator[Sort]:
    name, stream = source.name, source.stream
    for lane in source.lanes:
        result = lane.root.result if lane.root is not None else None
        if result is not None and result.ok:
            served = stream.served if len(source.lanes) == 1 else result.ok
            yield Sort(name, lane.users.name, lane.users.method, lane.users.url, count=served)
    groups: dict[tuple[object, ...], list[Failure]] = {}
    for failure in stream.failures.values():
        stops = tuple(hop for hop in failure.fail.way if hop[0] != "Pod")
        groups.setdefault((failure.fail.reason, failure.fail.code, stops), []).append(failure)
    for group in sorted(groups.values(), key=lambda group: -sum(failure.count for failure in group)):
        latest = max(group, key=lambda failure: failure.last)
        yield evolve(sort_of(source, latest), count=sum(failure.count for failure in group))


def sort_of(source: Source, failure: Failure) -> Sort:
    """The sort of requests that fail one way."""
    fail, users = failure.fail, source.users
    return Sort(source.name, "", users.method, users.url, fail.reason, fail.code, fail.way, failure.count, failure.last)


def follow(fabric: Fabric, traffic: Traffic, sort: Sort, number: int) -> Followed | None:
    """A sample of a sort in the last tick; None if none can have been: nothing of it leads there any more."""
    source = next((found for found in traffic.sources() if found.name == sort.stream), None)
    if source is None:
        return None
    begins = source.place.machine if isinstance(source, Generator) else OUTSIDE
    tick = traffic.engine.clock.tick - 1
    draws = Draws.seeded(f"sample/{sort.stream}/{sort.lane}/{sort.code}/{tick}/{number}")
    for lane in source.lanes:
        if lane.root is None or sort.lane not in ("", lane.users.name):
            continue
        if not sort.reason:
            return _Walk(fabric, lane, draws, sort, begins).followed(tick, number)
        paths = list(islice(_paths(lane.root, sort.code, sort.way), MOST_PATHS))
        if paths:
            asked = evolve(sort, url=lane.users.url, method=lane.users.method)
            return _Walk(fabric, lane, draws, asked, begins, paths[number % len(paths)]).followed(tick, number)
    return None


def only_way(sort: Sort) -> Followed:
    """What is left of a failure that nobody looked into while it happened: where it went, and how it ended."""
    stops = [Stop("user", sort.stream, state=FAILED, facts=(fact("asks", method=sort.method, url=sort.url),))]
    for hop in sort.way:
        stops.append(Stop(KINDS.get(hop[0], "node"), hop[2], ref=_ref(hop)))
    stops[-1] = evolve(stops[-1], state=FAILED, facts=(*stops[-1].facts, fact("failed", reason=sort.reason)))
    return Followed(sort, sort.last, 0, sort.reason, 0, tuple(stops), whole=False)


def _paths(destination: Destination, code: str, way: tuple[Hop, ...]) -> Iterator[Path]:
    """Every path down the tree that ends as a failure of this code does, with this way behind it."""
    fail = destination.fail
    if fail is not None and (fail.code, fail.way) == (code, way):
        yield ((destination, None),)
    for leg in destination.legs:
        if leg.fail is not None:
            if (leg.fail.code, leg.fail.way) == (code, way):
                yield ((destination, leg),)
        elif way[: len(leg.way)] == leg.way:
            rest = way[len(leg.way) :]
            below = [path for called in leg.calls if called.failure for path in _paths(called, code, rest)]
            yield from (((destination, leg), *path) for path in below)
            if not rest and not below:
                yield ((destination, leg),)
    if code == "slow" and destination.legs and destination.way == way:
        yield ((destination, destination.legs[0]),)


@define
class _Walk:
    """One request on its way. `path` leads to its failure; empty: it is served."""

    fabric: Fabric
    lane: Lane
    draws: Draws
    sort: Sort
    begins: str  # the machine where it does, or "outside"
    path: Path = ()
    stops: list[Stop] = field(factory=list)
    status: int = 200  # of the last plan that answered

    def followed(self, tick: int, number: int) -> Followed:
        """Walk it all."""
        users, root = self.lane.users, self.lane.root
        assert root is not None
        facts = (fact("asks", method=users.method, url=users.url), fact("timeout", ms=users.timeout_us // 1000))
        self.stops.append(Stop("user", self.sort.stream, facts=facts))
        took, fail = self._destination(root, self.path, 0, 0, self.begins)
        took += root.far_us
        if fail is not None:
            took = min(took, users.timeout_us)
        status = self.sort.reason or str(self.status)
        state = FAILED if fail is not None else OK
        self.stops[0] = evolve(self.stops[0], took_us=took, state=state)
        self.stops.append(Stop("answer", status, begins_us=took, state=state, facts=(answered(status, took),)))
        return Followed(self.sort, tick, number, status, took, tuple(self.stops))

    def _destination(self, to: Destination, path: Path, at: int, depth: int, asker: str) -> tuple[int, Fail | None]:
        """Ask for something from `at` µs on: how long it takes, and how it fails if it does."""
        on_path = bool(path) and path[0][0] is to
        leg = path[0][1] if on_path else self._leg(to)
        here = asker if to.call is not None or leg is None else leg.asker  # callers for whom all is alike share legs
        first = len(self.stops)
        if to.call is not None:
            self.stops.append(Stop("dns", to.call.host, asker, depth, at, facts=resolved(self.fabric, to, asker)))
        self._hops(to, leg, here, at, depth)
        fail = to.fail if leg is None else leg.fail
        took, limit = 0, to.timeout_us or self.lane.users.timeout_us
        if leg is not None and fail is None:
            took, fail = self._serve(leg, path[1:] if on_path else (), at, depth, ends=on_path and len(path) == 1)
        if fail is not None and (fail.delay_us or not took):
            took = fail.lasts(limit)
        self._end(first, at, took, fail, depth)
        return took, fail

    def _leg(self, to: Destination) -> Leg | None:
        """One of the legs that had a request that was well, else of all; as often as they had."""
        if to.fail is not None or not to.legs:
            return None
        result = to.result
        well = settling.well(result) if result is not None else []
        legs = well or [(leg, 1) for leg in to.legs if leg.fail is None] or [(leg, 1) for leg in to.legs]
        at = self.draws.below(sum(n for _, n in legs))
        for leg, n in legs:
            at -= n
            if at < 0:
                return leg
        return None

    def _hops(self, to: Destination, leg: Leg | None, here: str, at: int, depth: int) -> None:
        """The stops of a leg's way, each with what decided there."""
        way: Sequence[Hop] = leg.way if leg is not None else to.fail.way if to.fail is not None else to.way
        if to.call is None and way and way[0][0] == "Service" and leg is not None:
            self._add("balancer", self.lane.users.host, "", depth, at, facts=(fact("balanced", machine=here),))
        for before, hop, after in zip([None, *way[:-1]], way, [*way[1:], None], strict=False):
            kind, name = KINDS.get(hop[0], "node"), hop[2]
            if leg is None or kind == "outside":
                self._add(kind, name, "", depth, at, hop)
            elif kind == "ingress":
                facts = (fact("routed", host=self.lane.users.host, service=after[2] if after else ""),)
                self._add(kind, name, here, depth, at, hop, (*facts, *canaried(leg)))
            elif kind == "service":
                self._add(kind, name, "", depth, at, hop)
                if before is None or before[0] != "Ingress":  # whose controller chooses the Pod itself
                    self._add("rule", name, here, depth, at, hop, chosen(self.fabric, leg, hop[1:], here))
            elif kind == "pod":
                self._tried(leg, at, depth)
                self._link(leg, here, at, depth)
                self._add(kind, name, _machine(leg), depth, at, hop)
            elif after is None or after[0] != "Pod":  # a node that does not answer is where the link leads
                self._add(kind, name, name, depth, at, hop)

    def _tried(self, leg: Leg, at: int, depth: int) -> None:
        """The Pods that the ingress controller had asked before, in vain."""
        for n, before in enumerate(leg.tried, 1):
            fail, hop = before.fail, before.way[-1]
            took = before.network_us
            if fail is None:
                assert before.plan is not None
                fail, took = Fail(str(before.plan.status), before.plan.code, before.way), took + before.plan.service_us
            took = fail.delay_us or took
            facts = (fact("tried", n=n), *failed(fail))
            kind, ref = KINDS.get(hop[0], "node"), _ref(hop)
            self.stops.append(Stop(kind, hop[2], _machine(before), depth, at, took, BORNE, ref, facts))
            at += took

    def _add(
        self, kind: str, name: str, machine: str, depth: int, at: int, hop: Hop | None = None, facts: Facts = ()
    ) -> None:
        self.stops.append(Stop(kind, name, machine, depth, at, ref=_ref(hop) if hop else None, facts=facts))

    def _link(self, leg: Leg, here: str, at: int, depth: int) -> None:
        there = _machine(leg)
        if there and (there != here or leg.network_us):
            facts = (fact("link", a=here, b=there),)
            self.stops.append(Stop("link", there, here, depth, at, leg.network_us, facts=facts))

    def _serve(self, leg: Leg, path: Path, at: int, depth: int, ends: bool) -> tuple[int, Fail | None]:
        """The container's own work and what it calls, one after the other."""
        place = len(self.stops) - 1
        own, facts = work_of(leg, self.draws)
        self.stops[place] = evolve(self.stops[place], facts=facts)
        now = at + leg.network_us // 2 + own
        back = leg.network_us - leg.network_us // 2 - at
        if ends:
            return now + back, self._own_failure(leg, depth)
        for called in leg.calls:
            first = len(self.stops)
            took, fail = self._destination(called, path, now, depth + 1, _machine(leg))
            now += took
            if fail is not None and called.failure:
                return now + back, Fail(str(called.failure), fail.code, leg.way + fail.way, fail.detail)
            if fail is not None:
                for n in range(first, len(self.stops)):
                    state = BORNE if self.stops[n].state == FAILED else self.stops[n].state
                    self.stops[n] = evolve(self.stops[n], state=state)
        if leg.plan is not None and leg.plan.status >= 400:
            return now + back, self._own_failure(leg, depth)
        self.status = leg.plan.status if leg.plan is not None else self.status
        return now + back, None

    def _own_failure(self, leg: Leg, depth: int) -> Fail:
        """How a request fails in a container that was reached."""
        plan, code = leg.plan, self.sort.code
        if plan is not None and plan.status >= 400:
            return Fail(str(plan.status), plan.code, leg.way, plan.why)
        if code == "slow" and isinstance(leg.wire, Patience) and leg.wire.fail.reason == self.sort.reason:
            return leg.wire.fail
        if code == "slow":
            return Fail(TIMED_OUT, code, leg.way, delay_us=-1)
        return Fail(self.sort.reason if not depth else "500" if plan and plan.errors_pm else "503", code, leg.way)

    def _end(self, first: int, at: int, took: int, fail: Fail | None, depth: int) -> None:
        """The stops of this destination last until its answer is back; the last one says how it failed."""
        own = [n for n in range(first, len(self.stops)) if self.stops[n].depth == depth]
        for n in own:
            if self.stops[n].kind not in ("link", "dns") and self.stops[n].state != BORNE:
                self.stops[n] = evolve(self.stops[n], begins_us=at, took_us=took)
        if fail is None:
            return
        last = own[-1] if own else len(self.stops) - 1
        below = any(stop.state == FAILED for stop in self.stops[last + 1 :])
        said = (fact("passes", status=fail.reason),) if below else failed(fail)
        self.stops[last] = evolve(self.stops[last], state=FAILED, facts=(*self.stops[last].facts, *said))


def _machine(leg: Leg) -> str:
    """Where a leg ends."""
    return leg.station.machine if leg.station is not None else leg.target.node if leg.target is not None else ""


def _ref(hop: Hop) -> Ref | None:
    return Ref(*hop) if hop[0] in ("Ingress", "Service", "Pod", "Node") else None
